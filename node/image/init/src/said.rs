//! What is said on the console: a serial line, as a rule.

use std::fmt;
use std::io::{self, Write};

/// Says something. Where nobody listens it is lost.
pub fn say(what: fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout(), "init: {what}");
}
