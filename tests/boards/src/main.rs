//! Plays a script of plugs on a table of simulated boards: `boards FOLDER SCRIPT`. What happens is written
//! to standard output as CSV.

use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("boards: {reason}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
fn run() -> Result<(), String> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [folder, script] = &arguments[..] else {
        return Err("usage: boards FOLDER SCRIPT".to_owned());
    };
    let text = std::fs::read_to_string(script);
    let text = text.map_err(|error| format!("{}: {error}", script.display()))?;
    let done = boards::play(folder.as_ref(), &text, &mut std::io::stdout());
    done.map_err(|error| error.to_string())
}

#[cfg(not(unix))]
fn run() -> Result<(), String> {
    Err("this system has no pseudo-terminals".to_owned())
}
