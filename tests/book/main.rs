//! The book, README.md and ARCHITECTURE.md: links lead somewhere, pages are found, what is short stays short.

mod consoles;
mod pages;

use std::fs;
use std::path::PathBuf;

use pages::{Page, links_of, text_of};
use rig::{controller_binary, run_page, workspace};
use shared::wire::PROTOCOL_VERSION;

/// Pages outside of the book, whose links are followed as well.
const OUTSIDE: [&str; 8] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "BENCHMARKS.md",
    "models/README.md",
    "scenarios/README.md",
];

/// The pages about whole systems, each about the example of its name.
const SYSTEMS: [&str; 4] = ["district", "feeder", "house", "hydrogen"];

#[test]
fn every_link_leads_somewhere() {
    let mut lost = Vec::new();
    let mut followed = 0;
    for page in pages::of_the_book()
        .into_iter()
        .chain(OUTSIDE.map(Page::new))
    {
        for (line, target) in links_of(&text_of(&page)) {
            followed += 1;
            if let Err(why) = page.follow(&target) {
                lost.push(format!("{}:{line}: {target}: {why}", page.name()));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    assert!(followed > 200, "only {followed} links were found");
}

#[test]
fn every_page_is_in_the_summary_once() {
    let summary = Page::new("docs/SUMMARY.md");
    let mut listed: Vec<String> = links_of(&text_of(&summary))
        .into_iter()
        .map(|(_, target)| format!("docs/{target}"))
        .collect();
    listed.sort();
    let pages = pages::of_the_book();
    let mut there: Vec<String> = pages.iter().map(|page| page.name().to_owned()).collect();
    there.retain(|name| name != summary.name());
    there.sort();
    assert_eq!(listed, there);
}

#[test]
fn readme_and_architecture_are_short() {
    for (name, limit) in [("README.md", 200), ("ARCHITECTURE.md", 300)] {
        let lines = text_of(&Page::new(name)).lines().count();
        assert!(
            lines <= limit,
            "{name} has {lines} lines, more than {limit}"
        );
    }
}

#[test]
fn the_readme_has_the_two_commands() {
    let readme = text_of(&Page::new("README.md"));
    for command in [
        "cargo run --release -p illuminator-controller --bin controller -- run scenarios/power-balance.yaml",
        "cargo test --workspace",
    ] {
        assert!(readme.lines().any(|line| line == command), "{command}");
    }
}

#[test]
fn the_page_of_the_protocol_is_about_its_version() {
    let page = text_of(&Page::new("docs/protocol.md"));
    let title = format!("# The wire protocol, version {PROTOCOL_VERSION}");
    assert_eq!(page.lines().next(), Some(title.as_str()));
}

/// The folder with the command `controller`.
fn programs() -> Vec<PathBuf> {
    let binary = PathBuf::from(controller_binary().last().expect("a command"));
    vec![binary.parent().expect("in a folder").to_owned()]
}

#[test]
fn the_guide_for_students_runs_as_it_stands() {
    run_page(&workspace().join("docs/students.md"), &programs(), &[]);
}

#[test]
fn the_page_about_costs_says_what_its_commands_print_and_what_sweeps_find() {
    let beside = [workspace().join("scenarios")];
    run_page(&workspace().join("docs/costs.md"), &programs(), &beside);
}

#[test]
fn the_page_about_weather_says_what_its_commands_print_and_what_sweeps_find() {
    let beside = [workspace().join("scenarios")];
    run_page(&workspace().join("docs/weather.md"), &programs(), &beside);
}

#[test]
fn the_pages_about_systems_say_what_their_commands_print_and_what_sweeps_find() {
    let beside = [workspace().join("scenarios")];
    for name in SYSTEMS {
        let page = workspace().join(format!("docs/systems/{name}.md"));
        run_page(&page, &programs(), &beside);
    }
    // Nobody looks for a page that is not named.
    let pages = fs::read_dir(workspace().join("docs/systems")).expect("a folder");
    assert_eq!(pages.count(), SYSTEMS.len());
}

#[test]
fn files_that_pages_include_are_read_with_them() {
    let models = text_of(&Page::new("docs/models.md"));
    let library = fs::read_to_string(workspace().join("models/README.md")).expect("there");
    assert!(models.ends_with(library.split_once('\n').expect("two lines").1));
    let design = text_of(&Page::new("docs/design/overview.md"));
    assert!(design.contains("\n## Invariants\n") && !design.contains("\n## Crates\n"));
}
