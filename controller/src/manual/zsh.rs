//! Completions for the Z shell.

use std::fmt::Write;

use argh::Optionality;
use terminal::command_line::{description, flags, short_of, summary, value_of};

use super::{Described, Value};

/// The script: a function a command, each with `_arguments`.
pub(super) fn script(commands: &[Described]) -> String {
    let (program, main) = (commands[0].program(), commands[0].function());
    let mut text = format!(
        "#compdef {program}\n# Completions of {program} for zsh, made from the description of its \
         command line.\n"
    );
    for command in commands {
        function(&mut text, command);
    }
    // What loads a completion calls it by the name of its file.
    let _ = write!(
        text,
        "\nif [[ $funcstack[1] == _{program} ]]; then\n    {main} \"$@\"\nelse\n    \
         compdef {main} {program}\nfi\n"
    );
    text
}

fn function(text: &mut String, command: &Described) {
    let name = command.function();
    let mut arguments = Vec::new();
    for flag in flags(&command.info) {
        let value = value_of(flag).map(|value| {
            let action = action(&Value::called(value, &command.info));
            format!(":{}:{action}", escaped(value))
        });
        let value = value.unwrap_or_default();
        let what = escaped(description(flag));
        let (more, equals) = match (value.is_empty(), &flag.optionality) {
            (true, _) => ("", ""),
            (false, Optionality::Repeating) => ("*", "="),
            (false, _) => ("", "="),
        };
        arguments.push(format!("'{more}{}{equals}[{what}]{value}'", flag.long));
        if let Some(letter) = short_of(flag) {
            let joined = if value.is_empty() { "" } else { "+" };
            arguments.push(format!("'{more}-{letter}{joined}[{what}]{value}'"));
        }
    }
    let below = &command.info.commands;
    if below.is_empty() {
        for (place, positional) in command.info.positionals.iter().enumerate() {
            let action = action(&Value::called(positional.name, &command.info));
            let place = match positional.optionality {
                Optionality::Required | Optionality::Optional => format!("{}:", place + 1),
                Optionality::Repeating | Optionality::Greedy => "*:".to_owned(),
            };
            arguments.push(format!("'{place}{}:{action}'", escaped(positional.name)));
        }
    } else {
        arguments.push("'1:command:->command'".to_owned());
        arguments.push("'*::argument:->argument'".to_owned());
    }
    let arguments = arguments.join(" \\\n        ");
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "\n{name}() {{\n    local curcontext=$curcontext context state state_descr line\n    \
         typeset -A opt_args\n    _arguments -C -s -S \\\n        {arguments}\n"
    );
    if !below.is_empty() {
        let described = below.iter().map(|below| {
            let what = summary(&below.command)
                .replace('\'', "")
                .replace(':', "\\:");
            format!("'{}:{what}'", below.name)
        });
        let described = described.collect::<Vec<_>>().join(" ");
        let calls = below.iter().map(|below| {
            let name_below = below.name;
            format!("            {name_below}) {name}_{name_below} ;;\n")
        });
        let _ = write!(
            text,
            "    case $state in\n    command)\n        local -a commands\n        \
             commands=({described})\n        _describe command commands\n        ;;\n    \
             argument)\n        case $line[1] in\n{}        esac\n        ;;\n    esac\n",
            calls.collect::<String>()
        );
    }
    text.push_str("}\n");
}

fn action(value: &Value) -> String {
    match value {
        Value::File => "_files".to_owned(),
        Value::Folder => "_files -/".to_owned(),
        Value::OneOf(words) => format!("({})", words.join(" ")),
        Value::Free => " ".to_owned(),
    }
}

/// Words between quotes, in which `_arguments` sees nothing of its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\'' => escaped.push_str("'\\''"),
            '[' | ']' | ':' | '\\' => escaped.extend(['\\', c]),
            '\n' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
