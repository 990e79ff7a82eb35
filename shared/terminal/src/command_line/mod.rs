//! Command lines. [argh] describes commands and options, and fills them in; here the words of the user
//! are brought into the one form that it takes, and what is wrong with them is said. Help, completions,
//! manual pages and tables are made of the same description.

mod help;
mod words;

use std::ffi::OsString;

use argh::{ArgsInfo, CommandInfoWithArgs, FlagInfo, FlagInfoKind, FromArgs, Optionality};

pub use help::help;

/// Why there is nothing to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Exit {
    /// The user wants help: this.
    Help(String),
    /// The command line is wrong.
    Wrong(String),
}

/// How help is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The most columns of a line.
    pub width: usize,
    /// Whether headings stand out.
    pub colours: bool,
}

/// Reads the command line of a program, without its own name. `style` is asked for where help is wanted.
pub fn parse<T: FromArgs + ArgsInfo>(
    program: &str,
    arguments: impl Iterator<Item = OsString>,
    style: impl FnOnce() -> Style,
) -> Result<T, Exit> {
    let info = T::get_args_info();
    let words = words::words(program, &info, arguments, style)?;
    let given: Vec<&str> = words.given.iter().map(String::as_str).collect();
    T::from_args(&[program], &given).map_err(|exit| {
        let text = exit.output.trim();
        let text = text.strip_prefix("Error parsing ").unwrap_or(text);
        Exit::Wrong(format!("{text}; see '{} --help'", words.command))
    })
}

/// The first sentence of a description, without what it goes on to say.
pub fn summary(command: &CommandInfoWithArgs) -> &str {
    let text = command.description;
    let end = [". ", ": ", "\n\n"].iter().filter_map(|end| text.find(end));
    text[..end.min().unwrap_or(text.len())].trim_end_matches('.')
}

/// What a flag does to the command line.
pub fn value_of<'a>(flag: &FlagInfo<'a>) -> Option<&'a str> {
    match flag.kind {
        FlagInfoKind::Switch => None,
        FlagInfoKind::Option { arg_name } => Some(arg_name),
    }
}

/// The short name of a flag, `-h` for that which shows help.
pub fn short_of(flag: &FlagInfo<'_>) -> Option<char> {
    flag.short.or((flag.long == "--help").then_some('h'))
}

/// What a flag is for.
pub fn description<'a>(flag: &FlagInfo<'a>) -> &'a str {
    match flag.long {
        "--help" => "show this help",
        _ => flag.description,
    }
}

/// The flags of a command, help last.
pub fn flags(command: &CommandInfoWithArgs) -> impl Iterator<Item = &'static FlagInfo<'static>> {
    let (help, others): (Vec<_>, Vec<_>) =
        command.flags.iter().partition(|flag| flag.long == "--help");
    others.into_iter().chain(help)
}

/// How a command is used: `controller run [options] <scenario>`.
pub fn usage(path: &str, command: &CommandInfoWithArgs) -> String {
    let mut usage = format!("{path} [options]");
    for positional in command.positionals {
        let name = positional.name;
        let text = match positional.optionality {
            Optionality::Required => format!(" <{name}>"),
            Optionality::Optional => format!(" [<{name}>]"),
            Optionality::Repeating | Optionality::Greedy => format!(" [<{name}>…]"),
        };
        usage.push_str(&text);
    }
    if !command.commands.is_empty() {
        usage.push_str(" <command> …");
    }
    usage
}
