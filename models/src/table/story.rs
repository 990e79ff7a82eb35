//! What the story makes of the plugs: who is joined to whom, levels, and what cables show.

use std::sync::Arc;

use shared::cable::CableId;
use shared::model::StepError;
use shared::value::Value;

use super::remark::{End, Remark, remarks};
use super::rules::{CABLES, UNITS, WINTER};

/// The cables in the sockets of each unit, in the order of the units; `None` where one sends no list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plugs(Vec<Option<Vec<Plug>>>);

/// A cable in a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plug {
    cable: CableId,
    /// Its id as the unit tells it.
    id: Value,
}

impl Plugs {
    /// Reads what so many units see. One unit alone is its own list.
    pub(crate) fn read(value: &Value, units: usize) -> Result<Self, StepError> {
        let all = match value {
            Value::List(all) if units != 1 => all,
            only => std::slice::from_ref(only),
        };
        let read = all.iter().map(|unit| match unit {
            Value::List(list) => ids(list).map(Some),
            _ => Ok(None),
        });
        Ok(Self(read.collect::<Result<_, _>>()?))
    }

    /// Those of these units that send no list.
    pub(crate) fn without_a_list(&self, units: &[String]) -> impl Iterator<Item = String> {
        let all = units.iter().zip(&self.0);
        all.filter(|(_, plugs)| plugs.is_none())
            .map(|(unit, _)| unit.clone())
    }

    /// Whether any unit sees the plug that makes winter.
    pub(crate) fn has_winter(&self) -> bool {
        let mut plugs = self.0.iter().flatten().flatten();
        plugs.any(|plug| plug.cable == WINTER)
    }

    /// What there is to tell of them, at units of these names.
    pub(crate) fn remarks(&self, units: &[String]) -> Vec<Remark> {
        let ends = units.iter().zip(&self.0).flat_map(|(unit, plugs)| {
            plugs.iter().flatten().map(|plug| End {
                unit: unit.clone(),
                socket: None,
                cable: plug.cable,
            })
        });
        remarks(units, &ends.collect::<Vec<_>>())
    }
}

/// The cables of a list of ids; `-1` is none.
fn ids(list: &[Value]) -> Result<Vec<Plug>, StepError> {
    let plug = |id: &Value| {
        let cable = match id {
            Value::Text(text) if &**text == "-1" => return Ok(None),
            Value::Text(text) => CableId::parse(text),
            Value::Int(digit @ 0..=9) => CableId::parse(&digit.to_string()),
            _ => None,
        };
        let cable = cable.ok_or_else(|| {
            StepError::type_mismatch("physical_connections", "ids of one character, as '3'", id)
        })?;
        let id = id.clone();
        Ok(Some(Plug { cable, id }))
    };
    list.iter()
        .map(plug)
        .filter_map(Result::transpose)
        .collect()
}

/// What day it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// It is day, else night.
    pub(crate) is_day: bool,
    /// It is winter.
    pub(crate) is_winter: bool,
}

/// The id by which each cable of the story joins its units, where it is there.
#[derive(Clone, Debug)]
pub(crate) struct Joined([Option<Value>; CABLES.len()]);

impl Joined {
    /// What is joined by these plugs, at units of these names.
    pub(crate) fn new(units: &[String], plugs: &Plugs) -> Self {
        Self(CABLES.map(|cable| {
            let mut places = cable.ends.map(|end| {
                let mut units = units.iter();
                units.position(|unit| unit == UNITS[end])
            });
            // The first common id in the list of the earlier unit counts.
            places.sort_unstable();
            let [earlier, later] = places.map(|place| plugs.0.get(place?)?.as_ref());
            let (earlier, later) = (earlier?, later?);
            let mut common = earlier
                .iter()
                .filter(|plug| later.iter().any(|other| other.cable == plug.cable));
            common.next().map(|plug| plug.id.clone())
        }))
    }

    /// The levels of EWI, house, sun, battery and wind.
    pub(crate) fn levels(&self, Seen { is_day, is_winter }: Seen) -> [Value; 5] {
        let [grid, wind, house, sun, battery] = [0, 1, 2, 3, 4].map(|at| self.0[at].is_some());
        let level = |is_there: bool, level: f64| {
            if is_there {
                Value::Float(level)
            } else {
                Value::Int(0)
            }
        };
        let ewi = match (grid && house && sun, battery) {
            (true, true) if is_winter => 0.9,
            (true, true) => 0.3,
            (true, false) => {
                if is_day {
                    0.6
                } else {
                    0.9
                }
            }
            (false, _) => {
                if is_day {
                    0.9
                } else {
                    0.3
                }
            }
        };
        [
            level(grid, ewi),
            level(house, 0.6),
            level(sun, if is_day && !is_winter { 0.6 } else { 0.0 }),
            level(battery, if is_winter { 0.0 } else { 0.6 }),
            level(wind, if is_winter { 0.9 } else { 0.6 }),
        ]
    }
}

/// The words in which ends of cables are told what to show.
#[derive(Clone, Debug)]
pub(crate) struct Telling {
    units: [Value; UNITS.len()],
    keys: [Arc<str>; 4],
}

impl Default for Telling {
    fn default() -> Self {
        Self {
            units: UNITS.map(|unit| Value::text(&format!("{unit}-0.time-based_0"))),
            keys: ["from", "to", "connection_id", "direction"].map(Arc::from),
        }
    }
}

impl Telling {
    /// What the cables at each unit show.
    pub(crate) fn mappings(&self, joined: &Joined, seen: Seen) -> [Value; UNITS.len()] {
        let mut items: [Vec<Value>; UNITS.len()] = Default::default();
        for (cable, id) in CABLES.iter().zip(&joined.0) {
            let Some(id) = id else { continue };
            let towards = if seen.is_day {
                cable.by_day
            } else {
                cable.by_night
            };
            let [a, b] = cable.ends;
            for (here, there) in [(a, b), (b, a)] {
                let direction = if here == towards { -1 } else { 1 };
                items[here].push(self.item([there, here], id, direction));
            }
        }
        items.map(|items| Value::List(items.into()))
    }

    fn item(&self, [from, to]: [usize; 2], id: &Value, direction: i64) -> Value {
        let values = [
            self.units[from].clone(),
            self.units[to].clone(),
            id.clone(),
            Value::Int(direction),
        ];
        let entries = self.keys.iter().cloned().zip(values);
        Value::Map(entries.collect())
    }
}
