//! `docs/commands.md` has the tables that the description makes, and packages of node and bridge their manual pages
//! and completions. To write them anew: `WRITE_README=1 cargo test -p illuminator-tests --test command_line readme`.

use std::fs;
use std::path::Path;
use std::process::Command;

use argh::{ArgsInfo, CommandInfoWithArgs};
use controller::Shell;
use controller::manual::{command_table, completions_of, exit_code_table, option_table, pages_of};
use rig::workspace;

use crate::has;

/// The tables, by what stands before them.
fn tables() -> [(&'static str, String); 3] {
    let ours = controller::Arguments::get_args_info();
    let nodes = node::Arguments::get_args_info();
    let bridges = bridge::Arguments::get_args_info();
    let commands = format!(
        "| command | what it does |\n|---|---|\n{}{}{}",
        command_table("controller", &ours),
        command_table("illuminator-node", &nodes),
        command_table("illuminator-bridge", &bridges)
    );
    let options = format!(
        "| option of `controller` | of | meaning |\n|---|---|---|\n{}\n\
         | option of `illuminator-node` | of | meaning |\n|---|---|---|\n{}\n\
         | option of `illuminator-bridge` | of | meaning |\n|---|---|---|\n{}",
        option_table("controller", &ours),
        option_table("illuminator-node", &nodes),
        option_table("illuminator-bridge", &bridges)
    );
    let codes = format!(
        "| exit code of `controller` | meaning |\n|---|---|\n{}",
        exit_code_table(&ours)
    );
    [
        ("commands", commands),
        ("options", options),
        ("exit codes", codes),
    ]
}

#[test]
fn the_tables_of_the_book_are_those_of_the_command_lines() {
    let path = workspace().join("docs/commands.md");
    let page = fs::read_to_string(&path).expect("there");
    let mut written = page.clone();
    for (name, table) in tables() {
        let start = format!("<!-- {name}: made from their descriptions -->\n");
        let (before, rest) = written.split_once(&start).expect("the start of a table");
        let (_, after) = rest.split_once("<!-- end -->").expect("the end of a table");
        written = format!("{before}{start}\n{table}\n<!-- end -->{after}");
    }
    check(&path, &page, &written);
}

/// Writes a file if that is wanted, and compares it with what it should be otherwise.
fn check(path: &Path, is: &str, should_be: &str) {
    if std::env::var_os("WRITE_README").is_some() {
        fs::write(path, should_be).expect("written");
    } else {
        assert!(
            is == should_be,
            "{} has other commands and options; write it anew with \
             'WRITE_README=1 cargo test -p illuminator-tests --test command_line readme'",
            path.display()
        );
    }
}

#[test]
fn packages_have_the_manual_and_the_completions_of_their_command_line() {
    let node = node::Arguments::get_args_info();
    check_package("illuminator-node", &node, "node/packaging");
    let bridge = bridge::Arguments::get_args_info();
    check_package("illuminator-bridge", &bridge, "node/bridge/packaging");
}

/// Checks the pages and the completions that a folder has for the package of a program.
fn check_package(program: &str, info: &CommandInfoWithArgs, package: &str) {
    let completions = [
        (Shell::Bash, program.to_owned()),
        (Shell::Zsh, format!("_{program}")),
        (Shell::Fish, format!("{program}.fish")),
    ];
    let completions = completions.map(|(shell, name)| {
        let script = completions_of(program, info, shell);
        (format!("completions/{name}"), script)
    });
    let pages = pages_of(program, info).into_iter();
    let pages = pages.map(|(name, page)| (format!("manual/{name}"), page));
    let mut count = 0;
    for (name, text) in pages.chain(completions) {
        let path = workspace().join(package).join(name);
        let is = fs::read_to_string(&path).unwrap_or_default();
        check(&path, &is, &text);
        count += 1;
    }
    let files = ["manual", "completions"].map(|folder| {
        let folder = workspace().join(package).join(folder);
        fs::read_dir(folder).expect("a folder").count()
    });
    assert_eq!(files.iter().sum::<usize>(), count, "and nothing else");
}

#[test]
fn bash_completes_command_lines_of_node_and_bridge() {
    if !has("bash") {
        return;
    }
    let [node, bridge] = [
        ("node/packaging", "illuminator-node"),
        ("node/bridge/packaging", "illuminator-bridge"),
    ]
    .map(|(package, name)| {
        let function = name.replace('-', "_");
        format!(
            "source {package}/completions/{name}; COMP_WORDS=({name} \"$@\"); COMP_CWORD=$#; \
             _{function}; echo \"${{COMPREPLY[@]}}\""
        )
    });
    for (script, words, offered) in [
        (&node, &["s"][..], "serve"),
        (&node, &["serve", "--no-"], "--no-announce"),
        (&node, &["run", "Batt"], "Battery"),
        (&bridge, &["serve", "--mo"], "--mosaik"),
    ] {
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", script, "bash"])
            .args(words)
            .current_dir(workspace());
        let ended = rig::Ended::from(rig::run_bounded(&mut bash));
        ended.assert(0, &[]);
        assert_eq!(ended.stdout.trim(), offered, "{words:?}");
    }
}
