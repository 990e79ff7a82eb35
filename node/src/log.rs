//! What the node says: on standard output where it listens, on standard error what happens. A line there
//! has the time of day (UTC), the seconds since the node started, which no clock that is set disturbs,
//! and what happened: `2026-07-06 12:00:00Z 12.345 10.0.0.7:49152: session for 'power balance'`.

use std::fmt::{self, Write};
use std::io;
use std::panic;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use shared::time::WallTime;
use terminal::Visible;
use terminal::printer::{Printer, Stream};

/// The most bytes that wait for somebody to take them, on each stream.
const MAX_WAITING: usize = 32 * 1024;

/// How long the end of the node waits for them to be taken.
const PATIENCE: Duration = Duration::from_millis(300);

static OUTPUT: Printer = Printer::new(Stream::Output, MAX_WAITING, |_, _| Ok(()));

static ERROR: Printer = Printer::new(Stream::Error, MAX_WAITING, |lines, text| {
    write_line(
        text,
        format_args!("note: {lines} lines could not be written"),
    )
});

/// Has the words of a panic go where everything else goes: a stuck terminal would hold it up as well.
/// From now on the node counts the seconds.
pub(crate) fn begin() {
    uptime();
    panic::set_hook(Box::new(|panic| {
        ERROR.print(format_args!("{panic}\n"));
        ERROR.drain(PATIENCE);
    }));
}

/// For how long the node has been there.
pub(crate) fn uptime() -> Duration {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    STARTED.get_or_init(Instant::now).elapsed()
}

/// Prints a line to standard output.
pub(crate) fn answer(line: fmt::Arguments<'_>) {
    OUTPUT.print(format_args!("{line}\n"));
}

/// Prints an error of somebody who starts the node to standard error.
pub(crate) fn error(text: fmt::Arguments<'_>) {
    OUTPUT.drain(PATIENCE);
    ERROR.print(format_args!("error: {text}\n"));
}

/// Writes a line to the log.
pub(crate) fn say(line: fmt::Arguments<'_>) {
    let mut text = String::new();
    // A line that cannot be formatted would be a fault of ours; its beginning will do.
    let _ = write_line(&mut text, line);
    ERROR.print(format_args!("{text}"));
}

/// Waits a moment for what has been said to be taken.
pub(crate) fn end() {
    OUTPUT.drain(PATIENCE);
    ERROR.drain(PATIENCE);
}

/// Waits until somebody has read the whole answer, or will not.
pub(crate) fn end_answer() {
    while !OUTPUT.drain(PATIENCE) {
        OUTPUT.hope();
    }
    ERROR.drain(PATIENCE);
}

/// Standard output, for those who write bytes.
pub(crate) struct Output;

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        OUTPUT.print(format_args!("{}", String::from_utf8_lossy(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a line in the form of the log.
fn write_line(text: &mut String, line: fmt::Arguments<'_>) -> fmt::Result {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    let epoch = WallTime::from_parts((1970, 1, 1), (0, 0, 0));
    if let Some(epoch) = epoch {
        write!(
            text,
            "{}Z ",
            epoch.plus(i64::try_from(seconds).unwrap_or(0))
        )?;
    }
    let uptime = uptime();
    write!(text, "{}.{:03} ", uptime.as_secs(), uptime.subsec_millis())?;
    Visible(text).write_fmt(line)?;
    text.push('\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_both_times_and_shows_what_would_end_it() {
        let mut text = String::new();
        write_line(&mut text, format_args!("peer: a\nerror: b\x1b[2J")).expect("written");
        let rest = text.strip_prefix("20").expect("a year");
        let (date, rest) = rest.split_once("Z ").expect("a time of day");
        assert_eq!(date.len(), "26-07-06 12:00:00".len());
        let (uptime, said) = rest.split_once(' ').expect("an uptime");
        uptime.parse::<f64>().expect("seconds");
        assert_eq!(said, "peer: a\\nerror: b\\u{1b}[2J\n");
    }
}
