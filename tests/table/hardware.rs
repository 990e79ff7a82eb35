//! Cables and what happens to their plugs, and what models see of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use shared::cable::CableId;
use shared::journal::What;
use shared::time::Tick;

/// A socket of a model.
type Place = (String, u8);

/// What a model sees from a tick on.
pub(crate) type Sight = (Tick, What);

/// What is in sockets from which tick on: only changes, in the order of the ticks.
#[derive(Debug)]
pub(crate) struct Hardware(Vec<(String, Sight)>);

impl Hardware {
    /// Reads what happens to the plugs: cables by name, with their usual sockets, and events.
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("readable");
        let json: Json = serde_json::from_str(&text).expect("cables and events");
        let mut sockets: BTreeMap<Place, CableId> = BTreeMap::new();
        let mut ends: BTreeMap<(String, String), Place> = BTreeMap::new();
        let mut seen = Vec::new();
        let events = json["events"].as_array().expect("events");
        for at_once in events.chunk_by(|a, b| a["time"] == b["time"]) {
            let before = sockets.clone();
            for event in at_once {
                happen(event, &json["cables"], &mut ends, &mut sockets);
            }
            let tick = at_once[0]["time"].as_u64().expect("a tick");
            let places = before.keys().chain(sockets.keys());
            let places: BTreeSet<&Place> = places.collect();
            for place in places {
                let cable = sockets.get(place).copied();
                if before.get(place).copied() != cable {
                    let (model, socket) = place.clone();
                    seen.push((model, (tick, What::Seen { socket, cable })));
                }
            }
        }
        Self(seen)
    }

    /// What a model sees.
    pub(crate) fn of(&self, model: &str) -> Vec<Sight> {
        let own = self.0.iter().filter(|(unit, _)| unit == model);
        own.map(|(_, sight)| *sight).collect()
    }

    /// The journal of a run that sees this.
    pub(crate) fn journal(&self) -> String {
        let mut journal = "tick,model,what,value\n".to_owned();
        for (model, (tick, what)) in &self.0 {
            let What::Seen { socket, cable } = what else {
                unreachable!("nothing else happens to plugs");
            };
            let id = cable.map(|id| id.to_string()).unwrap_or_default();
            writeln!(journal, "{tick},{model},socket {socket},{id}").expect("room");
        }
        journal
    }
}

/// Plugs in or pulls one end of a cable, or both.
fn happen(
    event: &Json,
    cables: &Json,
    ends: &mut BTreeMap<(String, String), Place>,
    sockets: &mut BTreeMap<Place, CableId>,
) {
    let plugged = event["plug"].as_str();
    let name = plugged.or(event["pull"].as_str()).expect("a cable");
    let cable = &cables[name];
    let id = cable["id"]
        .as_str()
        .and_then(CableId::parse)
        .expect("an id");
    for end in ["drives", "dummy"] {
        let is_meant = event["end"].as_str().is_none_or(|meant| meant == end);
        let (true, Some(usual)) = (is_meant, place(&cable[end])) else {
            continue;
        };
        let key = (name.to_owned(), end.to_owned());
        if plugged.is_some() {
            let place = place(&event["at"]).unwrap_or(usual);
            sockets.insert(place.clone(), id);
            ends.insert(key, place);
        } else {
            let place = ends.remove(&key).expect("it is plugged in");
            sockets.remove(&place);
        }
    }
}

fn place(json: &Json) -> Option<Place> {
    let socket = json[1].as_u64()?;
    let socket = u8::try_from(socket).expect("a small number");
    Some((json[0].as_str()?.to_owned(), socket))
}
