//! Processes: built once, started with bounds, ended by their id.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::namespace::Namespace;
use crate::terminal::Terminal;
use crate::wait::{PATIENCE, wait_for};

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests are a folder of the workspace")
}

/// Builds a binary of the workspace as users get it, which means with its own features only. Where the folder
/// `ILLUMINATOR_BUILT` has those of this checkout, tests take them from there.
pub(crate) fn build(package: &str, binary: &str) -> PathBuf {
    if cfg!(debug_assertions)
        && let Some(folder) = env::var_os("ILLUMINATOR_BUILT")
    {
        let built = Path::new(&folder).join(binary);
        assert!(built.is_file(), "{} is there", built.display());
        return built;
    }
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

/// Whether a program is there that a test wants. Where this variable is set, it has to be.
pub fn has(program: &str, variable: &str) -> bool {
    let is_there = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .is_ok_and(|found| found.status.success());
    if !is_there {
        assert!(env::var_os(variable).is_none(), "{program} is not there");
        eprintln!("SKIPPED: a test with {program}, which is not there");
    }
    is_there
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
pub fn controller_binary() -> &'static [String] {
    static COMMAND: OnceLock<Vec<String>> = OnceLock::new();
    COMMAND.get_or_init(|| {
        let mut command = with_interrupts();
        if let Ok(words) = env::var("ILLUMINATOR_CONTROLLER") {
            command.extend(words.split_whitespace().map(str::to_owned));
        } else {
            let controller = build("illuminator-controller", "controller");
            command.push(controller.display().to_string());
        }
        command
    })
}

/// What makes a command hear of interrupts where these tests were started with those ignored, as a
/// shell does with what it starts in the background: programs inherit it.
fn with_interrupts() -> Vec<String> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGINT is signal 2.
    if ignored.unwrap_or(0) & 2 == 0 {
        return Vec::new();
    }
    vec!["env".to_owned(), "--default-signal=INT".to_owned()]
}

/// Whether a command is the binary of this workspace, and not one that `ILLUMINATOR_NODE` or
/// `ILLUMINATOR_CONTROLLER` names: only then its memory is its own and not that of an emulator.
pub fn binary_is_native(variable: &str) -> bool {
    env::var_os(variable).is_none()
}

/// A node in a process of its own; ended when dropped.
#[derive(Debug)]
pub struct Node {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Node {
    /// Starts a node on a free port of an address of loopback, or on the port that is given with it.
    pub fn start_at(place: &str) -> Self {
        match place.parse::<SocketAddr>() {
            Ok(_) => Self::start_with(&["--listen", place]),
            Err(_) => Self::start_with(&["--listen", &format!("{place}:0")]),
        }
    }

    /// Starts a node on a free port of 127.0.0.1 that has the key in this file.
    pub fn start_with_key(key: &Path) -> Self {
        Self::start_with(&["--key", key.to_str().expect("a path of a test")])
    }

    /// Starts a node with these arguments: on a free port of 127.0.0.1 and without a key, unless
    /// they say otherwise.
    pub fn start_with(arguments: &[&str]) -> Self {
        Self::start_by(&[], &["serve"], arguments)
    }

    /// Starts a node on a free port of 127.0.0.1 that runs models of one type only.
    pub fn start_for(model_type: &str) -> Self {
        Self::start_by(&[], &["run", model_type], &[])
    }

    /// Starts a node in a network namespace, with these arguments.
    pub fn start_in(namespace: &Namespace, arguments: &[&str]) -> Self {
        let starter = ["ip", "netns", "exec", &namespace.name];
        Self::start_by(&starter, &["serve"], arguments)
    }

    fn start_by(starter: &[&str], what: &[&str], arguments: &[&str]) -> Self {
        let (mut child, address) = start_node(starter, what, arguments);
        let log = Arc::default();
        let reader = collect_lines(child.stderr.take().expect("piped"), &log);
        Self {
            child,
            address,
            log,
            reader: Some(reader),
        }
    }

    /// Starts a node on 127.0.0.1.
    pub fn start() -> Self {
        Self::start_at("127.0.0.1")
    }

    /// Starts a node to whose reports nobody listens any more.
    pub fn start_unheard() -> Self {
        let (mut child, address) = start_node(&[], &["serve"], &[]);
        drop(child.stderr.take());
        Self {
            child,
            address,
            log: Arc::default(),
            reader: None,
        }
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
        let status = wait_bounded(&mut self.child, PATIENCE);
        status.expect("its end within bounds").code()
    }

    /// Panics, with what the node said last, if it has ended.
    pub fn assert_running(&mut self) {
        let ended = self.child.try_wait().expect("a child of this process");
        let log = self.log();
        let last = &log[log.len().saturating_sub(5)..];
        assert!(ended.is_none(), "the node has ended: {ended:?}\n{last:?}");
    }

    /// What it has reported so far, line by line.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("no reader panics").clone()
    }

    /// Waits until it has reported something with these words; returns the line.
    pub fn wait_for_report(&self, words: &str) -> String {
        wait_for(&format!("a report of the node with '{words}'"), || {
            self.log().into_iter().find(|line| line.contains(words))
        })
    }
}

/// Starts a node, by way of another program if that is needed, and reads where it listens.
fn start_node(starter: &[&str], what: &[&str], options: &[&str]) -> (Child, SocketAddr) {
    let starter = starter.iter().map(|&word| word.to_owned());
    let words: Vec<String> = starter.chain(node_binary().iter().cloned()).collect();
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).args(what).args(options);
    if !options.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    if !options.contains(&"--key") && !options.contains(&"--insecure") {
        command.arg("--insecure");
    }
    if !options.contains(&"--devices") {
        // What is plugged into the machine of the tests is none of their business.
        command.args(["--devices", "none"]);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
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
    (child, address)
}

/// Collects the lines of a stream as they come.
pub(crate) fn collect_lines(
    stream: impl Read + Send + 'static,
    lines: &Arc<Mutex<Vec<String>>>,
) -> JoinHandle<()> {
    let lines = Arc::clone(lines);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            lines.lock().expect("no reader panics").push(line);
        }
    })
}

impl Drop for Node {
    /// Ends the node. A node that panicked fails the test, whatever else came of it: one that is
    /// built for release ends there.
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let read = self.reader.take().map(JoinHandle::join);
        if !thread::panicking() {
            assert!(!matches!(read, Some(Err(_))), "the log was read");
            let log = self.log();
            let panicked = log.iter().position(|line| line.contains("panicked at"));
            let lines = panicked.map(|line| &log[line..log.len().min(line + 2)]);
            assert_eq!(lines, None);
        }
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
    /// Starts any command, with its output to be read.
    pub fn start(command: &mut Command) -> Self {
        Self::start_with_streams(command, Stdio::piped(), Stdio::piped())
    }

    /// Starts any command, which prints to these streams.
    pub fn start_with_streams(command: &mut Command, stdout: Stdio, stderr: Stdio) -> Self {
        let command = command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let child = command.spawn().expect("the command starts");
        // What this process has of the streams would keep them open.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Self { child }
    }

    /// Starts any command at a terminal.
    pub fn start_at_terminal(command: &mut Command, terminal: &Terminal) -> Self {
        let child = command
            .stdin(terminal.stdio())
            .stdout(terminal.stdio())
            .stderr(terminal.stdio())
            .spawn()
            .expect("the command starts");
        Self { child }
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        send_signal(self.child.id(), name);
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has come to its end.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    /// Reads what it says on standard error up to a line with these words; returns that line.
    pub fn wait_to_say(&mut self, words: &str) -> String {
        let stderr = self.child.stderr.as_mut().expect("piped");
        loop {
            let mut line = Vec::new();
            // Byte by byte, so that what follows is still to be read. The child ends within bounds,
            // and this with it.
            while line.last() != Some(&b'\n') {
                let mut byte = [0];
                let count = stderr.read(&mut byte).expect("readable");
                assert!(count > 0, "it ended without '{words}'");
                line.push(byte[0]);
            }
            let line = String::from_utf8(line).expect("UTF-8");
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Waits for its end.
    pub fn finish(self) -> Output {
        self.finish_within(PATIENCE)
    }

    /// Waits for its end, for so long.
    pub fn finish_within(mut self, patience: Duration) -> Output {
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
            let status = wait_bounded(&mut self.child, patience);
            let [stdout, stderr] = [stdout, stderr].map(|said| said.join().expect("read"));
            let Some(status) = status else {
                let [stdout, stderr] = [&stdout, &stderr].map(|said| String::from_utf8_lossy(said));
                panic!("no end within {patience:?}; it said:\n{stdout}{stderr}");
            };
            Output {
                status,
                stdout,
                stderr,
            }
        })
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // It has ended already, unless a test ends early.
        let _ = self.child.kill();
        let _ = self.child.wait();
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
    Run::start(command).finish()
}

/// Waits for the end of a process, and ends it if that does not come; then there is none.
fn wait_bounded(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait().expect("a child of this process") {
            return Some(status);
        }
        if Instant::now() > end {
            let _ = child.kill();
            return None;
        }
        thread::sleep(Duration::from_millis(2));
    }
}
