//! A local network on one machine: network namespaces with a cable each to a switch, which is a
//! namespace too and where the controller runs. Nothing of it is seen from the machine itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rig::{Ended, Namespace, Run, bridge_binary, controller_binary, ip, node_binary};

pub(crate) use rig::run_tool as run;
use tempfile::TempDir;

use crate::machine::{Machine, Setup};

/// Set where these tests must not be skipped.
const REQUIRE: &str = "ILLUMINATOR_REQUIRE_SSHD";

/// How long a controller may take that logs in here and there, on a machine with other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Machines that ssh reaches, and a place for the controller.
pub(crate) struct Lan {
    // Dropped in this order: machines before the switch that they hang on.
    pub(crate) machines: Vec<Machine>,
    switch: Namespace,
    scratch: TempDir,
}

/// Looks for a program of this machine.
fn has(program: &str) -> Result<(), String> {
    let look = format!("PATH=$PATH:/usr/sbin; command -v {program}");
    let found = run("sh", &["-c", &look]);
    found
        .map(drop)
        .map_err(|_| format!("there is no '{program}'"))
}

impl Lan {
    /// Machines with the addresses 10.99.0.1 and up; `None`, said aloud, where this machine cannot
    /// have them.
    pub(crate) fn with(setups: &[Setup]) -> Option<Self> {
        match Self::try_with(setups) {
            Ok(lan) => Some(lan),
            Err(reason) if std::env::var_os(REQUIRE).is_none() => {
                eprintln!("SKIPPED: a test with sshd in namespaces: {reason}");
                None
            }
            Err(reason) => panic!("{REQUIRE} is set, and there is no sshd: {reason}"),
        }
    }

    fn try_with(setups: &[Setup]) -> Result<Self, String> {
        for program in ["sshd", "unshare"] {
            has(program)?;
        }
        let mut lan = Self::empty()?;
        lan.make_keys()?;
        for setup in setups {
            let namespace = Namespace::new()?;
            lan.plug_in(&namespace)?;
            let folder = lan.path(&format!("machine{}", lan.machines.len()));
            let machine = Machine::start(namespace, &folder, *setup, &lan.path("ssh"))?;
            lan.machines.push(machine);
        }
        let users = setups.iter().map(|setup| setup.user());
        lan.prepare_ssh(users)?;
        Ok(lan)
    }

    /// A network for a machine whose keys are in this folder, and which is not plugged in yet.
    pub(crate) fn for_system(keys: &Path) -> Result<Self, String> {
        let lan = Self::empty()?;
        for name in ["user", "host.pub"] {
            let to = lan.path("ssh").join(name);
            fs::copy(keys.join(name), to).map_err(|error| error.to_string())?;
        }
        lan.prepare_ssh(["pi"].into_iter())?;
        Ok(lan)
    }

    /// The end of a cable for a machine that QEMU emulates: `machine`.
    pub(crate) fn plug_in_tap(&self) -> Result<(), String> {
        let switch = &self.switch.name;
        let tap = ["tuntap", "add", "dev", "machine", "mode", "tap"];
        ip(&[&["-n", switch][..], &tap].concat())?;
        let set = ["link", "set", "machine", "master", "lan", "up"];
        ip(&[&["-n", switch][..], &set].concat())
    }

    /// A namespace with a cable to the switch.
    pub(crate) fn plug_in_container(&self) -> Result<Namespace, String> {
        let namespace = Namespace::new()?;
        self.plug_in(&namespace)?;
        Ok(namespace)
    }

    /// A network with nothing but the place for the controller.
    fn empty() -> Result<Self, String> {
        let [node] = node_binary() else {
            return Err("the node is not one program".to_owned());
        };
        for program in ["ssh", "ssh-keygen"] {
            has(program)?;
        }
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        let switch = Namespace::new()?;
        ip(&["-n", &switch.name, "link", "add", "lan", "type", "bridge"])?;
        ip(&["-n", &switch.name, "link", "set", "lan", "up"])?;
        ip(&[
            "-n",
            &switch.name,
            "addr",
            "add",
            "10.99.0.254/24",
            "dev",
            "lan",
        ])?;
        for own in ["fd99::254/64", "fe80::254/64"] {
            ip(&[
                "-n",
                &switch.name,
                "addr",
                "add",
                own,
                "dev",
                "lan",
                "nodad",
            ])?;
        }
        let lan = Self {
            machines: Vec::new(),
            switch,
            scratch,
        };
        for folder in ["ssh", "bin"] {
            fs::create_dir(lan.path(folder)).map_err(|error| error.to_string())?;
        }
        lan.provide_node("illuminator-node", Path::new(node));
        Ok(lan)
    }

    /// Where the controller runs.
    pub(crate) fn switch(&self) -> &Namespace {
        &self.switch
    }

    /// The address of a machine.
    #[expect(clippy::unused_self, reason = "reads as what it is")]
    pub(crate) fn address_of(&self, machine: usize) -> String {
        format!("10.99.0.{}", machine + 1)
    }

    /// A path in the folder of this network, where the controller runs.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn plug_in(&self, machine: &Namespace) -> Result<(), String> {
        let switch = &self.switch.name;
        let number = self.machines.len();
        let (port, address) = (format!("port{number}"), self.address_of(number) + "/24");
        let cable = ["link", "add", &port, "type", "veth", "peer", "name", "eth0"];
        let ends = ["netns", &machine.name];
        ip(&[&["-n", switch][..], &cable, &ends].concat())?;
        ip(&["-n", switch, "link", "set", &port, "master", "lan", "up"])?;
        ip(&["-n", &machine.name, "addr", "add", &address, "dev", "eth0"])?;
        for address in [
            format!("fd99::{}/64", number + 1),
            format!("fe80::{}/64", number + 1),
        ] {
            let add = [
                "-n",
                &machine.name,
                "addr",
                "add",
                &address,
                "dev",
                "eth0",
                "nodad",
            ];
            ip(&add)?;
        }
        ip(&["-n", &machine.name, "link", "set", "eth0", "up"])
    }

    /// Keys of hosts and users.
    fn make_keys(&self) -> Result<(), String> {
        for name in ["host", "user", "stranger"] {
            let path = self.path("ssh").join(name);
            let path = path.to_str().ok_or("a path that is not UTF-8")?;
            run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", path])?;
        }
        Ok(())
    }

    /// An `ssh` that uses the keys, and writes down how it was called.
    fn prepare_ssh(&self, users: impl Iterator<Item = &'static str>) -> Result<(), String> {
        let ssh = self.path("ssh");
        let host = fs::read_to_string(ssh.join("host.pub")).map_err(|error| error.to_string())?;
        let known = format!("10.99.0.*,fd99::*,fe80::* {host}");
        fs::write(ssh.join("known_hosts"), known).map_err(|error| error.to_string())?;
        let users = users.enumerate().map(|(number, user)| {
            let address = self.address_of(number);
            format!("Host {address}\n  User {user}\n")
        });
        let all = format!(
            "Host *\n  IdentityFile {0}/user\n  IdentitiesOnly yes\n  UserKnownHostsFile \
             {0}/known_hosts\n",
            ssh.display()
        );
        let config: String = users.chain([all]).collect();
        fs::write(ssh.join("config"), config).map_err(|error| error.to_string())?;
        let wrapper = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >>{0}/log\nexec /usr/bin/ssh -F {0}/config \"$@\"\n",
            ssh.display()
        );
        let path = self.path("bin/ssh");
        fs::write(&path, wrapper).map_err(|error| error.to_string())?;
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&path, executable).map_err(|error| error.to_string())
    }

    /// Puts something before what the user's ssh configuration says.
    pub(crate) fn configure_ssh(&self, first: &str) {
        let path = self.path("ssh/config");
        let config = fs::read_to_string(&path).expect("there");
        fs::write(path, format!("{first}\n{config}")).expect("written");
    }

    /// Puts a program where the controller looks for nodes of this processor, in a folder of its
    /// own; returns the folder.
    pub(crate) fn provide_node(&self, folder: &str, program: &Path) -> PathBuf {
        self.provide(folder, "illuminator-node", program)
    }

    /// Puts the bridge of the workspace beside its node.
    pub(crate) fn provide_bridge(&self) {
        let bridge = Path::new(bridge_binary());
        self.provide("illuminator-node", "illuminator-bridge", bridge);
    }

    fn provide(&self, folder: &str, name: &str, program: &Path) -> PathBuf {
        let folder = self.path(folder);
        fs::create_dir_all(&folder).expect("created");
        let target = match std::env::consts::ARCH {
            "arm" => "armv7-unknown-linux-musleabihf".to_owned(),
            processor => format!("{processor}-unknown-linux-musl"),
        };
        let path = folder.join(format!("{name}-{target}"));
        fs::copy(program, &path).expect("copied");
        // Without what is there for debuggers it travels faster; it runs either way.
        let _ = Command::new("strip").arg(&path).status();
        folder
    }

    /// What `ssh` has been called with, a line a call.
    pub(crate) fn ssh_calls(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("ssh/log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// The cluster's key.
    pub(crate) fn key(&self) -> String {
        let path = self.path("config/illuminator/cluster.key");
        fs::read_to_string(path).expect("a key").trim().to_owned()
    }

    /// A program that sees the network, and the `ssh` of this network.
    pub(crate) fn command_there(&self, program: &str) -> Command {
        let mut command = self.switch.command(program);
        let path = std::env::var("PATH").expect("a path");
        command
            .current_dir(self.scratch.path())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("XDG_CONFIG_HOME", self.path("config"));
        command
    }

    /// A controller that sees the network.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let (program, first) = controller_binary().split_first().expect("a command");
        let mut command = self.command_there(program);
        command.args(first).args(arguments);
        command
    }

    /// Starts a controller.
    pub(crate) fn start(&self, arguments: &[&str]) -> Run {
        Run::start(&mut self.command(arguments))
    }

    /// Runs a controller to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).finish_within(PATIENCE).into()
    }

    /// Runs `controller deploy` for all machines, with the nodes of the workspace.
    pub(crate) fn deploy(&self, options: &[&str]) -> Ended {
        self.for_all(
            "deploy",
            &[&["--binaries", "illuminator-node"], options].concat(),
        )
    }

    /// Runs a command for all machines.
    pub(crate) fn for_all(&self, command: &str, options: &[&str]) -> Ended {
        let hosts: Vec<String> = (0..self.machines.len())
            .map(|n| self.address_of(n))
            .collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        self.run(&[&[command], options, &hosts[..]].concat())
    }
}
