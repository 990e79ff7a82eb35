//! Pages in Markdown, as the book shows them: with what they include, their headings and their links.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use rig::workspace;

/// A page, by its path from the root of the workspace.
pub(crate) struct Page {
    name: String,
}

impl Page {
    pub(crate) fn new(name: &str) -> Self {
        let name = name.to_owned();
        Self { name }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a link of this page leads to something that is there; says what is wrong otherwise.
    pub(crate) fn follow(&self, target: &str) -> Result<(), String> {
        let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
        let to = if path.is_empty() {
            self.name.clone()
        } else {
            self.beside(path)
        };
        if !workspace().join(&to).exists() {
            return Err(format!("there is no {to}"));
        }
        // Where a page of the book leads to another page, mdbook makes that the name of a page of the book.
        if is_markdown(&to) && self.name.starts_with("docs/") && !to.starts_with("docs/") {
            return Err(format!("{to} is no page of the book"));
        }
        if anchor.is_empty() {
            return Ok(());
        }
        let anchors = anchors_of(&text_of(&Page::new(&to)));
        if anchors.iter().any(|one| one == anchor) {
            return Ok(());
        }
        Err(format!(
            "{to} has no such heading; it has {}",
            anchors.join(", ")
        ))
    }

    /// The path from the root of the workspace of what this page calls so.
    fn beside(&self, path: &str) -> String {
        let folder = Path::new(&self.name)
            .parent()
            .expect("a page is in a folder");
        let mut whole = PathBuf::new();
        for part in folder.join(path).components() {
            if part == Component::ParentDir {
                assert!(whole.pop(), "{}: {path} leaves the workspace", self.name);
            } else {
                whole.push(part);
            }
        }
        whole.to_str().expect("UTF-8").to_owned()
    }
}

fn is_markdown(name: &str) -> bool {
    let ending = Path::new(name).extension();
    ending.is_some_and(|ending| ending == "md")
}

/// All pages in `docs`.
pub(crate) fn of_the_book() -> Vec<Page> {
    let mut pages = Vec::new();
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(workspace().join(&folder)).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("UTF-8");
            let path = format!("{folder}/{name}");
            if entry.path().is_dir() {
                folders.push(path);
            } else if is_markdown(&name) {
                pages.push(Page::new(&path));
            }
        }
    }
    pages
}

/// A page with what it includes: a whole file, a file from a line on, or what stands between two marks of it.
pub(crate) fn text_of(page: &Page) -> String {
    let text = fs::read_to_string(workspace().join(page.name()));
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", page.name()));
    let mut whole = String::new();
    for line in text.lines() {
        let included = line.strip_prefix("{{#include ");
        if let Some(included) = included.and_then(|rest| rest.strip_suffix("}}")) {
            whole += &include(page, included);
        } else {
            whole.extend([line, "\n"]);
        }
    }
    whole
}

fn include(page: &Page, what: &str) -> String {
    let (path, part) = what.split_once(':').unwrap_or((what, ""));
    let path = page.beside(path);
    let text = fs::read_to_string(workspace().join(&path));
    let text = text.unwrap_or_else(|error| panic!("{}: {path}: {error}", page.name()));
    if part.is_empty() {
        return text;
    }
    if let Some(first) = part.strip_suffix(':') {
        let first: usize = first.parse().expect("the number of a line");
        return text.split_inclusive('\n').skip(first - 1).collect();
    }
    let between = text
        .split_once(&format!("<!-- ANCHOR: {part} -->\n"))
        .and_then(|(_, rest)| rest.split_once(&format!("<!-- ANCHOR_END: {part} -->")));
    let (between, _) = between.unwrap_or_else(|| panic!("{path} has no marks of '{part}'"));
    between.to_owned()
}

/// The lines of a text that are not in a block of code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    let numbered = text.lines().enumerate();
    numbered.filter_map(move |(number, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        (!is_code && !is_fence).then_some((number + 1, line))
    })
}

/// What the links and pictures of a text lead to, apart from other sites, with the numbers of their lines.
pub(crate) fn links_of(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        for rest in line.split("](").skip(1) {
            let (target, _) = rest.split_once(')').expect("the end of a link");
            if !target.contains("://") {
                links.push((number, target.to_owned()));
            }
        }
    }
    links
}

/// What the headings of a text are called in links, as GitHub and mdbook make it of their words.
fn anchors_of(text: &str) -> Vec<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = Vec::new();
    for (_, line) in prose(text) {
        let words = line.trim_start_matches('#');
        let level = line.len() - words.len();
        if !(1..=6).contains(&level) || !words.starts_with(' ') {
            continue;
        }
        let words = words.trim().to_lowercase().replace(' ', "-");
        let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let anchor: String = words.chars().filter(is_kept).collect();
        let before = times.entry(anchor.clone()).or_default();
        anchors.push(match *before {
            0 => anchor,
            count => format!("{anchor}-{count}"),
        });
        *before += 1;
    }
    anchors
}

#[test]
fn links_are_found_outside_of_code_only() {
    let text = "a [b](c.md#d), [e](https://f)\n```\n[g](h)\n```\n![i](j.png)\n";
    let links = [(1, "c.md#d".to_owned()), (5, "j.png".to_owned())];
    assert_eq!(links_of(text), links);
}

#[test]
fn headings_are_called_by_their_words() {
    let text = "# A `b`, and c's\n## d_e\n```\n# f\n```\n## d_e\n#g\n";
    assert_eq!(anchors_of(text), ["a-b-and-cs", "d_e", "d_e-1"]);
}

#[test]
fn a_link_that_leads_nowhere_is_told() {
    let page = Page::new("docs/page.md");
    assert_eq!(page.follow("scenario.md#monitor"), Ok(()));
    for (target, part) in [
        ("scenery.md", "there is no docs/scenery.md"),
        (
            "scenario.md#monitors",
            "docs/scenario.md has no such heading",
        ),
        ("../README.md", "README.md is no page of the book"),
    ] {
        let why = page.follow(target).expect_err(target);
        assert!(why.contains(part), "{why}");
    }
}
