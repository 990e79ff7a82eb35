//! Completions for fish.

use std::fmt::Write;

use terminal::command_line::{description, flags, short_of, summary, value_of};

use super::{Described, Value};

/// The script: a `complete` for each command, option and argument, on the condition that the command
/// before it is there.
pub(super) fn script(commands: &[Described]) -> String {
    let program = commands[0].program();
    let mut text = format!(
        "# Completions of {program} for fish, made from the description of its command line.\n\
         complete -c {program} -f\n"
    );
    for command in commands {
        let condition = condition(command);
        let mut complete = |what: &str| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "complete -c {program} -n {condition} {what}");
        };
        for below in &command.info.commands {
            let what = quoted(summary(&below.command));
            complete(&format!("-a {} -d {what}", below.name));
        }
        for flag in flags(&command.info) {
            let short = short_of(flag).map_or(String::new(), |letter| format!("-s {letter} "));
            let value = value_of(flag).map(|value| Value::called(value, &command.info));
            let value = value.map_or(String::new(), |value| format!(" -r {}", action(&value)));
            let (long, what) = (&flag.long[2..], quoted(description(flag)));
            complete(&format!("{short}-l {long} -d {what}{value}"));
        }
        let value = Value::of_positional(command);
        if command.info.commands.is_empty() && value != Value::Free {
            complete(&action(&value));
        }
    }
    text
}

/// That the words before the cursor name this command, and none below it.
fn condition(command: &Described) -> String {
    let mut conditions: Vec<String> = command
        .words()
        .map(|word| format!("__fish_seen_subcommand_from {word}"))
        .collect();
    let below: Vec<&str> = command.info.commands.iter().map(|c| c.name).collect();
    if !below.is_empty() {
        let below = below.join(" ");
        conditions.push(format!("not __fish_seen_subcommand_from {below}"));
    }
    quoted(&conditions.join("; and "))
}

fn action(value: &Value) -> String {
    match value {
        Value::File => "-F".to_owned(),
        Value::Folder => "-f -a '(__fish_complete_directories)'".to_owned(),
        Value::OneOf(words) => format!("-f -a '{}'", words.join(" ")),
        Value::Free => "-f".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
