//! What is known of the terminal behind a standard stream.

use std::env;
use std::io::{self, IsTerminal};

use crate::printer::Stream;

/// How wide text is where nobody says.
const USUAL_WIDTH: usize = 80;

/// Narrower than this, text is not wrapped any more.
const LEAST_WIDTH: usize = 20;

/// How wide text for a stream may be: as `COLUMNS` says, else as wide as its terminal.
pub fn width(stream: Stream) -> usize {
    let told = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let width = told.or_else(|| columns(stream));
    // A terminal that does not know says 0.
    let width = width.filter(|width| *width > 0).unwrap_or(USUAL_WIDTH);
    width.max(LEAST_WIDTH)
}

/// The columns of the terminal of a stream.
#[cfg(unix)]
fn columns(stream: Stream) -> Option<usize> {
    let size = match stream {
        Stream::Output => rustix::termios::tcgetwinsize(io::stdout()),
        Stream::Error => rustix::termios::tcgetwinsize(io::stderr()),
    };
    size.ok().map(|size| usize::from(size.ws_col))
}

/// Elsewhere nobody is asked.
#[cfg(not(unix))]
fn columns(_: Stream) -> Option<usize> {
    None
}

/// Whether a stream ends at a terminal.
pub fn is_terminal(stream: Stream) -> bool {
    match stream {
        Stream::Output => io::stdout().is_terminal(),
        Stream::Error => io::stderr().is_terminal(),
    }
}

/// Whether text for a stream may have colours: at a terminal that has them, unless the user wants none.
pub fn has_colours(stream: Stream) -> bool {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || env::var_os("CLICOLOR").is_some_and(|value| value == "0")
        || env::var_os("TERM").is_some_and(|value| value == "dumb");
    !refused && is_terminal(stream)
}
