//! Commands on other machines, through the system's own ssh.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use smol::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use smol::process::{Child, Command};
use transport::within;

use super::login::Login;
use super::route::{Route, why_not_connected};
use super::ssh_error::{NotStarted, SshError};
use super::words::{MOST_SAID, last_words, text_of};

/// How long ssh may take to say what its configuration has for a host.
const CONFIGURATION_LIMIT: Duration = Duration::from_secs(10);
/// How long a look at a host may take.
pub(super) const LOOK_LIMIT: Duration = Duration::from_secs(40);
/// How long a node may take to arrive.
pub(super) const SEND_LIMIT: Duration = Duration::from_secs(300);
/// How long an installation or removal may take.
pub(super) const SCRIPT_LIMIT: Duration = Duration::from_secs(120);

/// The remote command that reads a script as the user who logs in.
pub(super) const AS_USER: &str = "exec sh -s";
/// The remote command that reads a script as root. Only the script's own words are on standard
/// input, so nothing secret is on a command line.
pub(super) const AS_ROOT: &str =
    r#"exec sh -c 'test "$(id -u)" = 0 && exec sh -s; exec sudo -n sh -s'"#;

/// The remote command that writes standard input to a file of the user, all of its bytes or none: what
/// is cut off, by a full disk or a broken connection, does not stay there.
pub(super) fn receive_into(name: &str, bytes: &str) -> String {
    format!(
        "umask 077; cat >{name} && test $(wc -c <{name}) = {bytes} || {{ rm -f {name}; exit 1; }}"
    )
}

/// What a command came to.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) succeeded: bool,
}

/// A host, and the way there.
#[derive(Debug)]
pub(super) struct Line<'a> {
    login: &'a Login,
    pub(super) route: Route,
}

impl<'a> Line<'a> {
    /// Asks ssh how it would get to a host.
    pub(super) async fn to(host: &str, login: &'a Login) -> Result<Self, SshError> {
        let child = start(&login.question(host))?;
        let over = in_time(CONFIGURATION_LIMIT, converse(child, &[])).await?;
        if !over.said.succeeded {
            return Err(SshError::Configuration(last_words(&over.said.stderr)));
        }
        Ok(Self {
            login,
            route: Route::read(host, login.user(), &over.said.stdout),
        })
    }

    /// Starts a command, which ends when it is dropped.
    pub(super) fn start(&self, remote: &str) -> Result<Child, SshError> {
        let knows = |name: &str| self.route.knows(name);
        start(&self.login.arguments(&self.route.host, remote, knows))
    }

    /// Runs a command on the host to its end, with this on its standard input.
    pub(super) async fn run(
        &self,
        remote: &str,
        input: &[u8],
        limit: Duration,
    ) -> Result<Said, SshError> {
        let child = self.start(remote)?;
        let over = in_time(limit, converse(child, input)).await?;
        self.checked(over)
    }

    /// What was said, unless ssh did not come to the command.
    pub(super) fn checked(&self, over: Over) -> Result<Said, SshError> {
        if over.code == Some(NOT_CONNECTED) {
            let why = why_not_connected(&over.said.stderr, &self.route);
            return Err(SshError::NotConnected(why));
        }
        Ok(over.said)
    }
}

/// Starts ssh, with pipes to it and from it: on Windows it takes no other standard input as well.
fn start(arguments: &[OsString]) -> Result<Child, SshError> {
    let mut command = std::process::Command::new("ssh");
    command.args(arguments);
    keep_from_interrupts(&mut command);
    let mut command = Command::from(command);
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    command.kill_on_drop(true);
    let started = command.spawn();
    started.map_err(|cause| SshError::Start(NotStarted { cause }))
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

/// Does the work; that it takes too long is an error of it.
pub(super) async fn in_time<T, E: From<SshError>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let late = || Err(SshError::Late(limit).into());
    within(limit, work).await.unwrap_or_else(late)
}

/// The code with which ssh ends when it does not come to the command.
const NOT_CONNECTED: i32 = 255;

/// A conversation that is over: what was said, and the exit code.
#[derive(Debug)]
pub(super) struct Over {
    said: Said,
    code: Option<i32>,
}

/// Writes all, reads all, and waits.
async fn converse(mut child: Child, input: &[u8]) -> Result<Over, SshError> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A host that has ended does not read; its own words say why.
            let _ = stdin.write_all(input).await;
            let _ = stdin.close().await;
        }
    };
    let read = async { read_all(stdout).await };
    let ((), stdout) = smol::future::zip(write, read).await;
    end(child, stdout).await
}

/// Reads what is left, and waits. `stdout` is what was said before.
pub(super) async fn end(mut child: Child, stdout: String) -> Result<Over, SshError> {
    let stderr = read_all(child.stderr.take()).await;
    let status = child.status().await;
    let status = status.map_err(SshError::Wait)?;
    Ok(Over {
        said: Said {
            stdout,
            stderr,
            succeeded: status.success(),
        },
        code: status.code(),
    })
}

async fn read_all(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // What cannot be read to its end was said all the same.
        let _ = stream.take(MOST_SAID as u64).read_to_end(&mut bytes).await;
    }
    text_of(&bytes)
}
