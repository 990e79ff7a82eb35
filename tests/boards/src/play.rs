//! Scripts of plugs: what is plugged and pulled, and when.
//!
//! ```text
//! # seconds, what, socket, board
//! 0.5 plug house/ttyACM0 text 3
//! 0.5 plug grid/ttyACM1 text 3 slow 400
//! 1.0 plug pv/ttyACM0 bytes 7 dummy
//! 2.0 pull house/ttyACM0
//! 5.0 end
//! ```
//!
//! Boards: `text ID`, `bytes ID [dummy]`; faults: `silent`, `deaf`, `slow MILLISECONDS`, `garbage`, `gone`.
//! At the end all are pulled.

use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::log::Event;
use crate::setup::{Fault, Kind, Setup};
use crate::table::Table;

/// What is done in a script.
pub(crate) enum Act {
    Plug(String, Setup),
    Pull(String),
    End,
}

/// Plays a script in a folder that stands for `/dev`, and writes what happens as CSV. Returns all of it.
///
/// # Errors
/// A line of the script that is none, and what the system says.
pub fn play(folder: &Path, script: &str, output: &mut dyn Write) -> io::Result<Vec<Event>> {
    let acts = parse(script).map_err(io::Error::other)?;
    let mut table = Table::new(folder);
    let log = table.log();
    let mut written = 0;
    let mut report = |output: &mut dyn Write| {
        let events = log.events();
        for event in &events[written..] {
            writeln!(output, "{event}")?;
        }
        written = events.len();
        output.flush()
    };
    writeln!(output, "seconds,device,what,detail")?;
    for (time, act) in acts {
        loop {
            report(output)?;
            let rest = time.saturating_sub(log.now());
            if rest.is_zero() {
                break;
            }
            thread::sleep(rest.min(Duration::from_millis(100)));
        }
        match act {
            Act::Plug(device, setup) => table.plug(&device, setup)?,
            Act::Pull(device) => table.pull(&device),
            Act::End => break,
        }
    }
    table.clear();
    report(output)?;
    Ok(log.events())
}

pub(crate) fn parse(script: &str) -> Result<Vec<(Duration, Act)>, String> {
    let mut acts: Vec<(Duration, Act)> = Vec::new();
    for (line, text) in (1..).zip(script.lines()) {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.first().is_none_or(|word| word.starts_with('#')) {
            continue;
        }
        let (time, act) = act(&words).map_err(|reason| format!("line {line}: {reason}"))?;
        if acts.last().is_some_and(|(before, _)| *before > time) {
            return Err(format!("line {line}: it is before the line above"));
        }
        acts.push((time, act));
    }
    Ok(acts)
}

fn act(words: &[&str]) -> Result<(Duration, Act), String> {
    let [time, rest @ ..] = words else {
        return Err("it has to begin with the time in seconds".to_owned());
    };
    let time = time.parse().map(Duration::try_from_secs_f64);
    let Ok(Ok(time)) = time else {
        return Err(format!("'{}' is no time in seconds", words[0]));
    };
    let act = match rest {
        ["plug", device, board @ ..] => Act::Plug((*device).to_owned(), setup(board)?),
        ["pull", device] => Act::Pull((*device).to_owned()),
        ["end"] => Act::End,
        _ => {
            return Err(
                "after the time comes 'plug SOCKET BOARD', 'pull SOCKET' or 'end'".to_owned(),
            );
        }
    };
    Ok((time, act))
}

fn setup(words: &[&str]) -> Result<Setup, String> {
    let (mut setup, mut rest) = match words {
        ["text", id, rest @ ..] => (Setup::text(id), rest),
        ["bytes", id, rest @ ..] => {
            let id = id.parse();
            let id = id.map_err(|_| format!("'{}' is no id from 0 to 255", words[1]))?;
            (Setup::bytes(id), rest)
        }
        _ => return Err("a board is 'text ID' or 'bytes ID'".to_owned()),
    };
    if let (["dummy", others @ ..], Kind::Bytes { role, .. }) = (rest, &mut setup.kind) {
        *role = 1;
        rest = others;
    }
    setup.fault = match rest {
        [] => None,
        ["silent"] => Some(Fault::Silent),
        ["deaf"] => Some(Fault::Deaf),
        ["garbage"] => Some(Fault::Garbage),
        ["gone"] => Some(Fault::GoneMidway),
        ["slow", time] => {
            let time = time
                .parse()
                .map_err(|_| format!("'{time}' is no time in milliseconds"))?;
            Some(Fault::Slow(Duration::from_millis(time)))
        }
        _ => {
            let rest = rest.join(" ");
            return Err(format!(
                "'{rest}' is no fault of a board (silent, deaf, slow MILLISECONDS, garbage, gone)"
            ));
        }
    };
    Ok(setup)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_script_is_named_with_its_line() {
        for (script, reason) in [
            ("x plug ttyACM0 text 3", "line 1: 'x' is no time in seconds"),
            (
                "\n1 push ttyACM0",
                "line 2: after the time comes 'plug SOCKET BOARD', 'pull SOCKET' or 'end'",
            ),
            ("1 end\n0 end", "line 2: it is before the line above"),
            (
                "1 plug a text",
                "line 1: a board is 'text ID' or 'bytes ID'",
            ),
            ("1 plug a bytes 256", "line 1: '256' is no id from 0 to 255"),
            (
                "1 plug a text 3 loud",
                "line 1: 'loud' is no fault of a board (silent, deaf, slow MILLISECONDS, garbage, gone)",
            ),
        ] {
            assert_eq!(parse(script).err().as_deref(), Some(reason), "{script}");
        }
    }

    #[test]
    fn a_script_is_played() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = "# a cable\n0 plug house/ttyACM0 text 3 slow 400\n0 plug pv/ttyACM1 bytes 7 dummy\n\
                      0.02 pull house/ttyACM0\n0.02 end";
        let mut output = Vec::new();
        play(folder.path(), script, &mut output).expect("a script");
        let output = String::from_utf8(output).expect("text");
        let rows: Vec<&str> = output.lines().collect();
        assert_eq!(rows[0], "seconds,device,what,detail");
        for event in [
            ",house/ttyACM0,plugged,",
            ",house/ttyACM0,pulled,",
            ",pv/ttyACM1,shows,solid 10 10 10",
            ",pv/ttyACM1,pulled,",
        ] {
            assert!(rows.iter().any(|row| row.ends_with(event)), "{output}");
        }
        assert!(!folder.path().join("house/ttyACM0").exists());
    }
}
