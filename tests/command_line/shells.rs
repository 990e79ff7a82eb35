//! Completions, in the shells that they are for.

use std::fs;
use std::process::Command;

use crate::{controller, has};

/// A folder with the completions for a shell, and files to be completed.
fn folder_for(shell: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let script = controller(&["completions", shell]);
    script.assert(0, &[]);
    fs::write(folder.path().join("_controller"), script.stdout).expect("written");
    fs::create_dir(folder.path().join("a folder")).expect("made");
    fs::write(folder.path().join("a scenario.yaml"), "").expect("written");
    folder
}

/// What a shell offers at the end of each of these lines, and one word that it must not offer.
const LINES: &[(&str, &[&str], &str)] = &[
    (
        "controller ",
        &["run", "check", "models", "new", "key"],
        "Battery",
    ),
    ("controller ru", &["run"], "check"),
    ("controller key ", &["new"], "run"),
    ("controller run --o", &["--output"], "--json"),
    ("controller key new --", &["--key", "--help"], "--output"),
    (
        "controller new p",
        &["power-balance", "python-model"],
        "evs",
    ),
    ("controller models Batt", &["Battery"], "Load"),
    ("controller completions ", &["bash", "zsh", "fish"], "run"),
];

/// A line that offers files.
const FILES: &str = "controller run a";

/// Lines that offer folders.
const FOLDERS: [&str; 2] = ["controller man --folder a", "controller man --folder=a"];

/// A line that offers nothing: nobody knows the users of another machine.
const NAME: &str = "controller deploy --user a";

/// Checks what is offered for each line.
fn assert_offers(offers: impl Fn(&str) -> String) {
    for (line, wanted, unwanted) in LINES {
        let offered = offers(line);
        let has = |word: &str| offered.split_whitespace().any(|known| known == word);
        for word in *wanted {
            assert!(has(word), "'{line}' offers {offered}");
        }
        assert!(!has(unwanted), "'{line}' offers {offered}");
    }
    let files = offers(FILES);
    assert!(files.contains("scenario.yaml"), "{files}");
    for line in FOLDERS {
        let folders = offers(line);
        assert!(
            folders.contains("folder") && !folders.contains("yaml"),
            "{line}: {folders}"
        );
    }
    assert_eq!(offers(NAME).trim(), "");
}

fn said(command: &mut Command) -> String {
    let ended = rig::Ended::from(rig::run_bounded(command));
    ended.assert(0, &[]);
    assert_eq!(ended.stderr, "");
    ended.stdout
}

#[test]
fn bash_completes_command_lines() {
    if !has("bash") {
        return;
    }
    let folder = folder_for("bash");
    assert_offers(|line| {
        // Bash takes '=' for a word of its own.
        let line = line.replace('=', " = ");
        let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
        let script = format!(
            "source ./_controller; COMP_WORDS=({}); COMP_CWORD={}; _controller; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words.len() - 1
        );
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", &script])
            .current_dir(folder.path());
        said(&mut bash)
    });
}

#[test]
fn fish_completes_command_lines() {
    if !has("fish") {
        return;
    }
    let folder = folder_for("fish");
    assert_offers(|line| {
        let script = format!("source ./_controller; complete -C '{line}'");
        let mut fish = Command::new("fish");
        fish.args(["--no-config", "-c", &script])
            .current_dir(folder.path());
        fish.env("HOME", folder.path());
        said(&mut fish)
    });
}

#[test]
fn zsh_completes_command_lines() {
    if !has("zsh") {
        return;
    }
    let folder = folder_for("zsh");
    // A shell in a terminal of its own, in which a key lists what there is and writes it down. One is
    // enough for all lines: reading what all programs have for zsh takes it long.
    let script = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
reach() { local line; while zpty -r shell line; do REPLY+=$line; [[ $REPLY == *$1* ]] && return; done }
zpty -w shell 'PS1=; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D'
zpty -w shell 'compadd() { local -a found; builtin compadd -O found "$@"; print -rl -- $found >> $PWD/offered; builtin compadd "$@" }'
zpty -w shell '_offer() { _main_complete; print "over"":now" > /dev/tty }; zle -C offer list-choices _offer; bindkey "^X" offer'
zpty -w shell 'print re''ady'
reach ready
for line in "$@"; do
    : > offered
    zpty -n -w shell $'\x15'"$line"$'\x18'
    REPLY=
    reach over:now
    tr '\n' ' ' < offered
    print
done
zpty -d shell
"#;
    let more = [FILES, FOLDERS[0], FOLDERS[1], NAME];
    let lines: Vec<&str> = LINES.iter().map(|(line, ..)| *line).chain(more).collect();
    let mut zsh = Command::new("zsh");
    zsh.args(["-f", "-c", script, "zsh"])
        .args(&lines)
        .current_dir(folder.path());
    let offered = said(zsh.env("HOME", folder.path()));
    let offered: Vec<&str> = offered.lines().collect();
    assert_eq!(offered.len(), lines.len(), "{offered:?}");
    assert_offers(|line| {
        let place = lines.iter().position(|known| *known == line);
        offered[place.expect("one of the lines")].to_owned()
    });
}
