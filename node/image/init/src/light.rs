//! The green light on the board, which blinks from the first second.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the lights of a machine are.
const LIGHTS: &str = "/sys/class/leds";

/// What the light shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Quick blinks: the machine starts, or has no network.
    Starting,
    /// Two beats and a pause: the node can be reached.
    Serving,
    /// Slow blinks: something is wrong with the card or with what it says.
    Fault,
}

/// The light.
#[derive(Debug, Default)]
pub(crate) struct Light {
    shown: Option<State>,
}

impl Light {
    /// Shows this. The system does the blinking. A machine without such a light, or without one yet, is asked again.
    pub(crate) fn show(&mut self, state: State) {
        if self.shown == Some(state) {
            return;
        }
        let shown = find(Path::new(LIGHTS)).is_some_and(|light| set(&light, state).is_ok());
        self.shown = shown.then_some(state);
    }
}

/// The light that is for people: 'ACT', as all boards have it.
fn find(lights: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(lights).ok()?;
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.to_ascii_lowercase()
            .split([':', '-', '_'])
            .any(|part| part == "act")
    };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(is_it)
        .collect();
    found.sort();
    found.into_iter().next()
}

fn set(light: &Path, state: State) -> io::Result<()> {
    let half = match state {
        State::Serving => return fs::write(light.join("trigger"), "heartbeat"),
        State::Starting => "100",
        State::Fault => "1000",
    };
    fs::write(light.join("trigger"), "timer")?;
    fs::write(light.join("delay_on"), half)?;
    fs::write(light.join("delay_off"), half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_light_of_the_board_is_set() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["PWR", "mmc0::", "ACT"] {
            fs::create_dir(folder.path().join(name)).expect("made");
        }
        let light = find(folder.path()).expect("found");
        assert_eq!(light, folder.path().join("ACT"));
        let read = |name: &str| fs::read_to_string(light.join(name)).expect("written");
        set(&light, State::Fault).expect("set");
        assert_eq!(
            [read("trigger"), read("delay_on"), read("delay_off")],
            ["timer", "1000", "1000"]
        );
        set(&light, State::Serving).expect("set");
        assert_eq!(read("trigger"), "heartbeat");
        assert_eq!(find(&folder.path().join("ACT")), None);
        for other in ["led-act", "green:act"] {
            fs::rename(&light, folder.path().join(other)).expect("renamed");
            assert_eq!(find(folder.path()), Some(folder.path().join(other)));
            fs::rename(folder.path().join(other), &light).expect("renamed");
        }
    }
}
