//! What other machines are told to do, and what they answer.

use shared::wire::Key;

use super::hosts::Host;
use super::service::{RELEASE, Service};

/// Asks a machine what it is and has.
pub(super) const LOOK: &str = concat!(
    include_str!("remote/sockets.sh"),
    include_str!("remote/look.sh")
);

/// Asks a machine for the key of its node, as root.
pub(super) const KEY: &str = include_str!("remote/key.sh");

const INSTALL: &str = concat!(
    include_str!("remote/sockets.sh"),
    include_str!("remote/placing.sh"),
    include_str!("remote/install.sh")
);
const INSTALL_BRIDGE: &str = concat!(
    include_str!("remote/sockets.sh"),
    include_str!("remote/placing.sh"),
    include_str!("remote/bridge.sh")
);
const REMOVE: &str = include_str!("remote/remove.sh");
const UNIT: &str = include_str!("../../../node/packaging/illuminator-node.service");
const ANNOUNCEMENT: &str = include_str!("../../../node/packaging/avahi.service");
const BRIDGE_UNIT: &str = include_str!("../../../node/bridge/packaging/illuminator-bridge.service");
const BRIDGE_CONFIGURATION: &str = include_str!("../../../node/bridge/packaging/bridge.toml");

/// The line with which a script begins to speak. What stands before it is of the login.
const ANSWERS: &str = "\nilluminator answers:\n";

/// What a script said, without what the login printed before; `None` if it did not come to speak.
pub(super) fn answer(stdout: &str) -> Option<&str> {
    let start = stdout.rfind(ANSWERS)?;
    Some(&stdout[start + ANSWERS.len()..])
}

/// The line behind which a script speaks, as a reader of lines meets it.
pub(super) fn begins_answer(line: &str) -> bool {
    line == ANSWERS.trim()
}

/// The installation of a program, without the settings that stand before it.
pub(super) fn install_body(program: Service) -> String {
    match program {
        Service::Node => node_body(),
        Service::Bridge => bridge_body(),
    }
}

fn bridge_body() -> String {
    // The key is on the command line, because one that the owner's configuration names may be the node's,
    // which a bridge must not read.
    let command = "/usr/local/bin/illuminator-bridge serve --key /etc/illuminator/bridge.key \
                   --defaults /etc/illuminator/bridge-deploy.toml";
    let unit = BRIDGE_UNIT.replace("@COMMAND@", command);
    INSTALL_BRIDGE
        .replace("@UNIT@\n", &unit)
        .replace("@CONFIGURATION@\n", BRIDGE_CONFIGURATION)
}

fn node_body() -> String {
    let command = "/usr/local/bin/illuminator-node serve --defaults /etc/illuminator/deploy.toml";
    let unit = UNIT.replace("@COMMAND@", command);
    // The shell fills in its settings.
    let announcement = ANNOUNCEMENT
        .replace("@PORT@", "$1")
        .replace("@VERSION@", "$release");
    INSTALL
        .replace("@UNIT@\n", &unit)
        .replace("@ANNOUNCEMENT@\n", &announcement)
}

/// The settings of an installation.
#[derive(Debug)]
pub(super) struct Install<'a> {
    /// What is installed.
    pub(super) program: Service,
    /// Where it is told to listen.
    pub(super) port: u16,
    /// What `cksum` says of it.
    pub(super) sum: &'a str,
    /// The file in which it has arrived, or empty where the right one is there.
    pub(super) upload: &'a str,
    /// The cluster's key.
    pub(super) key: &'a str,
    /// Whether what is somebody else's may be replaced.
    pub(super) force: bool,
    /// Why one that runs there must not be stopped; empty if it may be.
    pub(super) busy: &'a str,
}

impl Install<'_> {
    /// The lines before the script.
    pub(super) fn settings(&self) -> String {
        let Self {
            program,
            port,
            sum,
            upload,
            key,
            ..
        } = self;
        let (kind, name, user) = (program.kind(), program.name(), program.user());
        let force = if self.force { "yes" } else { "" };
        let busy = quoted(self.busy);
        format!(
            "kind={kind}\nprogram={name}\nuser={user}\nport={port}\nrelease={RELEASE}\nsum='{sum}'\nupload='{upload}'\nkey={key}\n\
             force={force}\nbusy={busy}\n"
        )
    }

    /// The whole script.
    pub(super) fn script(&self) -> String {
        self.settings() + &install_body(self.program)
    }
}

/// Removes a node and the bridge beside it, and what interrupted uploads left.
pub(super) fn remove(host: &Host) -> String {
    let uploads = [Service::Node, Service::Bridge].map(|program| program.upload_name(host));
    format!("uploads='{}'\n{REMOVE}", uploads.join(" "))
}

/// Runs a node until standard input ends, without the settings that stand before it.
pub(super) const START: &str = include_str!("remote/start.sh");

/// The settings of a node that is started. `upload` is the file in which it has arrived, or empty where
/// the one that is installed is to be used. A trial leaves that file, and what the machine's
/// configuration says, alone.
pub(super) fn start_settings(port: u16, upload: &str, trial: bool, key: &str) -> String {
    let trial = if trial { "yes" } else { "" };
    format!("port={port}\nupload='{upload}'\ntrial={trial}\nkey={key}\n")
}

/// Runs a node until standard input ends.
pub(super) fn start(port: u16, upload: &str, trial: bool, key: &str) -> String {
    start_settings(port, upload, trial, key) + START
}

/// A word as a shell wants it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The key that [`KEY`] has a machine print.
pub(super) fn read_key(stdout: &str) -> Option<Key> {
    let mut lines = answer(stdout)?.lines();
    Key::parse(lines.find_map(|line| line.strip_prefix("key "))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(program: Service) -> Install<'static> {
        Install {
            program,
            port: 5123,
            sum: "1 2",
            upload: "up",
            key: "0a",
            force: false,
            busy: "it runs 'a'",
        }
    }

    #[test]
    fn no_marks_stay_in_a_script() {
        let installs = [Service::Node, Service::Bridge].map(|program| install(program).script());
        let [node, bridge] = &installs;
        let marks = [
            "UNIT",
            "ANNOUNCEMENT",
            "COMMAND",
            "PORT",
            "VERSION",
            "CONFIGURATION",
        ];
        for script in [node, bridge, &start(5123, "", true, "0a")] {
            for mark in marks {
                assert!(!script.contains(&format!("@{mark}@")), "{mark}: {script}");
            }
        }
        for (script, kind) in installs.iter().zip(["node", "bridge"]) {
            assert!(script.starts_with(&format!("kind={kind}\n")), "{script}");
            assert!(script.contains("\nport=5123\nrelease="), "{script}");
            assert!(script.contains(r"busy='it runs '\''a'\'''"), "{script}");
            assert!(
                script.contains("WantedBy=multi-user.target\nEND\n"),
                "{script}"
            );
        }
    }

    // It is the shell of the other machine that reads them, and that is no Windows.
    #[cfg(unix)]
    #[test]
    fn a_shell_reads_words_as_they_are() {
        for word in ["a", "", "a b", "it's", "$(x)", "`x`", "a\nb", "\\", "*"] {
            let script = format!("printf %s {}", quoted(word));
            let output = std::process::Command::new("sh")
                .args(["-c", &script])
                .output();
            let output = output.expect("a shell").stdout;
            assert_eq!(String::from_utf8(output).expect("UTF-8"), word);
        }
    }
}
