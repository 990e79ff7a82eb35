//! What other machines are told to do, and what they answer.

/// Asks a machine what it is and has.
pub(super) const LOOK: &str = include_str!("remote/look.sh");

const INSTALL: &str = include_str!("remote/install.sh");
const REMOVE: &str = include_str!("remote/remove.sh");
const START: &str = include_str!("remote/start.sh");
const UNIT: &str = include_str!("../../../node/packaging/illuminator-node.service");
const ANNOUNCEMENT: &str = include_str!("../../../node/packaging/avahi.service");

/// The release that is installed: that of this controller.
pub(super) const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// The installation, without the settings that stand before it.
pub(super) fn install_body() -> String {
    // The shell fills in its settings.
    let command = "/usr/local/bin/illuminator-node serve --listen 0.0.0.0:$port";
    let unit = UNIT.replace("@COMMAND@", command);
    let announcement = ANNOUNCEMENT
        .replace("@PORT@", "$port")
        .replace("@VERSION@", "$release");
    INSTALL
        .replace("@UNIT@\n", &unit)
        .replace("@ANNOUNCEMENT@\n", &announcement)
}

/// The settings of an installation.
pub(super) fn install_settings(port: u16, sum: &str, upload: &str, key: &str) -> String {
    format!("port={port}\nrelease={RELEASE}\nsum='{sum}'\nupload='{upload}'\nkey={key}\n")
}

/// Installs a node. `upload` is the file in which it has arrived, or empty where the right one is
/// there; `sum` is what `cksum` says of it; `key` is that of the cluster.
pub(super) fn install(port: u16, sum: &str, upload: &str, key: &str) -> String {
    install_settings(port, sum, upload, key) + &install_body()
}

/// Removes a node, and what an interrupted upload left.
pub(super) fn remove(upload: &str) -> String {
    format!("upload='{upload}'\n{REMOVE}")
}

/// Runs a node until standard input ends. `upload` is the file in which it has arrived, or empty
/// where the one that is installed is to be used.
pub(super) fn start(port: u16, upload: &str, key: &str) -> String {
    format!("port={port}\nupload='{upload}'\nkey={key}\n{START}")
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
    /// `yes`, or `no` and why.
    root: String,
}

impl Found {
    /// Reads an answer to [`LOOK`]. Lines before it, which a login may print, are passed over.
    pub(super) fn read(answer: &str) -> Option<Self> {
        let find = |name: &str| {
            let mut lines = answer.lines().rev();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        };
        let text = |name: &str| Some(find(name)?.trim().to_owned());
        Some(Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "Welcome to pi1\nprocessor aarch64\nbinary 12 34\nrelease \nroot yes\n";

    #[test]
    fn an_answer_is_read_behind_what_a_login_prints() {
        let found = Found::read(ANSWER).expect("complete");
        assert_eq!((&*found.processor, &*found.sum), ("aarch64", "12 34"));
        assert!(!found.has_this_release());
        assert_eq!(found.check_root(), Ok(()));
        assert_eq!(Found::read("processor aarch64\n"), None);
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

    #[test]
    fn no_marks_stay_in_a_script() {
        for script in [install(5123, "1 2", "up", "0a"), start(5123, "", "0a")] {
            for mark in ["UNIT", "ANNOUNCEMENT", "COMMAND", "PORT", "VERSION"] {
                assert!(!script.contains(&format!("@{mark}@")), "{mark}: {script}");
            }
        }
        let script = install(5123, "1 2", "up", "0a");
        assert!(script.starts_with("port=5123\nrelease="), "{script}");
        assert!(
            script.contains("WantedBy=multi-user.target\nEND\n"),
            "{script}"
        );
    }
}
