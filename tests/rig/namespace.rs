//! Network namespaces: machines with networks of their own, on this one.

use std::env;
use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::process::run_bounded;

/// A network namespace; removed when dropped.
#[derive(Debug)]
pub struct Namespace {
    /// What `ip` calls it.
    pub name: String,
}

impl Namespace {
    /// A new one, with loopback; an error where this machine cannot have it.
    pub fn new() -> Result<Self, String> {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let name = format!("illuminator-{}-{number}", std::process::id());
        ip(&["netns", "add", &name])?;
        let namespace = Self { name };
        ip(&["-n", &namespace.name, "link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    /// Does something in a thread whose sockets are in this namespace.
    pub fn within<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        let place = Path::new("/run/netns").join(&self.name);
        let place = File::open(place).expect("a namespace");
        thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let kind = Some(LinkNameSpaceType::Network);
                move_into_link_name_space(place.as_fd(), kind).expect("moved");
                act()
            });
            thread.join().expect("done")
        })
    }

    /// A command in this namespace.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // A namespace that stays behind does not harm the test.
        let _ = ip(&["netns", "del", &self.name]);
    }
}

/// What a test wants of namespaces. `None`, said aloud, where this machine cannot have it: where
/// `ILLUMINATOR_REQUIRE_NAMESPACES` is set, it has to.
pub fn where_possible<T>(test: &str, made: Result<T, String>) -> Option<T> {
    const REQUIRE: &str = "ILLUMINATOR_REQUIRE_NAMESPACES";
    match made {
        Ok(made) => Some(made),
        Err(reason) if env::var_os(REQUIRE).is_none() => {
            eprintln!("SKIPPED: {test}: {reason}");
            None
        }
        Err(reason) => panic!("{REQUIRE} is set, and there are no namespaces: {reason}"),
    }
}

/// Runs `ip`.
pub fn ip(arguments: &[&str]) -> Result<(), String> {
    run_tool("ip", arguments).map(drop)
}

/// Runs a program of this machine; what it said if it fails.
pub fn run_tool(program: &str, arguments: &[&str]) -> Result<Output, String> {
    let path = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin";
    let found = path
        .split(':')
        .map(|folder| Path::new(folder).join(program));
    let found = found.into_iter().find(|path| path.is_file());
    let program = found.ok_or_else(|| format!("there is no '{program}'"))?;
    let output = run_bounded(Command::new(&program).args(arguments));
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} {arguments:?}: {said}", program.display()))
}
