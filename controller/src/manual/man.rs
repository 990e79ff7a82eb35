//! Manual pages, in the language of man(7).

use std::fmt::Write;

use terminal::command_line::{description, flags, short_of, summary, usage, value_of};

use super::Described;

/// The page of one of these commands.
pub(super) fn page(commands: &[Described], index: usize) -> String {
    let command = &commands[index];
    let (path, name) = (&command.path, command.page());
    let mut page = String::new();
    let version = env!("CARGO_PKG_VERSION");
    // Writing to a string does not fail.
    let _ = writeln!(
        page,
        ".TH {} 1 \"\" \"Illuminator Cluster {version}\" \"User Commands\"\n.SH NAME\n{} \\- {}",
        escaped(&name.to_uppercase()),
        escaped(&name),
        escaped(summary(&command.info))
    );
    let usage = usage(path, &command.info);
    let rest = usage.strip_prefix(path.as_str()).unwrap_or_default();
    let _ = writeln!(page, ".SH SYNOPSIS\n.B {}\n{}", escaped(path), text(rest));
    let _ = writeln!(page, ".SH DESCRIPTION");
    for (index, paragraph) in command.info.description.split("\n\n").enumerate() {
        let lead = if index == 0 { "" } else { ".PP\n" };
        let _ = writeln!(page, "{lead}{}", text(paragraph));
    }
    let positionals = command.info.positionals.iter();
    let positionals = positionals.map(|p| (format!("\\fI{}\\fR", escaped(p.name)), p.description));
    section(&mut page, "ARGUMENTS", positionals);
    let options = flags(&command.info).map(|flag| {
        let names = short_of(flag).map(|letter| format!("-{letter}"));
        let names = names.into_iter().chain([flag.long.to_owned()]);
        let names = names.map(|name| format!("\\fB{}\\fR", escaped(&name)));
        let names = names.collect::<Vec<_>>().join(", ");
        let value = value_of(flag).map(|value| format!(" \\fI{}\\fR", escaped(value)));
        (names + &value.unwrap_or_default(), description(flag))
    });
    section(&mut page, "OPTIONS", options);
    let below = command.info.commands.iter();
    let below = below.map(|below| {
        let name = escaped(&format!("{name}-{}", below.name));
        (format!("\\fB{name}\\fR(1)"), summary(&below.command))
    });
    section(&mut page, "COMMANDS", below);
    let codes = commands[0].info.error_codes.iter();
    let codes = codes.map(|code| (format!("\\fB{}\\fR", code.code), code.description));
    section(&mut page, "EXIT STATUS", codes);
    if index > 0 {
        let parent = path.rsplit_once(' ').map_or("", |(parent, _)| parent);
        let parent = escaped(&parent.replace(' ', "-"));
        let _ = writeln!(page, ".SH SEE ALSO\n.BR {parent} (1)");
    }
    page
}

fn section<'a>(page: &mut String, name: &str, rows: impl Iterator<Item = (String, &'a str)>) {
    for (index, (term, description)) in rows.enumerate() {
        if index == 0 {
            let _ = writeln!(page, ".SH {name}");
        }
        let _ = writeln!(page, ".TP\n{term}\n{}", text(description));
    }
}

/// Words as a line of text: none of it is a command of the formatter.
fn text(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = escaped(&words);
    if words.starts_with(['.', '\'']) {
        format!("\\&{words}")
    } else {
        words
    }
}

/// Words in which the formatter sees nothing of its own, and whose hyphens can be searched for.
fn escaped(words: &str) -> String {
    let words = words.replace('\\', "\\e").replace('-', "\\-");
    words.replace('…', "...").replace('→', "\\(->")
}
