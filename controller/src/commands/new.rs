//! `controller new`.

use std::path::Path;

use super::failure::Failure;
use crate::arguments::New;
use crate::chain::chain;
use crate::deploy::quoted;
use crate::new::{CHOICES, find, write};
use crate::output::{answer, answer_line, columns};
use crate::scenario::backslash_in;

/// Makes a scenario, or lists what there is to choose from.
pub(crate) fn new(arguments: &New) -> Result<(), Failure> {
    let (name, folder) = match &arguments.choice[..] {
        [] => {
            list();
            return Ok(());
        }
        [name] => (name, None),
        [name, folder] => (name, Some(folder)),
        _ => {
            let text =
                "give a choice and a folder, and nothing else; a name with spaces is put in quotes";
            return Err(Failure::Usage(text.to_owned()));
        }
    };
    let example = find(name).map_err(|near| {
        let near = near.map_or(String::new(), |near| format!(", did you mean '{near}'?"));
        Failure::Usage(format!(
            "there is no scenario '{name}' to begin with{near}; 'controller new' lists them"
        ))
    })?;
    if let Some(what) = folder.and_then(|folder| backslash_in(folder)) {
        return Err(Failure::Usage(what));
    }
    // Below an empty path, files are called as in the folder that one is in.
    let path = folder.map_or(Path::new(""), Path::new);
    let files = example.files();
    write(path, &files).map_err(|error| Failure::Usage(chain(&error)))?;
    for (file, _) in &files {
        answer_line!("made {}", path.join(file).display());
    }
    answer_line!("\nnext:");
    if let Some(folder) = folder {
        answer_line!("  cd {}", quoted(folder));
    }
    let [run, report, spread] = example.commands();
    answer_line!("  {run}");
    answer_line!("  {report}");
    answer_line!(
        "on Raspberry Pis, once their addresses are in cluster.yaml in place of 127.0.0.1 and so on:"
    );
    answer_line!("  {spread}");
    Ok(())
}

/// Lists what there is to choose from.
fn list() {
    let rows = CHOICES.iter().map(|choice| [choice.name, choice.about]);
    let rows: Vec<_> = rows.map(|row| row.map(str::to_owned).to_vec()).collect();
    answer(format_args!("{}", columns(&rows)));
}
