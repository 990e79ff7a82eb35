//! What is to be seen, and from when to when.

use std::time::Duration;

use crate::log::{Event, Shown, What};
use crate::play::Act;

/// All that is to be seen.
#[derive(Debug, Default)]
pub(super) struct Scenes {
    /// The seconds until it begins anew.
    pub(super) length: f64,
    pub(super) cables: Vec<Scene>,
    /// What is read below the table: from when, to when, what.
    pub(super) captions: Vec<(f64, f64, String)>,
}

/// A cable as long as nothing changes about it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scene {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) cable: Cable,
    pub(super) shown: Option<Shown>,
}

/// A cable and where its ends are: that which drives the strip first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cable {
    pub(super) id: String,
    pub(super) ends: Vec<End>,
}

/// An end of a cable.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct End {
    /// The socket where it belongs.
    pub(super) home: String,
    /// The socket in which it is.
    pub(super) socket: Option<String>,
}

/// A change, and when it comes.
enum Change<'a> {
    Plug(&'a str, String),
    Pull(&'a str),
    Shows(&'a str, Shown),
}

/// Follows a script, and what boards showed.
pub(super) fn scenes(
    script: &str,
    acts: &[(Duration, Act)],
    events: &[Event],
) -> Result<Scenes, String> {
    let mut scenes = Scenes {
        length: acts.last().map_or(0.0, |(time, _)| time.as_secs_f64()),
        ..Scenes::default()
    };
    let mut cables = cables(script)?;
    scenes.captions = captions(script, scenes.length)?;
    let mut changes: Vec<(f64, Change<'_>)> = acts.iter().filter_map(moved).collect();
    changes.extend(events.iter().filter_map(showed));
    changes.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut now: Vec<(f64, Option<Shown>)> = vec![(0.0, None); cables.len()];
    for (time, change) in changes {
        for (place, cable) in cables.iter_mut().enumerate() {
            let before = (cable.clone(), now[place].1);
            let after = applied(cable, before.1, &change);
            if (&before.0, before.1) == (&*cable, after) {
                continue;
            }
            let (start, shown) = std::mem::replace(&mut now[place], (time, after));
            scenes.cables.push(Scene {
                start,
                end: time,
                cable: before.0,
                shown,
            });
        }
    }
    for (cable, (start, shown)) in cables.into_iter().zip(now) {
        scenes.cables.push(Scene {
            start,
            end: scenes.length,
            cable,
            shown,
        });
    }
    scenes
        .cables
        .retain(|scene| scene.end - scene.start > 0.005);
    Ok(scenes)
}

/// A cable after a change, and what it shows then.
fn applied(cable: &mut Cable, shown: Option<Shown>, change: &Change<'_>) -> Option<Shown> {
    match change {
        Change::Plug(device, id) if *id == cable.id => {
            let is_home = |end: &End| end.socket.is_none() && end.home == *device;
            let at_home = cable.ends.iter().position(is_home);
            let free = cable.ends.iter().position(|end| end.socket.is_none());
            if let Some(end) = at_home.or(free) {
                cable.ends[end].socket = Some((*device).to_owned());
            }
            shown
        }
        Change::Pull(device) => {
            let is_there = |end: &End| end.socket.as_deref() == Some(device);
            let Some(place) = cable.ends.iter().position(is_there) else {
                return shown;
            };
            cable.ends[place].socket = None;
            // Without power from the end that drives it, the strip is dark.
            shown.filter(|_| place != 0)
        }
        Change::Shows(device, picture) if cable.ends[0].socket.as_deref() == Some(device) => {
            Some(*picture)
        }
        Change::Plug(..) | Change::Shows(..) => shown,
    }
}

fn moved((time, act): &(Duration, Act)) -> Option<(f64, Change<'_>)> {
    let change = match act {
        Act::Plug(device, setup) => Change::Plug(device, setup.id()),
        Act::Pull(device) => Change::Pull(device),
        Act::End => return None,
    };
    Some((time.as_secs_f64(), change))
}

fn showed(event: &Event) -> Option<(f64, Change<'_>)> {
    match event.what {
        What::Shows(shown) => {
            let change = Change::Shows(&event.device, shown);
            Some((event.time.as_secs_f64(), change))
        }
        _ => None,
    }
}

/// The cables that the script names.
fn cables(script: &str) -> Result<Vec<Cable>, String> {
    let named = script
        .lines()
        .filter_map(|line| line.strip_prefix("#cable "));
    let cable = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [id, homes @ ..] = words.as_slice() else {
            return Err("'#cable' wants an id and the sockets of its ends".to_owned());
        };
        if homes.is_empty() {
            return Err(format!("'#cable {id}' wants the sockets of its ends"));
        }
        let end = |home: &&str| End {
            home: (*home).to_owned(),
            socket: None,
        };
        Ok(Cable {
            id: (*id).to_owned(),
            ends: homes.iter().map(end).collect(),
        })
    };
    named.map(cable).collect()
}

/// What is to be read, each until the next.
fn captions(script: &str, length: f64) -> Result<Vec<(f64, f64, String)>, String> {
    let mut captions: Vec<(f64, f64, String)> = Vec::new();
    for line in script.lines().filter_map(|line| line.strip_prefix("#say ")) {
        let said = line.split_once(' ');
        let said = said.and_then(|(time, text)| Some((time.parse::<f64>().ok()?, text)));
        let Some((time, text)) = said else {
            return Err(format!("'#say {line}' has to begin with a time in seconds"));
        };
        if let Some(before) = captions.last_mut() {
            before.1 = time;
        }
        captions.push((time, length, text.to_owned()));
    }
    Ok(captions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::parse;

    const SCRIPT: &str = "#cable 3 house/ttyACM0 grid/ttyACM1\n#say 0 An empty table.\n#say 2 A cable.\n\
                          1 plug grid/ttyACM1 text 3\n2 plug house/ttyACM0 text 3\n3 pull house/ttyACM0\n\
                          4 plug house/ttyACM2 text 3\n5 end\n";

    #[test]
    fn a_cable_is_followed_through_its_plugs_and_pictures() {
        let shown = Shown {
            pace: Some(50),
            colour: [0, 254, 0],
            away: true,
        };
        let event = |device: &str, seconds: f64| Event {
            time: Duration::from_secs_f64(seconds),
            device: device.to_owned(),
            what: What::Shows(shown),
        };
        // The end at the grid does not drive the strip.
        let events = [event("grid/ttyACM1", 1.5), event("house/ttyACM0", 2.5)];
        let acts = parse(SCRIPT).expect("a script");
        let scenes = scenes(SCRIPT, &acts, &events).expect("scenes");
        let told = scenes.cables.iter().map(|scene| {
            let sockets: Vec<_> = scene
                .cable
                .ends
                .iter()
                .map(|end| end.socket.clone())
                .collect();
            (scene.start, scene.end, sockets, scene.shown.is_some())
        });
        let at = |name: &str| Some(name.to_owned());
        let expected = [
            (0.0, 1.0, vec![None, None], false),
            (1.0, 2.0, vec![None, at("grid/ttyACM1")], false),
            (
                2.0,
                2.5,
                vec![at("house/ttyACM0"), at("grid/ttyACM1")],
                false,
            ),
            (
                2.5,
                3.0,
                vec![at("house/ttyACM0"), at("grid/ttyACM1")],
                true,
            ),
            (3.0, 4.0, vec![None, at("grid/ttyACM1")], false),
            (
                4.0,
                5.0,
                vec![at("house/ttyACM2"), at("grid/ttyACM1")],
                false,
            ),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        assert_eq!(scenes.captions[0], (0.0, 2.0, "An empty table.".to_owned()));
        assert_eq!(scenes.captions[1].1, 5.0);
    }

    #[test]
    fn what_is_no_cable_and_no_caption_is_refused() {
        for (script, reason) in [
            ("#cable 3\n", "'#cable 3' wants the sockets of its ends"),
            ("#say so\n", "'#say so' has to begin with a time in seconds"),
        ] {
            assert_eq!(scenes(script, &[], &[]).err().as_deref(), Some(reason));
        }
    }
}
