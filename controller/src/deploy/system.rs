//! What the ssh of a system is like. Which one it is, is asked here and nowhere else.

/// A system on which there is an ssh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    /// Linux, macOS and others.
    Unix,
    /// Windows, with its own OpenSSH or that of Git.
    Windows,
}

impl System {
    /// The one of this machine.
    pub(super) const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else {
        Self::Unix
    };

    /// Options that only this one's ssh needs.
    pub(super) fn options(self) -> &'static [&'static str] {
        match self {
            Self::Unix => &[],
            // It shares no connections, and fails where a configuration that came from elsewhere says where they are.
            Self::Windows => &["-oControlPath=none"],
        }
    }

    /// The command with which users bring their keys to a host, in quotation marks. `at` is how they log in.
    pub(super) fn bring_key(self, at: &str) -> String {
        match self {
            Self::Unix => format!("'ssh-copy-id {at}'"),
            Self::Windows => format!(
                r#"'cat ~\.ssh\id_ed25519.pub | ssh {at} "umask 077; mkdir -p .ssh; cat >>.ssh/authorized_keys"' in PowerShell (where there is no such file, 'ssh-keygen' makes it)"#
            ),
        }
    }

    /// How ssh comes onto this machine.
    pub(super) fn install_ssh(self) -> &'static str {
        match self {
            Self::Unix => "install OpenSSH's client on this machine",
            Self::Windows => {
                "add the optional feature 'OpenSSH Client' in the settings of this machine"
            }
        }
    }
}
