//! A bridge in a process of its own.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use crate::Namespace;
use crate::process::{build, collect_lines, send_signal};
use crate::wait::wait_for;

/// The command that starts a bridge: the binary of the workspace, or what `ILLUMINATOR_BRIDGE` says.
pub fn bridge_binary() -> &'static str {
    static COMMAND: OnceLock<String> = OnceLock::new();
    COMMAND.get_or_init(|| {
        env::var("ILLUMINATOR_BRIDGE").unwrap_or_else(|_| {
            let bridge = build("illuminator-bridge", "illuminator-bridge");
            bridge.display().to_string()
        })
    })
}

/// A bridge that listens; ended when dropped.
#[derive(Debug)]
pub struct Bridge {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

impl Bridge {
    /// Starts one that serves all types on a free port, with these arguments as well.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(&[&["serve", "--mosaik", "127.0.0.1:0"], arguments].concat())
    }

    /// Starts one with these arguments, which have it listen.
    pub fn start_with(arguments: &[&str]) -> Self {
        Self::start_in(Path::new("."), arguments)
    }

    /// Starts one with these arguments in a folder.
    pub fn start_in(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_by(Command::new(bridge_binary()), folder, arguments)
    }

    /// Starts one with these arguments in a folder, in a network namespace.
    pub fn start_within(namespace: &Namespace, folder: &Path, arguments: &[&str]) -> Self {
        Self::start_by(namespace.command(bridge_binary()), folder, arguments)
    }

    fn start_by(mut command: Command, folder: &Path, arguments: &[&str]) -> Self {
        let mut child = command
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the bridge starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        let read = BufReader::new(stdout).read_line(&mut line);
        read.expect("the bridge says where it listens");
        let address = line.trim().rsplit(' ').next();
        let address = address.and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        let log = Arc::default();
        // It ends with the stream.
        drop(collect_lines(child.stderr.take().expect("piped"), &log));
        Self {
            child,
            address,
            log,
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has reported so far, line by line.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("no reader panics").clone()
    }

    /// Waits until it has reported something with these words; returns the line.
    pub fn wait_for_report(&self, words: &str) -> String {
        wait_for(&format!("a report of the bridge with '{words}'"), || {
            self.log().into_iter().find(|line| line.contains(words))
        })
    }

    /// Sends it a signal, such as `KILL` or `TERM`.
    pub fn signal(&self, name: &str) {
        send_signal(self.pid(), name);
    }

    /// Waits for its end; the exit code, if it ended by itself.
    pub fn wait(&mut self) -> Option<i32> {
        wait_for("the end of the bridge", || {
            self.child.try_wait().expect("a child of this process")
        })
        .code()
    }

    /// Has it end, and waits for that; the exit code, if it ended by itself.
    pub fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.wait()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
