//! The words of a command line: as people type them, and as argh takes them.

use std::collections::VecDeque;
use std::ffi::OsString;

use argh::{CommandInfoWithArgs, FlagInfo, Optionality};

use super::{Exit, Style, help, short_of, value_of};
use crate::spelling::nearest;

/// A command line in the form that argh takes: each option by its long name and with its value behind
/// it, before the command that follows; positional arguments last.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) given: Vec<String>,
    /// The command: `controller key new`.
    pub(super) command: String,
}

/// Brings a command line into that form.
pub(super) fn words(
    program: &str,
    info: &CommandInfoWithArgs,
    arguments: impl Iterator<Item = OsString>,
    style: impl FnOnce() -> Style,
) -> Result<Words, Exit> {
    let mut reader = Reader {
        command: info,
        path: program.to_owned(),
        rest: VecDeque::new(),
        given: Vec::new(),
        positionals: Vec::new(),
        seen: Vec::new(),
    };
    for argument in arguments {
        match argument.into_string() {
            Ok(argument) => reader.rest.push_back(argument),
            Err(argument) => {
                let argument = argument.to_string_lossy();
                return Err(reader.wrong(&format!("argument '{argument}' is no valid UTF-8")));
            }
        }
    }
    if reader.read()? == Asked::Help {
        let style = style();
        return Err(Exit::Help(help(&reader.path, reader.command, style)));
    }
    reader.check_complete()?;
    let mut given = reader.given;
    if !reader.positionals.is_empty() {
        given.push("--".to_owned());
        given.append(&mut reader.positionals);
    }
    Ok(Words {
        given,
        command: reader.path,
    })
}

#[derive(PartialEq, Eq)]
enum Asked {
    Help,
    Work,
}

struct Reader<'a> {
    command: &'a CommandInfoWithArgs,
    path: String,
    rest: VecDeque<String>,
    given: Vec<String>,
    positionals: Vec<String>,
    /// The options of this command that were given.
    seen: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Result<Asked, Exit> {
        let mut are_options_over = false;
        while let Some(word) = self.rest.pop_front() {
            if are_options_over || !word.starts_with('-') || word == "-" {
                if self.take(word)? == Asked::Help {
                    return Ok(Asked::Help);
                }
            } else if word == "--" {
                are_options_over = true;
            } else if self.take_options(&word)? == Asked::Help {
                return Ok(Asked::Help);
            }
        }
        Ok(Asked::Work)
    }

    /// Takes a word that is no option: a command, or an argument.
    fn take(&mut self, word: String) -> Result<Asked, Exit> {
        let commands = &self.command.commands;
        if !commands.is_empty() {
            if word == "help" {
                // `help run` is `run --help`.
                self.rest.push_back("--help".to_owned());
                return Ok(Asked::Work);
            }
            let Some(known) = commands.iter().find(|known| known.name == word) else {
                let names: Vec<&str> = commands.iter().map(|known| known.name).collect();
                let near = did_you_mean(&word, &names);
                let text = format!("there is no command '{word}'{near}");
                return Err(self.wrong(&text));
            };
            self.path.extend([" ", known.name]);
            self.command = &known.command;
            self.seen.clear();
            self.given.push(word);
            return Ok(Asked::Work);
        }
        let expected = self.command.positionals;
        let last = expected.last().map(|last| &last.optionality);
        let is_open = matches!(last, Some(Optionality::Repeating | Optionality::Greedy));
        if self.positionals.len() >= expected.len() && !is_open {
            let text = match expected.last() {
                Some(last) => format!("'{word}' is one <{}> too many", last.name),
                None => format!("'{word}' is too much: there are no arguments here"),
            };
            return Err(self.wrong(&text));
        }
        self.positionals.push(word);
        Ok(Asked::Work)
    }

    /// Takes a long option, or short ones together, with the value of the last one.
    fn take_options(&mut self, word: &str) -> Result<Asked, Exit> {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, None),
            };
            let flags = self.command.flags.iter();
            let name = format!("--{name}");
            let Some(flag) = flags.clone().find(|flag| flag.long == name) else {
                return Err(self.unknown(&name));
            };
            return self.give(flag, &name, value);
        }
        for (place, letter) in word[1..].char_indices() {
            let mut flags = self.command.flags.iter();
            let name = format!("-{letter}");
            let Some(flag) = flags.find(|flag| short_of(flag) == Some(letter)) else {
                return Err(self.unknown(&name));
            };
            if value_of(flag).is_none() {
                if self.give(flag, &name, None)? == Asked::Help {
                    return Ok(Asked::Help);
                }
                continue;
            }
            let value = &word[1 + place + letter.len_utf8()..];
            let value = value.strip_prefix('=').unwrap_or(value);
            return self.give(flag, &name, (!value.is_empty()).then(|| value.to_owned()));
        }
        Ok(Asked::Work)
    }

    /// Gives an option, which the user called so.
    fn give(
        &mut self,
        flag: &'a FlagInfo<'a>,
        name: &str,
        value: Option<String>,
    ) -> Result<Asked, Exit> {
        if flag.long == "--help" {
            return Ok(Asked::Help);
        }
        let Some(what) = value_of(flag) else {
            if value.is_some() {
                return Err(self.wrong(&format!("option '{name}' takes no value")));
            }
            self.given.push(flag.long.to_owned());
            return Ok(Asked::Work);
        };
        let is_repeated = self.seen.contains(&flag.long);
        if is_repeated && flag.optionality != Optionality::Repeating {
            return Err(self.wrong(&format!("option '{name}' is given more than once")));
        }
        let value = value.or_else(|| self.next_value());
        let Some(value) = value else {
            return Err(self.wrong(&format!("option '{name}' needs a value: {name} <{what}>")));
        };
        self.seen.push(flag.long);
        self.given.extend([flag.long.to_owned(), value]);
        Ok(Asked::Work)
    }

    /// The word behind an option, unless it is an option itself.
    fn next_value(&mut self) -> Option<String> {
        let next = self.rest.front()?;
        let name = next.split('=').next().unwrap_or(next);
        let is_option = next == "--"
            || self.command.flags.iter().any(|flag| {
                let mut letters = next.strip_prefix('-').unwrap_or("").chars();
                flag.long == name || letters.next().is_some_and(|c| short_of(flag) == Some(c))
            });
        if is_option {
            None
        } else {
            self.rest.pop_front()
        }
    }

    /// Refuses a command line that lacks something.
    fn check_complete(&self) -> Result<(), Exit> {
        let is_below = self.path.contains(' ');
        if !self.command.commands.is_empty() && is_below {
            let names: Vec<&str> = self.command.commands.iter().map(|c| c.name).collect();
            return Err(self.wrong(&format!("say what to do: {}", names.join(", "))));
        }
        let missing = self.command.positionals.get(self.positionals.len());
        if let Some(missing) = missing.filter(|p| p.optionality == Optionality::Required) {
            let (name, what) = (missing.name, missing.description);
            return Err(self.wrong(&format!("<{name}> is missing: {what}")));
        }
        let mut flags = self.command.flags.iter();
        let is_missing = |flag: &&FlagInfo<'_>| {
            flag.optionality == Optionality::Required && !self.seen.contains(&flag.long)
        };
        match flags.find(|flag| value_of(flag).is_some() && is_missing(flag)) {
            Some(flag) => Err(self.wrong(&format!("option '{}' is missing", flag.long))),
            None => Ok(()),
        }
    }

    fn unknown(&self, name: &str) -> Exit {
        let has_it = |command: &CommandInfoWithArgs| {
            let mut flags = command.flags.iter();
            flags.any(|f| f.long == name || short_of(f).is_some_and(|c| name == format!("-{c}")))
        };
        let mut below = self.command.commands.iter();
        if let Some(owner) = below.find(|below| has_it(&below.command)) {
            let command = owner.name;
            return self.wrong(&format!(
                "option '{name}' is one of commands such as '{command}'; put it behind the command"
            ));
        }
        let names: Vec<&str> = self.command.flags.iter().map(|flag| flag.long).collect();
        let near = did_you_mean(name, &names);
        self.wrong(&format!("there is no option '{name}'{near}"))
    }

    fn wrong(&self, text: &str) -> Exit {
        Exit::Wrong(format!("{text}; see '{} --help'", self.path))
    }
}

fn did_you_mean(word: &str, names: &[&str]) -> String {
    match nearest(word, names.iter().copied()) {
        Some(near) => format!(", did you mean '{near}'?"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use argh::{ArgsInfo, FromArgs};

    use super::super::parse;
    use super::*;

    /// A program.
    #[derive(Debug, PartialEq, FromArgs, ArgsInfo)]
    struct Program {
        /// print the version
        #[argh(switch, short = 'V')]
        version: bool,
        #[argh(subcommand)]
        command: Option<Command>,
    }

    #[derive(Debug, PartialEq, FromArgs, ArgsInfo)]
    #[argh(subcommand)]
    enum Command {
        Run(Run),
        Key(Key),
    }

    /// Run something: a file.
    #[derive(Debug, PartialEq, FromArgs, ArgsInfo)]
    #[argh(subcommand, name = "run")]
    struct Run {
        /// the file
        #[argh(positional)]
        file: String,
        /// where to
        #[argh(option, short = 'o', arg_name = "file")]
        output: Option<String>,
        /// less
        #[argh(switch, short = 'q')]
        quiet: bool,
        /// a number
        #[argh(option, default = "1", arg_name = "number")]
        number: u8,
        /// several
        #[argh(option, short = 'l', arg_name = "word")]
        list: Vec<String>,
    }

    /// Keys.
    #[derive(Debug, PartialEq, FromArgs, ArgsInfo)]
    #[argh(subcommand, name = "key")]
    struct Key {
        #[argh(subcommand)]
        action: Action,
    }

    #[derive(Debug, PartialEq, FromArgs, ArgsInfo)]
    #[argh(subcommand)]
    enum Action {
        New(New),
    }

    /// Make one.
    #[derive(Debug, PartialEq, FromArgs, ArgsInfo)]
    #[argh(subcommand, name = "new")]
    struct New {}

    fn read(line: &str) -> Result<Program, Exit> {
        let words = line.split(' ').filter(|word| !word.is_empty());
        parse("prog", words.map(OsString::from), || Style {
            width: 80,
            colours: false,
        })
    }

    #[track_caller]
    fn run(line: &str) -> Run {
        match read(line) {
            Ok(Program {
                command: Some(Command::Run(run)),
                ..
            }) => run,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn options_are_taken_as_people_type_them() {
        let meant = run("run a.yaml --output x.csv --quiet");
        for line in [
            "run a.yaml --output=x.csv -q",
            "run -q -o x.csv a.yaml",
            "run -qo x.csv a.yaml",
            "run -qox.csv a.yaml",
            "run a.yaml -qo=x.csv",
            "run --quiet --output x.csv -- a.yaml",
            "run -q a.yaml --quiet -o x.csv",
        ] {
            assert_eq!(run(line), meant, "{line}");
        }
        assert_eq!(run("run -- -a").file, "-a");
        assert_eq!(run("run --output=-x a").output.as_deref(), Some("-x"));
        assert_eq!(run("run -o - a").output.as_deref(), Some("-"));
        assert_eq!(run("run --output= a").output.as_deref(), Some(""));
        assert_eq!(
            run("run a -l one -ltwo --list=three").list,
            ["one", "two", "three"]
        );
        assert!(read("-V").expect("valid").version);
        assert_eq!(read("").expect("valid").command, None);
    }

    #[test]
    fn what_is_wrong_is_named_with_what_was_meant_and_the_help_of_the_command() {
        for (line, said) in [
            (
                "rnu a",
                "there is no command 'rnu', did you mean 'run'?; see 'prog --help'",
            ),
            (
                "key newt",
                "there is no command 'newt', did you mean 'new'?; see 'prog key --help'",
            ),
            ("key", "say what to do: new; see 'prog key --help'"),
            ("run", "<file> is missing: the file; see 'prog run --help'"),
            (
                "run a b",
                "'b' is one <file> too many; see 'prog run --help'",
            ),
            (
                "key new x",
                "'x' is too much: there are no arguments here; see 'prog key new --help'",
            ),
            (
                "run a --ouput x",
                "there is no option '--ouput', did you mean '--output'?; see 'prog run --help'",
            ),
            ("run a -x", "there is no option '-x'; see 'prog run --help'"),
            (
                "run a -qx",
                "there is no option '-x'; see 'prog run --help'",
            ),
            (
                "run a -o",
                "option '-o' needs a value: -o <file>; see 'prog run --help'",
            ),
            (
                "run a --output --quiet",
                "option '--output' needs a value: --output <file>; see 'prog run --help'",
            ),
            (
                "run a --quiet=yes",
                "option '--quiet' takes no value; see 'prog run --help'",
            ),
            (
                "run a -o x --output y",
                "option '--output' is given more than once; see 'prog run --help'",
            ),
            (
                "run a --number x",
                "option '--number' with value 'x': invalid digit found in string; see 'prog run --help'",
            ),
            (
                "--quiet run a",
                "option '--quiet' is one of commands such as 'run'; put it behind the command; see 'prog --help'",
            ),
        ] {
            assert_eq!(read(line), Err(Exit::Wrong(said.to_owned())), "{line}");
        }
    }

    #[test]
    fn help_is_there_for_each_command_however_it_is_asked_for() {
        let of = |line: &str| match read(line) {
            Err(Exit::Help(text)) => text.lines().next().unwrap_or_default().to_owned(),
            other => panic!("{line}: {other:?}"),
        };
        for line in ["-h", "--help", "help", "-Vh"] {
            assert_eq!(of(line), "Usage: prog [options] <command> …", "{line}");
        }
        for line in ["run --help", "help run", "run a -h --nonsense", "run -qh"] {
            assert_eq!(of(line), "Usage: prog run [options] <file>", "{line}");
        }
        assert_eq!(of("help key new"), "Usage: prog key new [options]");
        assert_eq!(run("run help").file, "help");
    }
}
