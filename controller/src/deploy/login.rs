//! With which arguments ssh is called.

use std::ffi::OsString;
use std::path::PathBuf;

use super::system::System;

/// Options that hold for every command: ask nobody anything, give up in time, and leave alone what
/// the user's configuration has for people.
const OPTIONS: &[&str] = &[
    "-T",
    "-x",
    "-oBatchMode=yes",
    "-oConnectTimeout=10",
    "-oServerAliveInterval=5",
    "-oServerAliveCountMax=3",
    "-oClearAllForwardings=yes",
    "-oControlMaster=no",
    "-oRemoteCommand=none",
    "-oRequestTTY=no",
    "-oPermitLocalCommand=no",
    "-oLogLevel=INFO",
];

/// Likewise, where this machine's ssh knows of them: older ones refuse the word.
const NEWER_OPTIONS: &[(&str, &str)] = &[
    ("stdinnull", "-oStdinNull=no"),
    ("sessiontype", "-oSessionType=default"),
    ("forkafterauthentication", "-oForkAfterAuthentication=no"),
];

/// How to log in on hosts; `None` is what the user's ssh configuration says.
#[derive(Clone, Debug, Default)]
pub struct SshOptions {
    /// The user to log in as.
    pub user: Option<String>,
    /// The file with the private key.
    pub identity: Option<PathBuf>,
    /// The port of ssh.
    pub port: Option<u16>,
}

/// How to log in, in a form that ssh takes for nothing else.
#[derive(Debug, Default)]
pub(crate) struct Login(SshOptions);

impl Login {
    /// Refuses what ssh would take for an option.
    pub(crate) fn new(options: SshOptions) -> Result<Self, String> {
        if let Some(user) = &options.user {
            let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if user.is_empty() || user.starts_with('-') || !user.chars().all(fits) {
                return Err(format!("'{user}' is not the name of a user"));
            }
        }
        if let Some(identity) = options.identity.as_ref().filter(|file| !file.is_file()) {
            return Err(format!("there is no key file '{}'", identity.display()));
        }
        Ok(Self(options))
    }

    /// The user, if the command line names one.
    pub(super) fn user(&self) -> Option<&str> {
        self.0.user.as_deref()
    }

    /// The arguments with which ssh says how it would get to a host.
    pub(super) fn question(&self, host: &str) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["-G".into()];
        arguments.extend(self.own(host));
        arguments
    }

    /// What these options say, and the host.
    fn own(&self, host: &str) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        if let Some(user) = &self.0.user {
            arguments.push(format!("-oUser={user}").into());
        }
        if let Some(identity) = &self.0.identity {
            arguments.extend(["-i".into(), identity.into()]);
        }
        if let Some(port) = self.0.port {
            arguments.push(format!("-oPort={port}").into());
        }
        arguments.extend(["--", host].map(Into::into));
        arguments
    }

    /// The arguments of `ssh` for a command on a host; `knows` tells of which options it knows.
    pub(super) fn arguments(
        &self,
        host: &str,
        remote: &str,
        knows: impl Fn(&str) -> bool,
    ) -> Vec<OsString> {
        self.arguments_on(System::HERE, host, remote, knows)
    }

    /// Likewise, for the ssh of this system.
    fn arguments_on(
        &self,
        system: System,
        host: &str,
        remote: &str,
        knows: impl Fn(&str) -> bool,
    ) -> Vec<OsString> {
        let newer = NEWER_OPTIONS.iter().filter(|(name, _)| knows(name));
        let newer = newer.map(|(_, option)| option);
        let options = OPTIONS.iter().chain(system.options()).chain(newer);
        let mut arguments: Vec<OsString> = options.map(Into::into).collect();
        arguments.extend(self.own(host));
        arguments.push(remote.into());
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::ssh::{AS_ROOT, AS_USER};

    #[test]
    fn nothing_of_a_user_or_host_is_taken_for_an_option() {
        for user in ["-l", "", "a b", "a;b", "-oProxyCommand=x"] {
            let options = SshOptions {
                user: Some(user.to_owned()),
                ..SshOptions::default()
            };
            assert!(Login::new(options).is_err(), "{user}");
        }
        let options = SshOptions {
            user: Some("pi".to_owned()),
            identity: None,
            port: Some(2222),
        };
        let login = Login::new(options).expect("fine");
        let arguments = login.arguments("pi1", AS_USER, |_| false);
        let end = &arguments[arguments.len() - 5..];
        assert_eq!(end, ["-oUser=pi", "-oPort=2222", "--", "pi1", AS_USER]);
    }

    #[test]
    fn connections_are_shared_where_the_system_can_and_no_new_one_is_shared_anywhere() {
        let login = Login::default();
        let has = |system, option: &str| {
            let arguments = login.arguments_on(system, "pi1", AS_USER, |_| true);
            arguments.iter().any(|argument| argument == option)
        };
        for (system, is_kept_away) in [(System::Unix, false), (System::Windows, true)] {
            assert!(has(system, "-oControlMaster=no"), "{system:?}");
            assert!(has(system, "-oBatchMode=yes"), "{system:?}");
            assert_eq!(
                has(system, "-oControlPath=none"),
                is_kept_away,
                "{system:?}"
            );
        }
    }

    #[test]
    fn a_remote_command_is_one_argument_on_every_system() {
        let login = Login::default();
        for system in [System::Unix, System::Windows] {
            let arguments = login.arguments_on(system, "pi1", AS_ROOT, |_| false);
            assert_eq!(arguments[arguments.len() - 3..], ["--", "pi1", AS_ROOT]);
        }
    }

    #[test]
    fn an_option_that_this_ssh_does_not_know_is_not_given_to_it() {
        let login = Login::default();
        let has = |knows: bool| {
            let arguments = login.arguments("pi1", AS_USER, |_| knows);
            arguments
                .iter()
                .any(|argument| argument == "-oSessionType=default")
        };
        assert!(has(true) && !has(false));
    }
}
