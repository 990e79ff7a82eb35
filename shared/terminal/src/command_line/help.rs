//! The help of a command.

use argh::CommandInfoWithArgs;

use super::{Style, description, flags, short_of, summary, usage, value_of};

/// The widest first column of a table; what is wider has its description on the next line.
const WIDEST: usize = 28;

/// What `--help` shows.
pub fn help(path: &str, command: &CommandInfoWithArgs, style: Style) -> String {
    let mut text = String::new();
    let heading = |name: &str| {
        if style.colours {
            format!("\x1b[1m{name}\x1b[0m")
        } else {
            name.to_owned()
        }
    };
    wrap(
        &mut text,
        &format!("{} {}", heading("Usage:"), usage(path, command)),
        4,
        4,
        style.width,
    );
    for paragraph in command.description.split("\n\n") {
        text.push('\n');
        wrap(&mut text, paragraph, 0, 0, style.width);
    }
    let mut section = |name: &str, rows: &[(String, &str)]| {
        if !rows.is_empty() {
            text.extend(["\n", &heading(name), "\n"]);
            table(&mut text, rows, style.width);
        }
    };
    let positionals = command.positionals.iter();
    let positionals = positionals.map(|p| (format!("<{}>", p.name), p.description));
    section("Arguments:", &positionals.collect::<Vec<_>>());
    let options = flags(command).filter(|flag| !flag.hidden).map(|flag| {
        let short = short_of(flag).map_or("    ".to_owned(), |letter| format!("-{letter}, "));
        let value = value_of(flag).map_or(String::new(), |value| format!(" <{value}>"));
        (format!("{short}{}{value}", flag.long), description(flag))
    });
    section("Options:", &options.collect::<Vec<_>>());
    let commands = command.commands.iter();
    let commands = commands.map(|below| (below.name.to_owned(), summary(&below.command)));
    section("Commands:", &commands.collect::<Vec<_>>());
    let codes = command.error_codes.iter();
    let codes = codes.map(|code| (code.code.to_string(), code.description));
    section("Exit codes:", &codes.collect::<Vec<_>>());
    if !command.commands.is_empty() {
        let more = format!("'{path} <command> --help' says more of a command.");
        text.push('\n');
        wrap(&mut text, &more, 0, 0, style.width);
    }
    text
}

/// Writes rows of two columns, the second one wrapped.
fn table(text: &mut String, rows: &[(String, &str)], width: usize) {
    let widths = rows.iter().map(|(name, _)| name.chars().count());
    // In a narrow terminal the second column needs most of it.
    let widest = WIDEST.min(width / 2);
    let column = widths.filter(|w| *w <= widest).max().unwrap_or(0) + 4;
    for (name, description) in rows {
        let used = name.chars().count() + 2;
        text.extend(["  ", name]);
        if used + 2 > column {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', column));
        } else {
            text.extend(std::iter::repeat_n(' ', column - used));
        }
        wrap(text, description, column, column, width);
    }
}

/// Writes words in lines of at most this width, of which the first one has begun and the others are
/// indented.
fn wrap(text: &mut String, words: &str, begun: usize, indent: usize, width: usize) {
    let mut column = begun;
    let mut is_first = true;
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if !is_first && column + 1 + length > width {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if !is_first {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
        is_first = false;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_within_the_width() {
        let mut text = String::new();
        let rows = [
            (
                "-o, --output <file>".to_owned(),
                "write the result here and nowhere else",
            ),
            ("an argument that is far too long".to_owned(), "what it is"),
        ];
        table(&mut text, &rows, 44);
        assert_eq!(
            text,
            "  -o, --output <file>  write the result here\n                       and nowhere else\n  \
             an argument that is far too long\n                       what it is\n"
        );
        assert!(text.lines().all(|line| line.chars().count() <= 44));
    }
}
