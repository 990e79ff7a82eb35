//! Pages of the guide, run as they stand.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::run_bounded;

/// A block of a page: between lines of three backticks; a comment `<!-- before: … -->`, of the language [`BEFORE`], which readers
/// do not see; or a table.
pub struct Block {
    /// What stands behind the backticks.
    pub language: String,
    /// What is between them.
    pub text: String,
    /// The line on which it begins.
    pub line: usize,
}

/// The language of comments with what comes before a block.
pub const BEFORE: &str = "before";

/// The language of tables, which stand in a page as they are.
const TABLE: &str = "table";

/// The blocks of a page, without tables.
pub fn blocks_of(page: &Path) -> Vec<Block> {
    let mut blocks = blocks_in(&text_of(page));
    blocks.retain(|block| block.language != TABLE);
    blocks
}

/// Where commands are looked for: in these folders first.
pub fn path_with(programs: &[PathBuf]) -> OsString {
    let usual = env::var_os("PATH").unwrap_or_default();
    let path = programs.iter().cloned().chain(env::split_paths(&usual));
    env::join_paths(path).expect("folders without colons")
}

/// Runs a page from a folder with nothing but links to `beside`: blocks in order, `sh` as commands, and `python` and
/// `yaml` as files, named in their first line (`# file: NAME`). The lines of an `output` block must be in what the
/// commands before it have printed. A table whose columns have units in brackets must say what is in the `table.csv`
/// that the commands before it have made. `programs` are folders that commands are looked for in first.
pub fn run_page(page: &Path, programs: &[PathBuf], beside: &[PathBuf]) {
    let folder = tempfile::tempdir().expect("a folder");
    for there in beside {
        let name = there.file_name().expect("a name");
        symlink(there, folder.path().join(name)).expect("linked");
    }
    let mut printed = String::new();
    let mut commands = 0;
    for block in blocks_in(&text_of(page)) {
        let place = format!("{}:{}", page.display(), block.line);
        match block.language.as_str() {
            "sh" => {
                printed = run(&block.text, folder.path(), programs, &place);
                commands += 1;
            }
            "python" | "yaml" => write(&block.text, folder.path(), &place),
            "output" => {
                for line in block.text.lines() {
                    let is_there = printed.lines().any(|one| one.trim() == line.trim());
                    assert!(is_there, "{place}: '{line}' is not in\n{printed}");
                }
            }
            TABLE
                if block
                    .text
                    .lines()
                    .next()
                    .is_some_and(|titles| titles.contains(" [")) =>
            {
                let made = fs::read_to_string(folder.path().join("table.csv"));
                let made = made.unwrap_or_else(|error| panic!("{place}: table.csv: {error}"));
                compare(&block.text, &made, &place);
            }
            _ => {}
        }
    }
    assert!(commands > 0, "{} has no commands", page.display());
}

fn text_of(page: &Path) -> String {
    let text = fs::read_to_string(page);
    text.unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

/// The blocks of a text in Markdown.
pub fn blocks_in(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let begin = |language: &str, number: usize| Block {
        language: language.trim().to_owned(),
        text: String::new(),
        line: number + 1,
    };
    // How far a block is indented, as it is in a list, and what ends it.
    let mut open = None;
    let mut in_table = false;
    for (number, line) in text.lines().enumerate() {
        let bare = line.trim_start();
        let is_in_table = open.is_none() && bare.starts_with('|');
        if let Some((indent, end)) = open {
            if bare.starts_with(end) {
                open = None;
            } else {
                let block = blocks.last_mut().expect("one is open");
                let cut = (line.len() - bare.len()).min(indent);
                block.text.extend([&line[cut..], "\n"]);
            }
        } else if let Some(language) = bare.strip_prefix("```") {
            blocks.push(begin(language, number));
            open = Some((line.len() - bare.len(), "```"));
        } else if bare == "<!-- before:" {
            blocks.push(begin(BEFORE, number));
            open = Some((0, "-->"));
        } else if is_in_table {
            if !in_table {
                blocks.push(begin(TABLE, number));
            }
            let table = blocks.last_mut().expect("one has begun");
            table.text.extend([bare, "\n"]);
        }
        in_table = is_in_table;
    }
    assert!(open.is_none(), "a block has no end");
    blocks
}

/// Compares a table of a page with rows of CSV: the page has some of the columns, and of numbers as many decimals as it
/// wants.
fn compare(table: &str, made: &str, place: &str) {
    fn cells(line: &str) -> Vec<&str> {
        let line = line.trim().trim_matches('|');
        line.split('|').map(str::trim).collect()
    }
    let mut made = made.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = made.next().expect("names of columns");
    let names: Vec<String> = names
        .iter()
        .map(|name| name.replace(".parameter.", "."))
        .collect();
    let mut shown = table.lines();
    let columns: Vec<usize> = cells(shown.next().expect("a table"))
        .into_iter()
        .map(|title| {
            let found = names.iter().position(|name| name == title);
            found.unwrap_or_else(|| panic!("{place}: no column '{title}' among {names:?}"))
        })
        .collect();
    let expected: Vec<Vec<String>> = made
        .zip(shown.clone().skip(1).map(cells))
        .map(|(made, shown)| {
            columns
                .iter()
                .zip(shown)
                .map(|(column, shown)| {
                    let decimals = shown.split_once('.').map_or(0, |(_, behind)| behind.len());
                    let made = made[*column];
                    let number = made.parse::<f64>();
                    number.map_or(made.to_owned(), |number| format!("{number:.decimals$}"))
                })
                .collect()
        })
        .collect();
    let shown: Vec<Vec<&str>> = shown.skip(1).map(cells).collect();
    assert!(!shown.is_empty(), "{place}: no rows");
    assert_eq!(shown, expected, "{place}");
}

/// Writes a block to the file that its first line names.
fn write(text: &str, folder: &Path, place: &str) {
    let named = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# file: "));
    let name = named.unwrap_or_else(|| panic!("{place}: the first line should be '# file: NAME'"));
    fs::write(folder.join(name.trim()), text).expect("written");
}

/// Runs commands, which must all succeed; returns what they have printed.
fn run(commands: &str, folder: &Path, programs: &[PathBuf], place: &str) -> String {
    let mut shell = Command::new("sh");
    shell
        .args(["-e", "-c", commands])
        .current_dir(folder)
        .env("PATH", path_with(programs));
    let done = run_bounded(&mut shell);
    let said = [done.stdout, done.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    let said = said.concat();
    assert!(done.status.success(), "{place}: {}\n{said}", done.status);
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("written");
        file
    }

    #[test]
    fn a_page_is_run_block_by_block() {
        let text = "# Title\n```python\n# file: a.txt\nhello\n```\nthen\n```sh\ncat a.txt\n```\n```output\nhello\n```\n\n| word | meaning |\n|---|---|\n| x | y [z] |\n";
        run_page(page(text).path(), &[], &[]);
    }

    #[test]
    #[should_panic(expected = "'hullo' is not in")]
    fn another_output_is_noticed() {
        run_page(
            page("```sh\necho hello\n```\n```output\nhullo\n```\n").path(),
            &[],
            &[],
        );
    }

    #[test]
    #[should_panic(expected = "exit status: 3")]
    fn a_command_that_fails_is_noticed() {
        run_page(page("```sh\n(exit 3)\necho after\n```\n").path(), &[], &[]);
    }

    /// A page in a list, with a table of which two columns and a row are shown.
    fn page_with_table(cell: &str) -> tempfile::NamedTempFile {
        let made = "printf 'simulationID,A.parameter.b,x [kW],y [-]\\n1,10,2.25,3\\n' > table.csv";
        let table = format!("| A.b | y [-] |\n   |---|---|\n   | 10 | {cell} |");
        page(&format!(
            "1. Text\n\n   ```sh\n   {made}\n   ```\n\n   {table}\n"
        ))
    }

    #[test]
    fn a_table_is_compared_with_the_one_that_is_made() {
        run_page(page_with_table("3.00").path(), &[], &[]);
    }

    #[test]
    #[should_panic(expected = "3.1")]
    fn another_number_in_a_table_is_noticed() {
        run_page(page_with_table("3.1").path(), &[], &[]);
    }

    #[test]
    fn what_is_beside_a_page_is_there() {
        let beside = page("hello\n");
        let name = beside.path().file_name().expect("a name").to_str();
        let text = format!("```sh\ncat {}\n```\n", name.expect("UTF-8"));
        run_page(page(&text).path(), &[], &[beside.path().to_owned()]);
    }
}
