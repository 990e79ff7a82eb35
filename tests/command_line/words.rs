//! Command lines as people type them.

use crate::{controller, controller_with};

#[test]
fn both_programs_say_their_version_and_their_help() {
    let node = rig::node_binary().join(" ");
    let own = rig::controller_binary().join(" ");
    for (program, name) in [(own, "controller"), (node, "illuminator-node")] {
        for (option, said) in [
            ("-V", format!("{name} 0.1.0\n")),
            ("--version", format!("{name} 0.1.0\n")),
            ("-h", format!("Usage: {name} [options] <command> …\n")),
            ("help", format!("Usage: {name} [options] <command> …\n")),
            ("help run", format!("Usage: {name} run [options] <")),
        ] {
            let words = format!("{program} {option}");
            let mut command = std::process::Command::new("sh");
            let ended = rig::Ended::from(rig::run_bounded(command.args(["-c", &words])));
            ended.assert(0, &[]);
            assert!(
                ended.stdout.starts_with(&said),
                "{option}: {}",
                ended.stdout
            );
            assert_eq!(ended.stderr, "");
        }
    }
}

#[test]
fn options_are_taken_in_every_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let result = folder.path().join("x.csv");
    let result = result.to_str().expect("UTF-8");
    let scenario = "scenarios/power-balance.yaml";
    for arguments in [
        &["run", scenario, &format!("--output={result}")][..],
        &["run", "-qo", result, scenario],
        &["run", &format!("-qo{result}"), "--", scenario],
    ] {
        controller(arguments).assert(0, &[]);
        std::fs::remove_file(result).expect("the result is there");
    }
}

#[test]
fn what_is_wrong_is_said_in_one_form() {
    for (arguments, said) in [
        (
            &["rnu"][..],
            "error: there is no command 'rnu', did you mean 'run'?; see 'controller --help'\n",
        ),
        (
            &["run", "x.yaml", "--quite"],
            "error: there is no option '--quite', did you mean '--quiet'?; see 'controller run --help'\n",
        ),
        (
            &["models", "battery"],
            "error: there is no model type 'battery', did you mean 'Battery'?; 'controller models' lists them\n",
        ),
        (
            &["run", "x.yaml", "--timeout", "0"],
            "error: option '--timeout' with value '0': a node gives a sign of life every second, so it would count as lost between two of them; give 2 or more; see 'controller run --help'\n",
        ),
        (
            &["run", "x.yaml", "--timeout=ten"],
            "error: option '--timeout' with value 'ten': give a whole number of seconds, 2 or more; see 'controller run --help'\n",
        ),
        (
            &["man", "rnu"],
            "error: there is no command 'controller rnu'; see 'controller --help'\n",
        ),
        (
            &["completions", "tcsh"],
            "error: positional argument 'shell' with value 'tcsh': there are completions for bash, zsh and fish; see 'controller completions --help'\n",
        ),
    ] {
        let ended = controller(arguments);
        ended.assert(1, &[]);
        assert_eq!((&*ended.stdout, &*ended.stderr), ("", said));
    }
}

#[test]
fn help_is_as_wide_as_the_terminal_and_has_no_colours_elsewhere() {
    for width in ["40", "60", "100"] {
        for command in ["run", "deploy", "man"] {
            let ended = controller_with(&[("COLUMNS", width)], &[command, "--help"]);
            ended.assert(0, &[]);
            let width = width.parse().expect("a number");
            // A word that is too long for the width is not cut.
            let lines = ended.stdout.lines();
            let lines = lines.filter(|line| line.split_whitespace().count() > 1);
            let widest = lines.map(|line| line.chars().count()).max();
            assert!(widest <= Some(width), "{}", ended.stdout);
            assert!(!ended.stdout.contains('\x1b'));
        }
    }
}
