//! The tables of docs/commands.md.

use std::fmt::Write;

use argh::CommandInfoWithArgs;
use terminal::command_line::{flags, short_of, summary, usage, value_of};

use super::{Described, all};

/// The commands of a program, as rows of a table in Markdown.
pub fn command_table(program: &str, info: &CommandInfoWithArgs) -> String {
    let mut table = String::new();
    for Described { path, info } in all(program, info)
        .iter()
        .filter(|c| c.info.commands.is_empty())
    {
        let usage = usage(path, info).replace(" [options]", "");
        // Writing to a string does not fail.
        let _ = writeln!(table, "| `{usage}` | {} |", cell(&lower(summary(info))));
    }
    table
}

/// The options of a program, as rows of a table in Markdown: one for each that means the same, with the
/// commands that have it.
pub fn option_table(program: &str, info: &CommandInfoWithArgs) -> String {
    let mut rows: Vec<(String, Vec<String>, &str)> = Vec::new();
    for Described { path, info } in &all(program, info) {
        let command = path.split_once(' ').map_or(program, |(_, command)| command);
        for flag in flags(info).filter(|flag| flag.long != "--help") {
            let short = short_of(flag).map_or(String::new(), |letter| format!("`-{letter}`, "));
            let value = value_of(flag).map_or(String::new(), |value| format!(" <{value}>"));
            let option = format!("{short}`{}{value}`", flag.long);
            let known = rows
                .iter_mut()
                .find(|(known, _, what)| *known == option && *what == flag.description);
            match known {
                Some((_, commands, _)) => commands.push(format!("`{command}`")),
                None => rows.push((option, vec![format!("`{command}`")], flag.description)),
            }
        }
    }
    let mut table = String::new();
    for (option, commands, what) in rows {
        let _ = writeln!(
            table,
            "| {option} | {} | {} |",
            commands.join(", "),
            cell(what)
        );
    }
    table
}

/// The exit codes of a program, as rows of a table in Markdown.
pub fn exit_code_table(info: &CommandInfoWithArgs) -> String {
    let mut table = String::new();
    for code in info.error_codes {
        let _ = writeln!(table, "| {} | {} |", code.code, cell(code.description));
    }
    table
}

/// Text within a cell.
fn cell(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// A sentence in the middle of a line.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
