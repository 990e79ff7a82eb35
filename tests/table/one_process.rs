//! A scenario in one process, with what its models see in their sockets.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use controller::scenario::{Graph, Problem, load_text};
use engine::{Engine, Rows, Turn};
use shared::files::{Content, FileError, Files, WorkingDirectory};
use shared::index::{Index, Table};
use shared::journal::{Entry, Outside, What};

use super::hardware::Sight;
use shared::model::Notice;
use shared::plan::{CONTROLLER, Feed, LocalId, ModelId, PlannedModel, PublishedId, SitePlan};
use shared::time::{NEVER, Tick};
use shared::value::{Value, write_cell};

/// Files below a folder.
pub(crate) struct Below(pub(crate) PathBuf);

impl Files for Below {
    fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError> {
        WorkingDirectory.open(&self.0.join(path).to_string_lossy())
    }
}

/// The graph of a scenario file, and its warnings.
pub(crate) fn load(path: &Path) -> (Graph, Vec<Problem>) {
    let text = std::fs::read_to_string(path).expect("readable");
    let folder = path.parent().expect("it is in a folder").to_owned();
    let name = path.display().to_string();
    load_text(&name, &text, &models::CATALOGUE, &Below(folder))
        .unwrap_or_else(|error| panic!("{error}"))
}

/// What a run came to.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// The header and the rows, without the dates.
    pub(crate) rows: String,
    /// What sockets with cables were told, by tick, model and socket.
    pub(crate) told: BTreeMap<(Tick, String, u8), String>,
    /// What models saw.
    pub(crate) seen: BTreeMap<String, Vec<Sight>>,
    pub(crate) notices: Vec<Notice>,
}

impl Rows for Ran {
    fn row(&mut self, _: Tick, values: &mut [Value]) -> io::Result<()> {
        let mut line = Vec::new();
        for (place, value) in values.iter().enumerate() {
            line.extend_from_slice(if place == 0 { b"" } else { b"," });
            write_cell(&mut line, value);
        }
        self.rows += &String::from_utf8(line).expect("text");
        self.rows.push('\n');
        Ok(())
    }
}

/// Runs a scenario whose models see this, by their names.
pub(crate) fn run(graph: Graph, seen: &dyn Fn(&str) -> Vec<Sight>) -> Ran {
    let names: Table<ModelId, String> =
        graph.models.iter().map(|m| m.config.name.clone()).collect();
    let mut engine = engine(graph, seen);
    let mut ran = Ran::default();
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let turn = engine.run(4096, &mut ran).expect("rows go to memory");
        entries.extend(engine.take_entries());
        ran.notices.extend(engine.take_notices());
        assert_eq!(engine.failure(), None);
        match turn {
            Turn::Again => {}
            Turn::Finished => break,
            Turn::Blocked => panic!("it waits for nobody"),
        }
    }
    for Entry { model, tick, what } in entries {
        let name = names[model].clone();
        match what {
            What::Asked { .. } | What::Adjusted(_) => unreachable!("nobody is there to do that"),
            What::Told { socket, picture } => {
                ran.told.insert((tick, name, socket), picture.to_string());
            }
            What::Seen { .. } => ran.seen.entry(name).or_default().push((tick, what)),
        }
    }
    ran
}

fn engine(graph: Graph, seen: &dyn Fn(&str) -> Vec<Sight>) -> Engine {
    let mut places: Table<ModelId, LocalId> = vec![LocalId::default(); graph.models.len()].into();
    for (place, model) in graph.order.iter().enumerate() {
        places[*model] = LocalId::at(place);
    }
    let feed = |from: PublishedId| Feed::Local {
        model: places[from.model],
        slot: from.slot,
    };
    let planned = graph.order.iter().map(|&id| {
        let model = &graph.models[id];
        PlannedModel {
            saved: Vec::new(),
            id,
            config: model.config.clone(),
            inputs: model
                .inputs
                .iter()
                .map(|input| input.found_at(feed))
                .collect(),
            leds: Vec::new(),
            outside: Outside {
                comes: seen(&model.config.name),
                recorded: NEVER,
                log: true,
                ..Outside::default()
            },
        }
    });
    let plan = SitePlan {
        from: 0,
        site: CONTROLLER,
        grid: graph.grid,
        models: planned.collect(),
        imports: Vec::new(),
        exports: Vec::new(),
    };
    let items: Vec<Feed> = graph
        .monitor
        .items
        .iter()
        .map(|item| feed(item.source))
        .collect();
    let mut instances: Table<ModelId, _> = graph
        .models
        .into_iter()
        .map(|model| Some(model.instance))
        .collect();
    let instances = graph
        .order
        .iter()
        .map(|&model| instances[model].take().expect("each once"));
    Engine::new(&plan, instances.collect(), &items).expect("a sound plan")
}
