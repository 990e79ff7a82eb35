//! What the program prints. Standard output has what a command answers, and all of it arrives where
//! somebody reads. Standard error has everything else, and what nobody takes there is dropped. Neither
//! holds up what the program does: only its end waits.

use std::fmt::{self, Write};
use std::io::ErrorKind;
use std::panic;
use std::time::Duration;

use smol::future::poll_once;
use smol::stream::StreamExt;
use terminal::printer::{Printer, Stream};

use super::printable::{printable, printable_line};
use crate::exit::{INTERRUPTED, USAGE};
use crate::signals;

/// The most bytes that wait for somebody to read standard error.
const MAX_WAITING: usize = 1024 * 1024;

/// How long one stream lets the other go first, so that lines come in the order in which they were
/// printed. Where nobody reads, this is waited for once.
const TURN: Duration = Duration::from_millis(100);

/// How long the end waits for somebody to take what is left on standard error.
const PATIENCE: Duration = Duration::from_secs(1);

/// An answer is as long as what it answers, and the end waits for it: nothing of it is dropped.
static OUTPUT: Printer = Printer::new(Stream::Output, usize::MAX, |_, _| Ok(()));

static ERROR: Printer = Printer::new(Stream::Error, MAX_WAITING, |lines, text| {
    writeln!(text, "note: {lines} lines could not be printed")
});

/// What a line on standard error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What the program does.
    Plain,
    /// What the user may want to know.
    Note,
    /// What the user should look at.
    Warning,
    /// Why something is not done.
    Error,
}

impl Kind {
    /// What a line of this kind begins with, and the colour of that.
    fn prefix(self) -> (&'static str, &'static str) {
        match self {
            Self::Plain => ("", ""),
            Self::Note => ("note: ", "\x1b[36m"),
            Self::Warning => ("warning: ", "\x1b[33m"),
            Self::Error => ("error: ", "\x1b[1;31m"),
        }
    }
}

/// Prints to standard output. That its reader has seen enough, as in `controller schema | head`, is no
/// error.
pub(crate) fn answer(text: fmt::Arguments<'_>) {
    ERROR.drain(TURN);
    OUTPUT.print(text);
}

/// Prints a text to standard error, with the prefix of its kind. What would control a terminal is made
/// visible; a note and a warning stay on their line.
pub(crate) fn say(kind: Kind, text: &str) {
    say_after("", kind, text);
}

/// Prints like [`say`], after something that controls the terminal.
pub(crate) fn say_after(control: &str, kind: Kind, text: &str) {
    OUTPUT.drain(TURN);
    let text = match kind {
        Kind::Plain | Kind::Error => printable(text),
        Kind::Note | Kind::Warning => printable_line(text),
    };
    let (prefix, colour) = kind.prefix();
    if colour.is_empty() || !terminal::has_colours(Stream::Error) {
        ERROR.print(format_args!("{control}{prefix}{text}\n"));
    } else {
        ERROR.print(format_args!("{control}{colour}{prefix}\x1b[0m{text}\n"));
    }
}

/// Prints something to standard error that counts only now, unless anything else waits there.
pub(crate) fn show(frame: &str) {
    ERROR.print_if_idle(format_args!("{frame}"));
}

/// Takes what [`show`] printed last off the terminal, whatever waits.
pub(crate) fn erase(control: &str) {
    ERROR.print(format_args!("{control}"));
}

/// Has the words of a panic go where everything else goes: a stuck terminal would hold it up as well.
pub(crate) fn catch_panics() {
    panic::set_hook(Box::new(|panic| {
        ERROR.print(format_args!("{panic}\n"));
        ERROR.drain(PATIENCE);
    }));
}

/// Ends the printing of a program that ends with this code; returns the code that it ends with. An
/// answer is waited for as long as somebody may still read it, unless the user has enough.
pub(crate) fn finish(code: u8) -> u8 {
    let mut code = code;
    OUTPUT.hope();
    if !OUTPUT.drain(TURN) && !has_arrived() {
        return INTERRUPTED;
    }
    if let Some(error) = OUTPUT
        .take_error()
        .filter(|e| e.kind() != ErrorKind::BrokenPipe)
    {
        say(
            Kind::Error,
            &format!("cannot write to standard output: {error}"),
        );
        code = if code == 0 { USAGE } else { code };
    }
    ERROR.hope();
    ERROR.drain(PATIENCE);
    code
}

/// Waits for the answer to be read; `false` if the user does not want to wait.
fn has_arrived() -> bool {
    // Where there are no signals to be had, they still end the program.
    let mut signals = signals::that_end().ok();
    loop {
        OUTPUT.hope();
        if OUTPUT.drain(TURN) {
            return true;
        }
        let signal = signals.as_mut();
        let signal = signal.and_then(|s| smol::block_on(poll_once(s.next())));
        if signal.is_some() {
            return false;
        }
    }
}

/// Prints a line to standard output, see [`answer`].
macro_rules! answer_line {
    ($($part:tt)*) => {
        $crate::output::answer(format_args!("{}\n", format_args!($($part)*)))
    };
}

/// Prints a line to standard error, see [`say`]: `say_line!(Note, "{number} left")`.
macro_rules! say_line {
    ($kind:ident, $($part:tt)*) => {
        $crate::output::say($crate::output::Kind::$kind, &format!($($part)*))
    };
}

pub(crate) use {answer_line, say_line};
