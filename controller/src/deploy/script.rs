//! What other machines are told to do, and what they answer.

use shared::wire::Key;

/// Asks a machine what it is and has.
pub(super) const LOOK: &str = concat!(
    include_str!("remote/sockets.sh"),
    include_str!("remote/look.sh")
);

/// Asks a machine for the key of its node, as root.
pub(super) const KEY: &str = include_str!("remote/key.sh");

const INSTALL: &str = concat!(
    include_str!("remote/sockets.sh"),
    include_str!("remote/install.sh")
);
const REMOVE: &str = include_str!("remote/remove.sh");
const UNIT: &str = include_str!("../../../node/packaging/illuminator-node.service");
const ANNOUNCEMENT: &str = include_str!("../../../node/packaging/avahi.service");

/// The release that is installed: that of this controller.
pub(super) const RELEASE: &str = env!("CARGO_PKG_VERSION");

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

/// The installation, without the settings that stand before it.
pub(super) fn install_body() -> String {
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
#[derive(Debug, Default)]
pub(super) struct Install<'a> {
    /// Where the node is told to listen.
    pub(super) port: u16,
    /// What `cksum` says of the node.
    pub(super) sum: &'a str,
    /// The file in which the node has arrived, or empty where the right one is there.
    pub(super) upload: &'a str,
    /// The cluster's key.
    pub(super) key: &'a str,
    /// Whether what is somebody else's may be replaced.
    pub(super) force: bool,
    /// Why a node that runs there must not be stopped; empty if it may be.
    pub(super) busy: &'a str,
}

impl Install<'_> {
    /// The lines before the script.
    pub(super) fn settings(&self) -> String {
        let Self {
            port,
            sum,
            upload,
            key,
            ..
        } = self;
        let force = if self.force { "yes" } else { "" };
        let busy = quoted(self.busy);
        format!(
            "port={port}\nrelease={RELEASE}\nsum='{sum}'\nupload='{upload}'\nkey={key}\n\
             force={force}\nbusy={busy}\n"
        )
    }

    /// The whole script.
    pub(super) fn script(&self) -> String {
        self.settings() + &install_body()
    }
}

/// Removes a node, and what an interrupted upload left.
pub(super) fn remove(upload: &str) -> String {
    format!("upload='{upload}'\n{REMOVE}")
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
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What a machine is and has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What `uname -m` says.
    pub(super) processor: String,
    /// Checksum and length of the installed node.
    pub(super) sum: String,
    /// What the installed node says of itself.
    pub(super) release: String,
    /// The port that the installed node was given.
    pub(super) port: Option<u16>,
    /// The ports on which the node of the service listens.
    pub(super) listens: Vec<u16>,
    /// How many connections it has.
    pub(super) connections: usize,
    /// Folders whose content may be gone after the next start.
    pub(super) passing: Vec<String>,
    /// `yes`, or `no` and why.
    root: String,
}

impl Found {
    /// Reads what [`LOOK`] has a machine print.
    pub(super) fn read(stdout: &str) -> Option<Self> {
        let answer = answer(stdout)?;
        let all = |name: &'static str| {
            let lines = answer.lines();
            lines.filter_map(move |line| line.strip_prefix(name)?.strip_prefix(' '))
        };
        let text = |name| Some(all(name).next()?.trim().to_owned());
        let ports = |name| {
            let words = all(name).flat_map(str::split_whitespace);
            words.filter_map(|word| word.parse().ok())
        };
        let connections = text("connections").and_then(|count| count.parse().ok());
        Some(Self {
            port: ports("port").next(),
            listens: ports("listens").collect(),
            connections: connections.unwrap_or(0),
            passing: all("passing").map(str::to_owned).collect(),
            processor: text("processor")?,
            sum: text("binary")?,
            release: text("release")?,
            root: text("root")?,
        })
    }

    /// Whether the installed node is of this release.
    pub(super) fn has_this_release(&self) -> bool {
        self.release == format!("illuminator-node {RELEASE}")
    }

    /// Refuses a machine on which the user cannot become root.
    pub(super) fn check_root(&self) -> Result<(), String> {
        if self.root == "yes" {
            return Ok(());
        }
        let said = self.root.strip_prefix("no").unwrap_or(&self.root).trim();
        let said = crate::output::printable(said);
        Err(format!(
            "this user cannot become root there: {said}; log in as another user with --user, or \
             let this one use sudo without a password: a line 'NAME ALL=(ALL) NOPASSWD: ALL' in \
             /etc/sudoers.d/illuminator"
        ))
    }
}

/// The key that [`KEY`] has a machine print.
pub(super) fn read_key(stdout: &str) -> Option<Key> {
    let mut lines = answer(stdout)?.lines();
    Key::parse(lines.find_map(|line| line.strip_prefix("key "))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "root no\nWelcome to pi1\nilluminator answers:\nprocessor aarch64\n\
        binary 12 34\nrelease \nport 6000\nlistens 6000 6001 \nconnections 2\npassing /etc\nroot yes\n";

    #[test]
    fn an_answer_is_read_behind_what_a_login_prints() {
        let found = Found::read(ANSWER).expect("complete");
        assert_eq!((&*found.processor, &*found.sum), ("aarch64", "12 34"));
        assert_eq!(
            (found.port, &found.listens[..]),
            (Some(6000), &[6000, 6001][..])
        );
        assert_eq!(
            (found.connections, &found.passing[..]),
            (2, &["/etc".to_owned()][..])
        );
        assert!(!found.has_this_release());
        assert_eq!(found.check_root(), Ok(()));
        assert_eq!(Found::read(&ANSWER.replace("processor", "x")), None);
        assert_eq!(Found::read(&ANSWER.replace("answers", "x")), None);
    }

    #[test]
    fn a_user_who_cannot_become_root_is_told_what_to_do() {
        let answer = ANSWER.replace("root yes", "root no sudo: a password is required");
        let refused = Found::read(&answer).expect("complete").check_root();
        let refused = refused.expect_err("no root");
        assert!(
            refused.contains("there: sudo: a password is required;"),
            "{refused}"
        );
        assert!(refused.contains("NOPASSWD"), "{refused}");
    }

    fn install() -> Install<'static> {
        Install {
            port: 5123,
            sum: "1 2",
            upload: "up",
            key: "0a",
            busy: "it runs 'a'",
            ..Install::default()
        }
    }

    #[test]
    fn no_marks_stay_in_a_script() {
        for script in [install().script(), start(5123, "", true, "0a")] {
            for mark in ["UNIT", "ANNOUNCEMENT", "COMMAND", "PORT", "VERSION"] {
                assert!(!script.contains(&format!("@{mark}@")), "{mark}: {script}");
            }
        }
        let script = install().script();
        assert!(script.starts_with("port=5123\nrelease="), "{script}");
        assert!(script.contains(r"busy='it runs '\''a'\'''"), "{script}");
        assert!(
            script.contains("WantedBy=multi-user.target\nEND\n"),
            "{script}"
        );
    }

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
