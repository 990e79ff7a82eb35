//! `illuminator-bridge`: see the crate documentation.

use std::process::ExitCode;

fn main() -> ExitCode {
    bridge::run_from_env()
}
