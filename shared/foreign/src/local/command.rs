//! Command lines of programs.

use std::env;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Program;
use crate::process::Process;

/// The script that serves a class of the Illuminator.
const SCRIPT: &str = include_str!("../../python/illuminator_host.py");

/// The usual interpreters, the best first.
const INTERPRETERS: &[&[&str]] = if cfg!(windows) {
    &[&["py", "-3"], &["python"]]
} else {
    &[&["python3"]]
};

/// Starts a program that is to call back at this address. An error is what is wrong with it.
pub(super) fn start(
    program: &Program,
    folders: &[String],
    address: &str,
) -> Result<Process, String> {
    match program {
        Program::Python { class, interpreter } => {
            let mut tail = vec!["-".to_owned()];
            for folder in folders {
                tail.extend(["--path".to_owned(), folder.clone()]);
            }
            tail.extend([class.clone(), address.to_owned()]);
            let lines = interpreters(interpreter.as_deref())?;
            let lines = lines.into_iter().map(|line| [line, tail.clone()].concat());
            first_there_is(lines.collect(), None, Some(SCRIPT))
        }
        Program::Command { line, interpreter } => {
            let words = split(line)?;
            if words.is_empty() {
                return Err("its command is empty; name the program to start".to_owned());
            }
            let lines = if words.iter().any(|word| word.contains(PYTHON)) {
                interpreters(interpreter.as_deref())?
            } else {
                vec![Vec::new()]
            };
            let lines = lines.iter().map(|python| filled(&words, python, address));
            first_there_is(lines.collect(), module_path(folders).as_ref(), None)
        }
        Program::Connect { .. } => Err("it is to be there already".to_owned()),
    }
}

const PYTHON: &str = "%(python)s";

/// The words of a command with address and interpreter in their places.
fn filled(words: &[String], python: &[String], address: &str) -> Vec<String> {
    let mut filled = Vec::new();
    for word in words {
        if word == PYTHON {
            filled.extend_from_slice(python);
        } else {
            let word = word.replace("%(addr)s", address);
            filled.push(word.replace(PYTHON, &python.join(" ")));
        }
    }
    filled
}

/// Starts the first command of which there is the program.
fn first_there_is(
    lines: Vec<Vec<String>>,
    module_path: Option<&OsString>,
    input: Option<&str>,
) -> Result<Process, String> {
    let mut names = Vec::new();
    for line in lines {
        let Some((program, arguments)) = line.split_first() else {
            continue;
        };
        let mut command = Command::new(program);
        command.args(arguments);
        if let Some(path) = module_path {
            command.env("PYTHONPATH", path);
        }
        match Process::start(command, input) {
            Ok(process) => return Ok(process),
            Err(error) if error.kind() == ErrorKind::NotFound => names.push(format!("'{program}'")),
            Err(error) => return Err(format!("'{program}' cannot be started: {error}")),
        }
    }
    let names = names.join(" and no ");
    let remedy = if input.is_some() {
        "install Python 3.9 or later, or give the path of one as 'interpreter'"
    } else {
        "install it, or correct the command"
    };
    Err(format!("there is no {names} on this machine; {remedy}"))
}

/// The command lines of interpreters that may be meant.
fn interpreters(given: Option<&str>) -> Result<Vec<Vec<String>>, String> {
    let Some(given) = given else {
        let usual = INTERPRETERS.iter();
        let owned = |line: &&[&str]| line.iter().map(|&word| word.to_owned()).collect();
        return Ok(usual.map(owned).collect());
    };
    // A path with blanks needs no quotes.
    if Path::new(given).exists() {
        return Ok(vec![vec![given.to_owned()]]);
    }
    let words = split(given)?;
    if words.is_empty() {
        return Err(
            "its interpreter is empty; give the path of a Python, or leave it out".to_owned(),
        );
    }
    Ok(vec![words])
}

/// Where Python looks for modules: in these folders first.
fn module_path(folders: &[String]) -> Option<OsString> {
    if folders.is_empty() {
        return None;
    }
    let own = folders.iter().map(PathBuf::from);
    let usual = env::var_os("PYTHONPATH").unwrap_or_default();
    let usual = env::split_paths(&usual).filter(|path| !path.as_os_str().is_empty());
    // A folder with the separator in its name cannot be said in this way.
    env::join_paths(own.chain(usual)).ok()
}

fn split(line: &str) -> Result<Vec<String>, String> {
    // What is before a character in a shell is between folders on Windows.
    words(line, cfg!(not(windows)))
}

/// Splits a line into words as a shell does: at blanks, except in quotes, and where `escapes` behind a backslash.
fn words(line: &str, escapes: bool) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', None | Some('"')) if escapes => {
                let Some(next) = characters.next() else {
                    return Err(format!("its command ends with a backslash: {line}"));
                };
                let word = word.get_or_insert_default();
                if quote.is_some() && !matches!(next, '"' | '\\' | '$' | '`') {
                    word.push('\\');
                }
                word.push(next);
            }
            (end, Some(begin)) if end == begin => quote = None,
            ('\'' | '"', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (blank, None) if blank.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    if let Some(quote) = quote {
        return Err(format!("its command has a {quote} without an end: {line}"));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Vec<String> {
        words(line, true).expect("whole")
    }

    #[test]
    fn a_line_is_split_as_a_shell_does() {
        assert_eq!(split("  a  b\tc\n"), ["a", "b", "c"]);
        assert_eq!(split(r#"'a b' "c d"e '' """#), ["a b", "c de", "", ""]);
        assert_eq!(split(r#"a\ b "\"\x" '\'"#), ["a b", r#""\x"#, r"\"]);
        assert!(split("").is_empty());
        for line in ["'a", "\"a", "a\\"] {
            let error = words(line, true).expect_err(line);
            assert!(error.ends_with(line), "{error}");
        }
    }

    #[test]
    fn on_windows_a_backslash_is_between_folders() {
        let line = r#"C:\Python\python.exe "C:\My Models\sim.py" x"#;
        let split = words(line, false).expect("whole");
        assert_eq!(
            split,
            [r"C:\Python\python.exe", r"C:\My Models\sim.py", "x"]
        );
    }

    #[test]
    fn address_and_interpreter_come_to_their_places() {
        let words = split("%(python)s sim.py --at=%(addr)s '%(python)s'x");
        let python = ["py".to_owned(), "-3".to_owned()];
        let filled = filled(&words, &python, "127.0.0.1:1");
        assert_eq!(filled, ["py", "-3", "sim.py", "--at=127.0.0.1:1", "py -3x"]);
    }
}
