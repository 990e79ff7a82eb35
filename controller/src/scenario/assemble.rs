//! From a scenario file that could be read to a graph that can run.

use std::collections::BTreeMap;

use shared::files::Files;
use shared::led::ValueLed;
use shared::model::Registry;

use super::arrangement::{Arrangement, arrange};
use super::attributes::Known;
use super::data::{self, Wiring};
use super::feeding::Feeding;
use super::file::ScenarioFile;
use super::graph::{Graph, GraphModel, InputWiring, Monitor, MonitorItem, Source};
use super::leds;
use super::links::{self, Link, Names};
use super::loops::{self, Arrow, Loop};
use super::models::{self, Candidate, Surroundings};
use super::paths::Base;
use super::plausible;
use super::problem::Problems;
use super::reference::Reference;
use super::units;
use super::values::yaml;
use super::wiring;

/// Checks what the names in a scenario mean, builds its models, and puts the graph together.
/// `None` where there are errors, all of which are reported.
pub(super) fn assemble(
    file: ScenarioFile,
    catalogue: &Registry,
    files: &dyn Files,
    base: Base<'_>,
    problems: &mut Problems,
) -> Option<Graph> {
    let surroundings = Surroundings {
        grid: file.grid,
        catalogue,
        files,
        base,
    };
    let connections = file.connections.as_deref().unwrap_or_default();
    let mut candidates = models::build(file.models, surroundings, problems);
    let names = Names::of(&candidates, file.are_names_known);
    let links = links::resolve(connections, &names, problems);
    units::check(&links, &candidates, catalogue, problems);
    let feeding = Feeding::of(file.connections.as_deref(), &links, candidates.len());
    links::refuse_split_outputs(&links, problems);
    let arrangements = arrange(&links, candidates.len());
    check_wiring(&candidates, &arrangements, &links, problems);
    check_needs(&candidates, &names, &feeding, problems);
    let leds = leds::resolve(&candidates, &feeding, problems);
    let order = find_order(&candidates, &links, problems);
    let items = find_items(&file.items, &candidates, &names, problems);
    for candidate in &candidates {
        plausible::check_percent(candidate, problems);
    }
    let wiring = Wiring {
        links: &links,
        arrangements: &arrangements,
        items: items.as_deref().unwrap_or_default(),
    };
    let told = file.grid.map_or_else(Vec::new, |grid| {
        data::examine(&mut candidates, &wiring, grid.ticks, problems)
    });
    if problems.errors() > 0 {
        return None;
    }
    let before = direct_sources(candidates.len(), &links);
    let models = candidates
        .into_iter()
        .zip(arrangements)
        .zip(leds)
        .zip(before)
        .map(|(((candidate, arrangement), leds), after)| {
            graph_model(candidate, &arrangement, &links, leds, after)
        })
        .collect::<Option<_>>()?;
    Some(Graph {
        name: file.name?,
        grid: file.grid?,
        models,
        order: order?,
        monitor: Monitor {
            file: file.result?,
            dates: file.dates,
            items: items?,
        },
        told,
    })
}

fn check_wiring(
    candidates: &[Candidate],
    arrangements: &[Arrangement],
    links: &[Link],
    problems: &mut Problems,
) {
    for (candidate, arrangement) in candidates.iter().zip(arrangements) {
        wiring::check(candidate, arrangement, links, problems);
        wiring::check_initial_values(candidate, arrangement, links, problems);
    }
}

fn check_needs(
    candidates: &[Candidate],
    names: &Names<'_>,
    feeding: &Feeding,
    problems: &mut Problems,
) {
    for (place, candidate) in candidates.iter().enumerate() {
        // Connections cannot name the second model of one name, so they say nothing about it.
        if names.is_named(place) {
            wiring::check_needs(candidate, place, feeding, problems);
        }
    }
}

fn find_order(
    candidates: &[Candidate],
    links: &[Link],
    problems: &mut Problems,
) -> Option<Vec<usize>> {
    let arrow = |(place, link): (usize, &Link)| {
        let (from, to) = (link.source_model?, link.target_model?);
        (link.shifted == Some(false)).then(|| Arrow {
            from,
            to,
            link: place,
            is_shiftable: missing_initial(&candidates[to], link).is_none(),
        })
    };
    let arrows: Vec<Arrow> = links.iter().enumerate().filter_map(arrow).collect();
    match loops::order(candidates.len(), &arrows) {
        Ok(order) => Some(order),
        Err(loops) => {
            for found in &loops {
                report_loop(found, candidates, links, problems);
            }
            None
        }
    }
}

/// What has to be added under `inputs` of the target before a connection can be shifted.
fn missing_initial(target: &Candidate, link: &Link) -> Option<String> {
    let model_type = target.model_type.as_ref()?;
    let input = model_type.inputs.get(link.input()?)?;
    match wiring::initial_value(target, model_type, input) {
        Some(_) => None,
        None => Some(format!(
            "{}: {}",
            input.name,
            yaml(&(&input.initial).into())
        )),
    }
}

fn report_loop(found: &Loop, candidates: &[Candidate], links: &[Link], problems: &mut Problems) {
    let name = |model: &usize| candidates[*model].entry.name.as_deref().unwrap_or("?");
    let around = found.models.iter().chain(found.models.first());
    let around: Vec<&str> = around.map(name).collect();
    let shifted: Vec<&Link> = found.shift.iter().map(|link| &links[*link]).collect();
    let labels: Vec<String> = shifted
        .iter()
        .map(|link| format!("{} (line {})", link.label, link.position.line))
        .collect();
    let mut initial: Vec<String> = shifted
        .iter()
        .filter_map(|link| missing_initial(&candidates[link.target_model?], link))
        .map(|entry| format!("'{entry}'"))
        .collect();
    initial.dedup();
    let initial = match (initial.is_empty(), found.models.first(), shifted.first()) {
        (false, Some(_), Some(link)) => format!(
            ", and {} under 'inputs' of {}",
            initial.join(", "),
            link.target_model
                .map_or("its target", |model| &candidates[model].entry.label)
        ),
        _ => String::new(),
    };
    let message = format!(
        "loop without a time-shifted connection: {}; add 'time_shifted: true' to {}{initial}",
        around.join(" → "),
        labels.join(" and ")
    );
    if let Some(link) = shifted.first() {
        problems.error("loop", link.position, message);
    }
}

fn find_items(
    references: &[Reference],
    candidates: &[Candidate],
    names: &Names<'_>,
    problems: &mut Problems,
) -> Option<Vec<MonitorItem>> {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    let mut items = Some(Vec::new());
    for reference in references {
        let label = format!("monitor item '{}'", reference.text);
        if let Some(first) = lines.get(reference.text.as_str()) {
            let message = format!(
                "{label} is there already in line {first}, so the result has two equal columns"
            );
            problems.warning("duplicate_item", reference.position, message);
        } else {
            lines.insert(&reference.text, reference.position.line);
        }
        let item = find_item(reference, &label, names, candidates, problems);
        items = items.zip(item).map(|(mut items, item)| {
            items.push(item);
            items
        });
    }
    items
}

fn find_item(
    reference: &Reference,
    label: &str,
    names: &Names<'_>,
    candidates: &[Candidate],
    problems: &mut Problems,
) -> Option<MonitorItem> {
    let model = names.find(reference, label, problems)?;
    match candidates[model].source(&reference.attribute) {
        Known::Yes(published) => Some(MonitorItem {
            text: reference.text.clone(),
            model,
            attribute: published.slot?,
        }),
        Known::No { code, why } => {
            problems.error(code, reference.position, format!("{label}: {why}"));
            None
        }
        Known::Nothing => None,
    }
}

/// The models with a direct connection into each model, in the order of the file.
fn direct_sources(models: usize, links: &[Link]) -> Vec<Vec<usize>> {
    let mut sources = vec![Vec::new(); models];
    for link in links.iter().filter(|link| link.shifted == Some(false)) {
        if let (Some(from), Some(to)) = (link.source_model, link.target_model) {
            sources[to].push(from);
        }
    }
    for after in &mut sources {
        after.sort_unstable();
        after.dedup();
    }
    sources
}

/// The model as the graph has it. `None` never happens where no error has been reported.
fn graph_model(
    candidate: Candidate,
    arrangement: &Arrangement,
    links: &[Link],
    leds: Vec<ValueLed>,
    after: Vec<usize>,
) -> Option<GraphModel> {
    let model_type = candidate.model_type.as_ref()?;
    let mut inputs = Vec::with_capacity(arrangement.feeds.len());
    for feed in &arrangement.feeds {
        let input = model_type.inputs.get(feed.input)?;
        let instance = candidate.instance.as_ref()?;
        let mut origin = None;
        let mut sources = Vec::with_capacity(feed.links.len());
        for link in feed.links.iter().map(|place| &links[*place]) {
            let published = link.published?;
            let shifted = link.shifted == Some(true);
            let initial = shifted
                .then(|| wiring::initial_value(&candidate, model_type, input))
                .flatten();
            origin = Some(published.origin);
            sources.push(Source {
                model: link.source_model?,
                attribute: published.slot?,
                shifted,
                initial: initial.map(|(value, _)| value),
            });
        }
        inputs.push(InputWiring {
            slot: instance.input_slot(&input.name)?,
            origin: origin?,
            sources,
        });
    }
    let config = candidate.entry.config();
    Some(GraphModel {
        paths: config.paths_read(model_type),
        config,
        instance: candidate.instance?,
        connect: candidate.entry.connect,
        leds,
        inputs,
        after,
    })
}
