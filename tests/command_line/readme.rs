//! README.md has the tables that the description makes. To write them anew:
//! `WRITE_README=1 cargo test -p illuminator-tests --test command_line readme`.

use std::fs;

use argh::ArgsInfo;
use controller::manual::{command_table, exit_code_table, option_table};
use rig::workspace;

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
    if std::env::var_os("WRITE_README").is_some() {
        fs::write(&path, &written).expect("written");
    } else {
        assert!(
            readme == written,
            "README.md has other commands and options; write it anew with \
             'WRITE_README=1 cargo test -p illuminator-tests --test command_line readme'"
        );
    }
}
