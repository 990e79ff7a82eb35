//! `illuminator-node`: see the crate documentation.

use std::process::ExitCode;

fn main() -> ExitCode {
    node::run_from_env()
}
