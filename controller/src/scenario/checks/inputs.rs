//! Whether what arrives at the inputs of a model is what it needs.

use shared::model::{Input, ModelType, Need};
use shared::value::{Kind, Origin};

use super::choices::{refuse_both_names, refuse_left_out, refuse_several};
use super::initial::check_initial_values;
use super::wording::described;
use crate::scenario::models::{Candidate, Published};
use crate::scenario::problems::{Problems, with_article};
use crate::scenario::wiring::{Arrangement, Connection, Feed};

/// Checks what arrives at the inputs of the models, also at the first tick.
pub(crate) fn check_inputs(
    candidates: &[Candidate],
    arrangements: &[Arrangement],
    connections: &[Connection],
    problems: &mut Problems,
) {
    for (candidate, arrangement) in candidates.iter().zip(arrangements) {
        check_inputs_of(candidate, arrangement, connections, problems);
        check_initial_values(candidate, arrangement, connections, problems);
    }
}

fn check_inputs_of(
    candidate: &Candidate,
    arrangement: &Arrangement,
    connections: &[Connection],
    problems: &mut Problems,
) {
    let Some(model_type) = &candidate.model_type else {
        return;
    };
    for &(loser, winner) in &arrangement.superseded {
        warn_of_superseded(&connections[loser], &connections[winner], problems);
    }
    for feed in &arrangement.feeds {
        if let Some(input) = model_type.inputs.get(feed.input) {
            if let Some(entity) = &candidate.entity {
                // What its program makes of what arrives is its own affair.
                if entity.is_class {
                    refuse_mixed_origins(feed, connections, problems);
                }
                continue;
            }
            warn_of_unused(model_type, input, feed, connections, problems);
            refuse_left_out(candidate, feed, connections, problems);
            refuse_several(input, feed, connections, problems);
            check_feed(input, feed, connections, problems);
        }
    }
    refuse_both_names(candidate, model_type, arrangement, connections, problems);
}

fn warn_of_superseded(loser: &Connection, winner: &Connection, problems: &mut Problems) {
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
    connections: &[Connection],
    problems: &mut Problems,
) {
    if input.need != Need::Unused {
        return;
    }
    for connection in feed.connections.iter().map(|place| &connections[*place]) {
        let message = format!(
            "{} changes nothing: the type '{}' does not use its input '{}'{}; remove the connection, \
             or choose a type that uses it",
            connection.label,
            model_type.name,
            input.name,
            described(input)
        );
        problems.warning(
            format!("unused_input:{}", input.name),
            connection.to_position,
            message,
        );
    }
}

/// A connection whose source is known.
type Sourced<'a> = (&'a Connection, Published);

fn check_feed(input: &Input, feed: &Feed, connections: &[Connection], problems: &mut Problems) {
    let sources = refuse_mixed_origins(feed, connections, problems);
    let Some((_, published)) = sources.first() else {
        return;
    };
    let mismatches = match published.origin {
        Origin::Output => mismatched_outputs(input, &sources),
        Origin::State if input.by_source || input.adds_states => {
            mismatched_sources(input.kind, &sources)
        }
        Origin::State => mismatched_states(input.kind, &sources),
    };
    for (connection, why) in mismatches {
        let code = format!("type_mismatch:{}", input.name);
        problems.error(
            code,
            connection.position,
            format!("{}: {why}", connection.label),
        );
    }
}

/// The connections into an input whose sources are known, in the order of the file; none where some of them are
/// outputs and others states, which is refused.
fn refuse_mixed_origins<'a>(
    feed: &Feed,
    connections: &'a [Connection],
    problems: &mut Problems,
) -> Vec<Sourced<'a>> {
    let mut places = feed.connections.clone();
    places.sort_unstable();
    let connections = places.iter().map(|place| &connections[*place]);
    let sources: Vec<Sourced<'_>> = connections
        .filter_map(|connection| Some((connection, connection.published?)))
        .collect();
    let Some((first, published)) = sources.first() else {
        return sources;
    };
    let other = sources.iter().find(|(_, p)| p.origin != published.origin);
    if let Some((connection, p)) = other {
        let message = format!(
            "{}: '{}' is {} and '{}' (line {}) is {}; into one input go either outputs, which \
             are added, or states",
            connection.label,
            connection.from_text,
            with_article(p.origin),
            first.from_text,
            first.position.line,
            with_article(published.origin)
        );
        problems.error("mixed_origins", connection.position, message);
        return Vec::new();
    }
    sources
}

fn mismatched_outputs<'a>(input: &Input, sources: &[Sourced<'a>]) -> Vec<(&'a Connection, String)> {
    let wanted = input.kind;
    let no_number = |(connection, p): &Sourced<'a>| {
        let why = || {
            format!(
                "outputs are added, and '{}' is a {}",
                connection.from_text, p.kind
            )
        };
        (!Kind::Number.accepts(p.kind)).then(|| (*connection, why()))
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
    if let ([(first, _), (second, _), ..], true) = (sources, input.by_source) {
        let why = format!(
            "'{}' tells its sources apart, and together with '{}' (line {}) it gets a sum, because \
             outputs are added; connect states",
            second.to_text, first.from_text, first.position.line
        );
        mismatches.push((second, why));
    }
    mismatches
}

/// States at an input that wants something of each source.
fn mismatched_sources<'a>(wanted: Kind, sources: &[Sourced<'a>]) -> Vec<(&'a Connection, String)> {
    let others = sources.iter().filter(|(_, p)| !wanted.accepts(p.kind));
    let why = |&(connection, p): &Sourced<'a>| {
        let (from_text, to_text) = (&connection.from_text, &connection.to_text);
        let why = format!(
            "'{to_text}' wants a {wanted} from each source and '{from_text}' is a {}",
            p.kind
        );
        (connection, why)
    };
    others.map(why).collect()
}

fn mismatched_states<'a>(wanted: Kind, sources: &[Sourced<'a>]) -> Vec<(&'a Connection, String)> {
    match sources {
        [(connection, p)] if !wanted.accepts(p.kind) => {
            let Connection {
                from_text, to_text, ..
            } = connection;
            let why = format!(
                "'{to_text}' wants a {wanted} and '{from_text}' is a {}",
                p.kind
            );
            vec![(connection, why)]
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
