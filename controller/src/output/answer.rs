//! Standard output: what a command answers.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

static LOST: AtomicBool = AtomicBool::new(false);

/// Writes to standard output. That its reader has seen enough, as in `controller schema | head`, is
/// no error.
pub(crate) fn answer(text: fmt::Arguments<'_>) {
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_fmt(text).and_then(|()| stdout.flush());
    let Err(error) = written else {
        return;
    };
    if error.kind() != ErrorKind::BrokenPipe && !LOST.swap(true, Ordering::Relaxed) {
        eprintln!("error: cannot write to standard output: {error}");
    }
}

/// Whether a part of the answer could not be written.
pub(crate) fn is_lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// Writes a line to standard output, see [`answer`].
macro_rules! answer_line {
    ($($part:tt)*) => {
        $crate::output::answer(format_args!("{}\n", format_args!($($part)*)))
    };
}

pub(crate) use answer_line;
