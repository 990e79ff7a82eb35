//! What pages show of a terminal: `console` blocks, in which a command stands behind `$ ` and what it says below.
//!
//! All commands are run, and have to say just that, but for measured figures. `…` stands for lines that are left out.
//! What comes first is in a comment before the block, which readers do not see: `<!-- before: COMMANDS -->`. Blocks of what
//! no machine has by itself, such as Raspberry Pis, are `console elsewhere`: other tests have those.

use std::fmt::Write as _;
use std::fs;
use std::mem;
use std::os::unix::fs::symlink;
use std::path::Path;

use regex::Regex;
use rig::{
    BEFORE, Namespace, blocks_in, controller_binary, node_binary, path_with, run_bounded,
    where_possible, workspace,
};
use snapbox::Assert;
use snapbox::data::IntoData;
use snapbox::report::Palette;

use super::pages::Page;

/// What is printed before a command.
const MARK: &str = "==command==";

/// What builds a controller and starts it; here it is built already.
const BUILT: &str = "cargo run --release -p illuminator-controller --bin controller -- ";

/// The home of whoever has written the pages.
const HOME: &str = "/home/lecturer";

/// A block of a page.
#[derive(Debug, Default, PartialEq)]
struct Console {
    /// The line on which it begins.
    line: usize,
    /// Commands that come first.
    before: String,
    /// Each command, and what it says.
    commands: Vec<(String, String)>,
    is_elsewhere: bool,
}

/// The blocks of a text in Markdown.
fn consoles_of(text: &str) -> Vec<Console> {
    let mut before = String::new();
    let consoles = blocks_in(text).into_iter().filter_map(|block| {
        let is_elsewhere = match block.language.as_str() {
            BEFORE => {
                before = block.text;
                return None;
            }
            "console" => false,
            "console elsewhere" => true,
            _ => return None,
        };
        Some(Console {
            line: block.line,
            before: mem::take(&mut before),
            commands: commands_of(&block.text),
            is_elsewhere,
        })
    });
    consoles.collect()
}

fn commands_of(text: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let goes_on = |(command, said): &&mut (String, String)| {
            said.is_empty() && command.ends_with(['|', '\\'])
        };
        if let Some(command) = line.strip_prefix("$ ") {
            all.push((command.to_owned(), String::new()));
        } else if let Some((command, _)) = all.last_mut().filter(goes_on) {
            *command += "\n";
            *command += line;
        } else if let Some((_, said)) = all.last_mut() {
            said.extend([line, "\n"]);
        }
    }
    all
}

/// Without what is another figure each time: times, and what follows from them.
fn steady(said: &str) -> String {
    let mut said = said.trim_end().to_owned();
    for (measured, stands) in [
        (r", waited \S+ s for [^,\n]+", ""),
        (r"\d[\d.,]* bytes from it and \d[\d.,]* to it", "BYTES"),
        (r"\d[\d.,]* (s|ticks/s|variants/s)\b", "FIGURE $1"),
    ] {
        let measured = Regex::new(measured).expect("a pattern");
        said = measured.replace_all(&said, stands).into_owned();
    }
    said.replace('…', "...")
}

impl Console {
    /// Runs it in a folder that has what a checkout has for it. Returns what is not as it stands there.
    fn run(&self, folder: &Path, namespace: &Namespace) -> Result<(), String> {
        let mut script = format!("exec 2>&1\n{}", self.before);
        for (command, _) in &self.commands {
            let command = command.replace(BUILT, "controller ");
            let _ = writeln!(script, "echo {MARK}\n{command}");
        }
        let programs = [controller_binary(), node_binary()].map(|words| {
            let program = Path::new(words.last().expect("a command"));
            program.parent().expect("in a folder").to_owned()
        });
        let home = folder.join("home").display().to_string();
        // Whatever is left of it ends with the shell, which is the first process of its own.
        let mut command = namespace.command("unshare");
        command
            .args(["--pid", "--fork", "--kill-child", "sh", "-c", &script])
            .current_dir(folder)
            .env("PATH", path_with(&programs))
            .env("HOME", &home)
            .env_remove("XDG_CONFIG_HOME");
        let said = run_bounded(&mut command).stdout;
        let said = String::from_utf8_lossy(&said).replace(&home, HOME);
        let said: Vec<&str> = said.split(&format!("{MARK}\n")).skip(1).collect();
        for (place, (command, expected)) in self.commands.iter().enumerate() {
            let said = said.get(place).copied().unwrap_or_default();
            let (said, expected) = (steady(said), steady(expected));
            let assert = Assert::new()
                .palette(Palette::plain())
                .normalize_paths(false);
            let compared = assert.try_eq(None, said.into_data(), expected.into_data());
            compared.map_err(|error| format!("$ {command}\n{error}"))?;
        }
        Ok(())
    }
}

/// Runs the blocks of a page. Returns how many there are, and what is not as it stands there.
fn run(page: &Page, namespace: &Namespace) -> (usize, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let scenarios = workspace().join("scenarios");
    symlink(scenarios, folder.path().join("scenarios")).expect("linked");
    let text = fs::read_to_string(workspace().join(page.name())).expect("a page");
    let consoles = consoles_of(&text).into_iter();
    let consoles: Vec<Console> = consoles.filter(|console| !console.is_elsewhere).collect();
    let wrong = consoles.iter().filter_map(|console| {
        let ran = console.run(folder.path(), namespace);
        let place = format!("{}:{}", page.name(), console.line);
        ran.err().map(|why| format!("{place}: {why}"))
    });
    (consoles.len(), wrong.collect())
}

#[test]
fn what_pages_show_of_a_terminal_is_what_it_says() {
    let Some(namespace) = where_possible("consoles", Namespace::new()) else {
        return;
    };
    let pages = super::pages::of_the_book()
        .into_iter()
        .chain([Page::new("README.md")]);
    let (mut run_through, mut wrong) = (0, Vec::new());
    for page in pages {
        let (count, not_so) = run(&page, &namespace);
        run_through += count;
        wrong.extend(not_so);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(run_through > 5, "{run_through}");
}

#[test]
fn blocks_are_read_with_what_comes_before_them() {
    let text = "<!-- before:\nsleep 1\n-->\n```console\n$ echo a |\n    cat\na\n\n$ true\n```\n\n  ```console elsewhere\n  $ b\n  c\n  ```\n";
    let first = Console {
        line: 4,
        before: "sleep 1\n".into(),
        commands: vec![
            ("echo a |\n    cat".into(), "a\n\n".into()),
            ("true".into(), String::new()),
        ],
        is_elsewhere: false,
    };
    let second = Console {
        line: 12,
        commands: vec![("b".into(), "c\n".into())],
        is_elsewhere: true,
        ..Console::default()
    };
    assert_eq!(consoles_of(text), [first, second]);
}

#[test]
fn what_is_not_as_it_stands_is_told() {
    let Some(namespace) = where_possible("consoles", Namespace::new()) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let ran = |text: &str| consoles_of(text)[0].run(folder.path(), &namespace);
    assert_eq!(
        ran("```console\n$ echo 1 s, 2 b\n3 s, 2 b\n$ ls\n```\n"),
        Ok(())
    );
    let told = ran("```console\n$ echo 1 b\n2 b\n```\n").expect_err("another number");
    assert!(told.starts_with("$ echo 1 b\n"), "{told}");
}
