//! Commands on other machines, through the system's own ssh.

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use smol::Timer;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::process::{Child, Command};

use crate::output::printable;

/// How long a look at a host may take.
pub(super) const LOOK_LIMIT: Duration = Duration::from_secs(40);
/// How long a node may take to arrive.
pub(super) const SEND_LIMIT: Duration = Duration::from_secs(300);
/// How long an installation or removal may take.
pub(super) const SCRIPT_LIMIT: Duration = Duration::from_secs(120);

/// The most that is read of what a host says.
const MOST_SAID: u64 = 256 * 1024;

/// The remote command that reads a script as the user who logs in.
pub(super) const AS_USER: &str = "exec sh -s";
/// The remote command that reads a script as root. Only the script's own words are on standard
/// input, so nothing secret is on a command line.
pub(super) const AS_ROOT: &str =
    r#"exec sh -c 'test "$(id -u)" = 0 && exec sh -s; exec sudo -n sh -s'"#;

/// The remote command that writes standard input to a file of the user.
pub(super) fn receive_into(name: &str) -> String {
    format!("umask 077; cat >{name}")
}

/// Options that hold for every command: ask nobody anything, give up in time, and leave alone what
/// the user's configuration has for people.
const OPTIONS: &[&str] = &[
    "-T",
    "-oBatchMode=yes",
    "-oConnectTimeout=10",
    "-oServerAliveInterval=5",
    "-oServerAliveCountMax=3",
    "-oClearAllForwardings=yes",
    "-oControlMaster=no",
];

/// How to log in on hosts, where the user's ssh configuration does not say.
#[derive(Debug, Default)]
pub(super) struct Login {
    user: Option<String>,
    identity: Option<PathBuf>,
    port: Option<u16>,
}

/// What goes to standard input.
#[derive(Debug)]
pub(super) enum Input {
    Text(String),
    File(PathBuf),
}

/// What a command came to.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) succeeded: bool,
}

impl Login {
    /// Refuses what ssh would take for an option.
    pub(super) fn new(
        user: Option<String>,
        identity: Option<PathBuf>,
        port: Option<u16>,
    ) -> Result<Self, String> {
        if let Some(user) = &user {
            let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if user.is_empty() || user.starts_with('-') || !user.chars().all(fits) {
                return Err(format!("'{user}' is not the name of a user"));
            }
        }
        if let Some(identity) = identity.as_ref().filter(|identity| !identity.is_file()) {
            return Err(format!("there is no key file '{}'", identity.display()));
        }
        Ok(Self {
            user,
            identity,
            port,
        })
    }

    /// The arguments of `ssh` for a command on a host.
    pub(super) fn arguments(&self, host: &str, remote: &str) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = OPTIONS.iter().map(Into::into).collect();
        if let Some(user) = &self.user {
            arguments.push(format!("-oUser={user}").into());
        }
        if let Some(identity) = &self.identity {
            arguments.extend(["-i".into(), identity.into()]);
        }
        if let Some(port) = self.port {
            arguments.push(format!("-oPort={port}").into());
        }
        arguments.extend(["--", host, remote].map(Into::into));
        arguments
    }

    /// Starts a command, which ends when it is dropped.
    pub(super) fn start(&self, host: &str, remote: &str, stdin: Stdio) -> Result<Child, String> {
        let mut command = std::process::Command::new("ssh");
        command.args(self.arguments(host, remote));
        keep_from_interrupts(&mut command);
        let mut command = Command::from(command);
        command.stdin(stdin);
        command.stdout(Stdio::piped());
        command.stderr(Stdio::piped());
        command.kill_on_drop(true);
        command.spawn().map_err(|error| {
            format!("cannot start 'ssh': {error}; install OpenSSH's client on this machine")
        })
    }

    /// Runs a command on a host to its end.
    pub(super) async fn run(
        &self,
        host: &str,
        remote: &str,
        input: Input,
        limit: Duration,
    ) -> Result<Said, String> {
        let (stdin, text) = match input {
            Input::Text(text) => (Stdio::piped(), text),
            Input::File(path) => {
                let file = File::open(&path);
                let cannot = |error| format!("cannot read '{}': {error}", path.display());
                (file.map_err(cannot)?.into(), String::new())
            }
        };
        let child = self.start(host, remote, stdin)?;
        let late = async {
            Timer::after(limit).await;
            Err(format!("no end within {} s", limit.as_secs()))
        };
        let said = smol::future::or(converse(child, text), late).await?;
        said.ok_or_else_refused(host, self)
    }
}

/// The code with which ssh ends when it does not come to the command.
const NOT_CONNECTED: i32 = 255;

/// A conversation that is over: what was said, and the exit code.
struct Over {
    said: Said,
    code: Option<i32>,
}

impl Over {
    fn ok_or_else_refused(self, host: &str, login: &Login) -> Result<Said, String> {
        if self.code == Some(NOT_CONNECTED) {
            return Err(why_not_connected(&self.said.stderr, host, login));
        }
        Ok(self.said)
    }
}

/// Writes all, reads all, and waits.
async fn converse(mut child: Child, text: String) -> Result<Over, String> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A host that has ended does not read; its own words say why.
            let _ = stdin.write_all(text.as_bytes()).await;
            let _ = stdin.close().await;
        }
    };
    let read = async {
        if let Some(out) = out {
            let _ = out.take(MOST_SAID).read_to_end(&mut stdout).await;
        }
    };
    let read_errors = async {
        if let Some(err) = err {
            let _ = err.take(MOST_SAID).read_to_end(&mut stderr).await;
        }
    };
    smol::future::zip(write, smol::future::zip(read, read_errors)).await;
    let status = child.status().await;
    let status = status.map_err(|error| format!("cannot wait for ssh: {error}"))?;
    Ok(Over {
        said: Said {
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: printable(&String::from_utf8_lossy(&stderr)).into_owned(),
            succeeded: status.success(),
        },
        code: status.code(),
    })
}

/// Why ssh could not log in, and what to do about it.
pub(super) fn why_not_connected(stderr: &str, host: &str, login: &Login) -> String {
    let at = match &login.user {
        Some(user) => format!("{user}@{host}"),
        None => host.to_owned(),
    };
    let last = stderr.lines().rev().find(|line| !line.trim().is_empty());
    let last = last.unwrap_or("ssh gives no reason").trim();
    let remedy = if stderr.contains("Permission denied") {
        format!(
            "put your key there with 'ssh-copy-id {at}', or name user and key with --user and --identity"
        )
    } else if stderr.contains("Host key verification failed") {
        format!("connect once with 'ssh {at}' and compare the host's key")
    } else {
        format!("see whether it is switched on and 'ssh {at}' works")
    };
    format!("ssh cannot log in: {last}; {remedy}")
}

/// Ctrl-C is for the controller; what it has started ends in order.
fn keep_from_interrupts(command: &mut std::process::Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    {
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
        std::os::windows::process::CommandExt::creation_flags(command, CREATE_NEW_PROCESS_GROUP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_user_or_host_is_taken_for_an_option() {
        for user in ["-l", "", "a b", "a;b", "-oProxyCommand=x"] {
            assert!(
                Login::new(Some(user.to_owned()), None, None).is_err(),
                "{user}"
            );
        }
        let login = Login::new(Some("pi".to_owned()), None, Some(2222)).expect("fine");
        let arguments = login.arguments("pi1", AS_USER);
        let end = &arguments[arguments.len() - 5..];
        assert_eq!(end, ["-oUser=pi", "-oPort=2222", "--", "pi1", AS_USER]);
    }

    #[test]
    fn what_to_do_about_a_login_depends_on_why_it_failed() {
        let login = Login::default();
        for (said, remedy) in [
            ("pi@pi1: Permission denied (publickey).", "ssh-copy-id pi1"),
            (
                "Host key verification failed.",
                "connect once with 'ssh pi1'",
            ),
            (
                "ssh: connect to host pi1 port 22: No route to host",
                "switched on",
            ),
            ("", "ssh gives no reason"),
        ] {
            let text = why_not_connected(said, "pi1", &login);
            assert!(text.contains(remedy) && text.contains(said), "{text}");
        }
    }
}
