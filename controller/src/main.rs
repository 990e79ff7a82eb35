//! `controller`: see the crate documentation.

use std::process::ExitCode;

fn main() -> ExitCode {
    controller::run_from_env()
}
