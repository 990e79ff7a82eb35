//! Processes: built once, started with bounds, ended by their id.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// No test waits longer than this for a process.
const PATIENCE: Duration = Duration::from_secs(120);

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests are a folder of the workspace")
}

/// Builds a binary of the workspace as users get it, which means with its own features only.
fn build(package: &str, binary: &str) -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // A benchmark is compiled without debug assertions, and measures what users get.
    let (profile, folder) = if cfg!(debug_assertions) {
        ("dev", "debug")
    } else {
        ("release", "release")
    };
    let status = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--package",
            package,
            "--bin",
            binary,
            "--profile",
            profile,
        ])
        .current_dir(workspace())
        .status()
        .expect("cargo runs");
    assert!(status.success(), "{package} builds");
    let test = env::current_exe().expect("this test has a path");
    // target/debug/deps/test → target/debug/binary, in whatever target folder.
    let target = test.ancestors().nth(3).expect("in a target folder");
    target.join(folder).join(binary)
}

/// The command that starts a node: the binary of the workspace, or what `ILLUMINATOR_NODE` says,
/// such as `qemu-aarch64-static path/to/illuminator-node`.
pub fn node_binary() -> &'static [String] {
    static COMMAND: OnceLock<Vec<String>> = OnceLock::new();
    COMMAND.get_or_init(|| match env::var("ILLUMINATOR_NODE") {
        Ok(command) => command.split_whitespace().map(str::to_owned).collect(),
        Err(_) => vec![
            build("illuminator-node", "illuminator-node")
                .display()
                .to_string(),
        ],
    })
}

/// The command that starts a controller, `ILLUMINATOR_CONTROLLER` likewise.
fn controller_binary() -> &'static [String] {
    static COMMAND: OnceLock<Vec<String>> = OnceLock::new();
    COMMAND.get_or_init(|| match env::var("ILLUMINATOR_CONTROLLER") {
        Ok(command) => command.split_whitespace().map(str::to_owned).collect(),
        Err(_) => vec![
            build("illuminator-controller", "controller")
                .display()
                .to_string(),
        ],
    })
}

/// A node in a process of its own; ended when dropped.
#[derive(Debug)]
pub struct Node {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Node {
    /// Starts a node on a free port of an address of loopback.
    pub fn start_at(ip: &str) -> Self {
        let (program, arguments) = node_binary().split_first().expect("a command");
        let mut child = Command::new(program)
            .args(arguments)
            .args(["serve", "--quiet", "--listen", &format!("{ip}:0")])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the node starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("the node says where it listens");
        let address = line
            .trim()
            .rsplit(' ')
            .next()
            .and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        Self { child, address }
    }

    /// Starts a node on 127.0.0.1.
    pub fn start() -> Self {
        Self::start_at("127.0.0.1")
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, such as `KILL`, `STOP`, `CONT` or `TERM`.
    pub fn signal(&self, name: &str) {
        send_signal(self.pid(), name);
    }

    /// Waits for its end; the exit code, if it ended by itself.
    pub fn wait(&mut self) -> Option<i32> {
        wait_bounded(&mut self.child).code()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to one process.
pub(crate) fn send_signal(pid: u32, name: &str) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "kill -{name} {pid}"
    );
}

/// A controller that is running.
#[derive(Debug)]
pub struct Run {
    child: Child,
}

impl Run {
    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        send_signal(self.child.id(), name);
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Output {
        let mut pipes = (self.child.stdout.take(), self.child.stderr.take());
        let read = |pipe: &mut dyn Read| {
            let mut bytes = Vec::new();
            pipe.read_to_end(&mut bytes).expect("readable");
            bytes
        };
        thread::scope(|scope| {
            let stdout =
                scope.spawn(|| pipes.0.as_mut().map(|pipe| read(pipe)).unwrap_or_default());
            let stderr =
                scope.spawn(|| pipes.1.as_mut().map(|pipe| read(pipe)).unwrap_or_default());
            let status = wait_bounded(&mut self.child);
            let (stdout, stderr) = (stdout.join(), stderr.join());
            Output {
                status,
                stdout: stdout.expect("read"),
                stderr: stderr.expect("read"),
            }
        })
    }
}

/// Starts the controller in a folder.
pub fn controller_in(folder: &Path, arguments: &[&str]) -> Run {
    let (program, first) = controller_binary().split_first().expect("a command");
    let child = Command::new(program)
        .args(first)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the controller starts");
    Run { child }
}

/// Runs the controller in a folder to its end.
pub fn controller(folder: &Path, arguments: &[&str]) -> Output {
    controller_in(folder, arguments).finish()
}

/// Runs any command to its end, within bounds.
pub fn run_bounded(command: &mut Command) -> Output {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    Run { child }.finish()
}

fn wait_bounded(child: &mut Child) -> std::process::ExitStatus {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("a child of this process") {
            return status;
        }
        if Instant::now() > end {
            let _ = child.kill();
            panic!("process {} did not end within {PATIENCE:?}", child.id());
        }
        thread::sleep(Duration::from_millis(2));
    }
}
