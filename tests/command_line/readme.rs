//! README.md has the tables that the description makes, and packages of the node its manual pages and
//! completions. To write them anew: `WRITE_README=1 cargo test -p illuminator-tests --test command_line readme`.

use std::fs;
use std::path::Path;
use std::process::Command;

use argh::ArgsInfo;
use controller::Shell;
use controller::manual::{command_table, completions_of, exit_code_table, option_table, pages_of};
use rig::workspace;

use crate::has;

/// The tables, by what stands before them.
fn tables() -> [(&'static str, String); 3] {
    let ours = controller::Arguments::get_args_info();
    let nodes = node::Arguments::get_args_info();
    let commands = format!(
        "| command | what it does |\n|---|---|\n{}{}",
        command_table("controller", &ours),
        command_table("illuminator-node", &nodes)
    );
    let options = format!(
        "| option of `controller` | of | meaning |\n|---|---|---|\n{}\n\
         | option of `illuminator-node` | of | meaning |\n|---|---|---|\n{}",
        option_table("controller", &ours),
        option_table("illuminator-node", &nodes)
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
fn the_tables_of_the_readme_are_those_of_the_command_lines() {
    let path = workspace().join("README.md");
    let readme = fs::read_to_string(&path).expect("there");
    let mut written = readme.clone();
    for (name, table) in tables() {
        let start = format!("<!-- {name}: made from their descriptions -->\n");
        let (before, rest) = written.split_once(&start).expect("the start of a table");
        let (_, after) = rest.split_once("<!-- end -->").expect("the end of a table");
        written = format!("{before}{start}\n{table}\n<!-- end -->{after}");
    }
    check(&path, &readme, &written);
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
fn packages_of_the_node_have_the_manual_and_the_completions_of_its_command_line() {
    let (program, info) = ("illuminator-node", node::Arguments::get_args_info());
    let completions = [
        (Shell::Bash, "illuminator-node"),
        (Shell::Zsh, "_illuminator-node"),
        (Shell::Fish, "illuminator-node.fish"),
    ];
    let completions = completions.map(|(shell, name)| {
        let script = completions_of(program, &info, shell);
        (format!("completions/{name}"), script)
    });
    let pages = pages_of(program, &info).into_iter();
    let pages = pages.map(|(name, page)| (format!("manual/{name}"), page));
    let mut count = 0;
    for (name, text) in pages.chain(completions) {
        let path = workspace().join("node/packaging").join(name);
        let is = fs::read_to_string(&path).unwrap_or_default();
        check(&path, &is, &text);
        count += 1;
    }
    let files = ["manual", "completions"].map(|folder| {
        let folder = workspace().join("node/packaging").join(folder);
        fs::read_dir(folder).expect("a folder").count()
    });
    assert_eq!(files.iter().sum::<usize>(), count, "and nothing else");
}

#[test]
fn bash_completes_command_lines_of_the_node() {
    if !has("bash") {
        return;
    }
    let script = "source node/packaging/completions/illuminator-node; \
                  COMP_WORDS=(illuminator-node \"$@\"); COMP_CWORD=$#; _illuminator_node; \
                  echo \"${COMPREPLY[@]}\"";
    for (words, offered) in [
        (&["s"][..], "serve"),
        (&["serve", "--no-"], "--no-announce"),
        (&["run", "Batt"], "Battery"),
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
