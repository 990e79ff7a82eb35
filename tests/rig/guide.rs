//! Pages of the guide, run as they stand.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::run_bounded;

/// A block of a page, between lines of three backticks.
pub struct Block {
    /// What stands behind the backticks.
    pub language: String,
    /// What is between them.
    pub text: String,
    /// The line on which it begins.
    line: usize,
}

/// The blocks of a page.
pub fn blocks_of(page: &Path) -> Vec<Block> {
    let text = fs::read_to_string(page);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    blocks(&text)
}

/// Runs a page from an empty folder: blocks in order, `sh` as commands, and `python` and `yaml` as files, named in
/// their first line (`# file: NAME`). The lines of an `output` block must be in what the commands before it have
/// printed. `programs` are folders that commands are looked for in first.
pub fn run_page(page: &Path, programs: &[PathBuf]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut printed = String::new();
    let mut commands = 0;
    for block in blocks_of(page) {
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
            _ => {}
        }
    }
    assert!(commands > 0, "{} has no commands", page.display());
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (number, line) in text.lines().enumerate() {
        if let Some(language) = line.strip_prefix("```") {
            is_open = !is_open;
            if is_open {
                blocks.push(Block {
                    language: language.trim().to_owned(),
                    text: String::new(),
                    line: number + 1,
                });
            }
        } else if is_open {
            let block = blocks.last_mut().expect("one is open");
            block.text.extend([line, "\n"]);
        }
    }
    assert!(!is_open, "a block has no end");
    blocks
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
    let usual = env::var_os("PATH").unwrap_or_default();
    let path = programs.iter().cloned().chain(env::split_paths(&usual));
    let path = env::join_paths(path).expect("folders without colons");
    let mut shell = Command::new("sh");
    shell
        .args(["-e", "-c", commands])
        .current_dir(folder)
        .env("PATH", path);
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
        let text = "# Title\n```python\n# file: a.txt\nhello\n```\nthen\n```sh\ncat a.txt\n```\n```output\nhello\n```\n";
        run_page(page(text).path(), &[]);
    }

    #[test]
    #[should_panic(expected = "'hullo' is not in")]
    fn another_output_is_noticed() {
        run_page(
            page("```sh\necho hello\n```\n```output\nhullo\n```\n").path(),
            &[],
        );
    }

    #[test]
    #[should_panic(expected = "exit status: 3")]
    fn a_command_that_fails_is_noticed() {
        run_page(page("```sh\n(exit 3)\necho after\n```\n").path(), &[]);
    }
}
