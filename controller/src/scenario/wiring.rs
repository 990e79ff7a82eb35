//! Whether what arrives at the inputs of a model is what it needs.

use shared::model::{Input, ModelType, Need, Section, SectionPolicy};
use shared::value::{Kind, Origin, Value};

use super::arrangement::{Arrangement, Feed};
use super::attributes::{Published, with_article};
use super::feeding::Feeding;
use super::links::Link;
use super::models::Candidate;
use super::problem::{Position, Problems};
use super::values::yaml;

/// Checks what arrives at the inputs of a model.
pub(super) fn check(
    candidate: &Candidate,
    arrangement: &Arrangement,
    links: &[Link],
    problems: &mut Problems,
) {
    let Some(model_type) = &candidate.model_type else {
        return;
    };
    for &(loser, winner) in &arrangement.superseded {
        warn_of_superseded(&links[loser], &links[winner], problems);
    }
    for feed in &arrangement.feeds {
        if let Some(input) = model_type.inputs.get(feed.input) {
            warn_of_unused(model_type, input, feed, links, problems);
            check_feed(input, feed, links, problems);
        }
    }
}

fn warn_of_superseded(loser: &Link, winner: &Link, problems: &mut Problems) {
    let is_same = loser.from_text == winner.from_text;
    if is_same && loser.published.is_some_and(|p| p.origin == Origin::Output) {
        // That is a split output, which is an error.
        return;
    }
    let (target, line) = (&loser.to_text, winner.position.line);
    let message = if !is_same {
        format!(
            "{} has no effect: of several attributes of one model into one input only the last \
             counts, here '{}' (line {line}); to add them up, send one of them through another \
             model",
            loser.label, winner.from_text
        )
    } else if loser.shifted != winner.shifted {
        format!(
            "{} has no effect, because '{target}' gets '{}' {} time shift as well (line {line}); \
             remove one of them",
            loser.label,
            winner.from_text,
            if winner.shifted == Some(true) {
                "with a"
            } else {
                "without a"
            },
        )
    } else {
        format!(
            "{} is there again in line {line}; remove one of them",
            loser.label
        )
    };
    problems.warning("superseded_connection", loser.position, message);
}

/// Tells of connections that change nothing, because the type has the input for the sake of the
/// Python Illuminator only.
fn warn_of_unused(
    model_type: &ModelType,
    input: &Input,
    feed: &Feed,
    links: &[Link],
    problems: &mut Problems,
) {
    if input.need != Need::Unused {
        return;
    }
    for link in feed.links.iter().map(|place| &links[*place]) {
        let message = format!(
            "{} changes nothing: the type '{}' does not use its input '{}'{}; remove the connection, \
             or choose a type that uses it",
            link.label,
            model_type.name,
            input.name,
            described(input)
        );
        problems.warning(
            format!("unused_input:{}", input.name),
            link.to_position,
            message,
        );
    }
}

/// A connection whose source is known.
type Sourced<'a> = (&'a Link, Published);

fn check_feed(input: &Input, feed: &Feed, links: &[Link], problems: &mut Problems) {
    let mut places = feed.links.clone();
    places.sort_unstable();
    let links = places.iter().map(|place| &links[*place]);
    let sources: Vec<Sourced<'_>> = links
        .filter_map(|link| Some((link, link.published?)))
        .collect();
    let Some((first, published)) = sources.first() else {
        return;
    };
    let other = sources.iter().find(|(_, p)| p.origin != published.origin);
    if let Some((link, p)) = other {
        let message = format!(
            "{}: '{}' is {} and '{}' (line {}) is {}; into one input go either outputs, which \
             are added, or states",
            link.label,
            link.from_text,
            with_article(p.origin),
            first.from_text,
            first.position.line,
            with_article(published.origin)
        );
        problems.error("mixed_origins", link.position, message);
        return;
    }
    let mismatches = match published.origin {
        Origin::Output => mismatched_outputs(input.kind, &sources),
        Origin::State => mismatched_states(input.kind, &sources),
    };
    for (link, why) in mismatches {
        let code = format!("type_mismatch:{}", input.name);
        problems.error(code, link.position, format!("{}: {why}", link.label));
    }
}

fn mismatched_outputs<'a>(wanted: Kind, sources: &[Sourced<'a>]) -> Vec<(&'a Link, String)> {
    let no_number = |(link, p): &Sourced<'a>| {
        let why = || {
            format!(
                "outputs are added, and '{}' is a {}",
                link.from_text, p.kind
            )
        };
        (!Kind::Number.accepts(p.kind)).then(|| (*link, why()))
    };
    let mut mismatches: Vec<_> = sources.iter().filter_map(no_number).collect();
    if let Some((first, _)) = sources.first()
        && !wanted.accepts(Kind::Number)
    {
        let why = format!(
            "'{}' wants a {wanted} and gets an output, which is a number",
            first.to_text
        );
        mismatches.push((first, why));
    }
    mismatches
}

fn mismatched_states<'a>(wanted: Kind, sources: &[Sourced<'a>]) -> Vec<(&'a Link, String)> {
    match sources {
        [(link, p)] if !wanted.accepts(p.kind) => {
            let Link {
                from_text, to_text, ..
            } = link;
            let why = format!(
                "'{to_text}' wants a {wanted} and '{from_text}' is a {}",
                p.kind
            );
            vec![(link, why)]
        }
        [(first, _), (second, _), ..] if !wanted.accepts(Kind::List) => {
            let why = format!(
                "'{}' wants a {wanted}, and together with '{}' (line {}) it gets a list, because \
                 several states arrive as a list; connect one of them only",
                second.to_text, first.from_text, first.position.line
            );
            vec![(second, why)]
        }
        _ => Vec::new(),
    }
}

/// The first value of a time-shifted connection into this input: the scenario's, or that of the
/// type where it merges its sections. The position is that of the scenario's.
pub(super) fn initial_value(
    candidate: &Candidate,
    model_type: &ModelType,
    input: &Input,
) -> Option<(Value, Option<Position>)> {
    match candidate.entry.find(Section::Inputs, &input.name) {
        Some(given) => Some((given.value.clone(), Some(given.position))),
        None if model_type.sections == SectionPolicy::Merge => {
            Some(((&input.initial).into(), None))
        }
        None => None,
    }
}

/// Checks that time-shifted connections into a model have something to deliver at the first tick.
pub(super) fn check_initial_values(
    candidate: &Candidate,
    arrangement: &Arrangement,
    links: &[Link],
    problems: &mut Problems,
) {
    let Some(model_type) = &candidate.model_type else {
        return;
    };
    if candidate.entry.is_broken(Section::Inputs) {
        return;
    }
    let lost = arrangement.superseded.iter().map(|(loser, _)| *loser);
    let fed = arrangement.feeds.iter().flat_map(|feed| &feed.links);
    let mut places: Vec<usize> = lost.chain(fed.copied()).collect();
    places.sort_unstable();
    for place in places {
        let link = &links[place];
        if link.shifted != Some(true) {
            continue;
        }
        let Some(input) = link.input().and_then(|input| model_type.inputs.get(input)) else {
            continue;
        };
        let alone = arrangement
            .feeds
            .iter()
            .any(|feed| feed.links.as_slice() == [place]);
        check_initial_value(candidate, model_type, input, link, alone, problems);
    }
}

fn check_initial_value(
    candidate: &Candidate,
    model_type: &ModelType,
    input: &Input,
    link: &Link,
    alone: bool,
    problems: &mut Problems,
) {
    let name = &input.name;
    let label = &candidate.entry.label;
    let Some((value, position)) = initial_value(candidate, model_type, input) else {
        let message = format!(
            "{} is time-shifted and needs a value for the first step; add '{name}: {}' under \
             'inputs' of {label}",
            link.label,
            yaml(&(&input.initial).into())
        );
        problems.error(format!("missing_initial:{name}"), link.to_position, message);
        return;
    };
    let position = position.unwrap_or(link.to_position);
    let code = format!("type_mismatch:{name}");
    let wanted = match link.published.map(|p| p.origin) {
        Some(Origin::Output) if !Kind::Number.accepts(value.kind()) => Kind::Number,
        Some(Origin::State) if alone && !input.kind.accepts(value.kind()) => input.kind,
        _ => return,
    };
    let message = format!(
        "{label}: '{name}' under 'inputs' is the first value of {}, so it must be a {wanted}, \
         not {}",
        link.label,
        yaml(&value)
    );
    if value == Value::Null && link.published.is_some_and(|p| p.origin == Origin::State) {
        problems.warning(code, position, message);
    } else {
        problems.error(code, position, message);
    }
}

/// Checks that everything a model needs is connected. An input is fed where any connection leads
/// into it, be that right or wrong otherwise, and where one that cannot be read may do so.
pub(super) fn check_needs(
    candidate: &Candidate,
    model: usize,
    feeding: &Feeding,
    problems: &mut Problems,
) {
    let Some(model_type) = &candidate.model_type else {
        return;
    };
    let (label, position) = (&candidate.entry.label, candidate.entry.position);
    for (place, input) in model_type.inputs.iter().enumerate() {
        if feeding.may_feed(model, place, &input.name) {
            continue;
        }
        let name = &input.name;
        let what = described(input);
        let required = candidate
            .instance
            .as_ref()
            .and_then(|instance| Some(instance.requires(instance.input_slot(name)?)))
            .unwrap_or(input.need == Need::Required);
        if required {
            let message = format!(
                "{label}: nothing is connected to its input '{name}'{what}, which it needs; \
                 add a connection to '{}.{name}'",
                candidate.entry.name.as_deref().unwrap_or("?")
            );
            problems.error(format!("missing_input:{name}"), position, message);
        } else if let Need::Else(value) = &input.need {
            let message = format!(
                "{label}: nothing is connected to its input '{name}'{what}, so it takes {} in \
                 every step",
                yaml(&value.into())
            );
            problems.warning(format!("unconnected_input:{name}"), position, message);
        }
    }
}

/// What an input is, in brackets, as far as its type says.
fn described(input: &Input) -> String {
    let parts: [&str; 2] = [&input.meaning, &input.unit];
    let known: Vec<&str> = parts
        .into_iter()
        .filter(|part| !part.is_empty() && *part != "-")
        .collect();
    if known.is_empty() {
        String::new()
    } else {
        format!(" ({})", known.join(", "))
    }
}
