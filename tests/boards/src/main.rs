//! Plays a script of plugs on a table of simulated boards: `boards FOLDER SCRIPT`. What happens is written
//! to standard output as CSV, and with a third argument as a moving picture (SVG) to that file.

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
    let (folder, script, picture) = match &arguments[..] {
        [folder, script] => (folder, script, None),
        [folder, script, picture] => (folder, script, Some(picture)),
        _ => return Err("usage: boards FOLDER SCRIPT [PICTURE.svg]".to_owned()),
    };
    let text = std::fs::read_to_string(script);
    let text = text.map_err(|error| format!("{}: {error}", script.display()))?;
    let done = boards::play(folder.as_ref(), &text, &mut std::io::stdout());
    let events = done.map_err(|error| error.to_string())?;
    if let Some(picture) = picture {
        let drawn = boards::draw(&text, &events)?;
        let written = std::fs::write(picture, drawn);
        written.map_err(|error| format!("{}: {error}", picture.display()))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn run() -> Result<(), String> {
    Err("this system has no pseudo-terminals".to_owned())
}
