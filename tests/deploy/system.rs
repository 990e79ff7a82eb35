//! A machine with a Debian on a disk of its own, in a container or run by QEMU: systemd, sshd and Avahi are
//! the real ones.

use std::fs;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rig::{Ended, Run, wait_within, workspace};

use crate::container::Container;
use crate::lan::{Lan, run};

/// Set where tests in a container are to run.
const REQUIRE_CONTAINER: &str = "ILLUMINATOR_REQUIRE_SYSTEMD";

/// Set where tests on an emulated machine are to run: each boots it, which takes minutes.
const REQUIRE_QEMU: &str = "ILLUMINATOR_REQUIRE_QEMU";

/// How long an emulated machine may take to start, or to do what it is told, on a machine that has other
/// things to do as well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// Its address.
pub(crate) const ADDRESS: &str = "10.99.0.1";
/// Its address of IPv6.
pub(crate) const ADDRESS_6: &str = "fd99::1";
/// A machine, and the network that it hangs on.
pub(crate) struct System {
    // Dropped in this order: the machine before its network.
    machine: Option<Machine>,
    pub(crate) lan: Lan,
}

/// A machine that is switched on.
#[expect(dead_code, reason = "it is held for its end")]
enum Machine {
    Container(Container),
    Qemu(Qemu),
}

/// A board of a cable, behind a USB serial adapter of an emulated machine. It is pulled when this is dropped.
pub(crate) struct Board {
    line: UnixStream,
    answers: Option<JoinHandle<()>>,
}

impl Board {
    /// Plugs in a board that answers whatever it is told with its id.
    fn plug_in(path: &Path, id: u8) -> io::Result<Self> {
        let line = UnixStream::connect(path)?;
        let mut own = line.try_clone()?;
        let answers = thread::spawn(move || {
            let mut commands = [0; 64];
            while matches!(own.read(&mut commands), Ok(1..)) && own.write_all(&[id]).is_ok() {}
        });
        Ok(Self {
            line,
            answers: Some(answers),
        })
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        // Whether QEMU is still there or not, the thread sees an end.
        let _ = self.line.shutdown(Shutdown::Both);
        let _ = self.answers.take().map(JoinHandle::join);
    }
}

/// A machine with a processor, a kernel and a plug of its own.
struct Qemu {
    child: Child,
}

impl Drop for Qemu {
    /// As if somebody pulled its plug. What it has written to its disk is there.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl System {
    /// A system in a container that has just been started; `None`, said aloud, unless these tests are
    /// wanted: making its disk takes minutes, and some hundred megabytes from Debian.
    pub(crate) fn start() -> Option<Self> {
        Self::started(REQUIRE_CONTAINER, |lan| {
            let network = lan.plug_in_container()?;
            Container::start(network, &lan.path("")).map(Machine::Container)
        })
    }

    /// Likewise a machine that QEMU emulates: with a kernel of its own, and a plug.
    pub(crate) fn emulated() -> Option<Self> {
        Self::started(REQUIRE_QEMU, |lan| {
            lan.plug_in_tap()?;
            Qemu::start(lan).map(Machine::Qemu)
        })
    }

    fn started(
        required: &str,
        start: impl FnOnce(&Lan) -> Result<Machine, String>,
    ) -> Option<Self> {
        if std::env::var_os(required).is_none() {
            eprintln!("SKIPPED: a test with a systemd of its own; it runs where {required} is set");
            return None;
        }
        let system = made().and_then(|()| {
            let lan = Lan::for_system(&folder())?;
            let disk = lan.path("disk");
            let made = folder().join("disk");
            let [from, to] = [&made, &disk].map(|path| path.to_str().expect("UTF-8"));
            run("cp", &["--sparse=always", from, to])?;
            let machine = Some(start(&lan)?);
            Ok(Self { machine, lan })
        });
        match system {
            Ok(system) => {
                system.wait_for_ssh();
                Some(system)
            }
            Err(reason) => panic!("{required} is set, and there is no machine: {reason}"),
        }
    }

    /// Pulls the plug.
    pub(crate) fn cut_power(&mut self) {
        self.machine = None;
    }

    /// Puts the plug in again, and waits until the machine has started.
    pub(crate) fn switch_on(&mut self) {
        let machine = Qemu::start(&self.lan).expect("it has started before");
        self.machine = Some(Machine::Qemu(machine));
        self.wait_for_ssh();
    }

    /// Has the machine write nothing to its disk but what somebody asks for: by itself it does so after half
    /// a minute, which is soon on an emulated processor.
    pub(crate) fn write_only_what_is_flushed(&self) {
        self.sh("cd /proc/sys/vm; echo 0 >dirty_writeback_centisecs; echo 1000000 >dirty_expire_centisecs");
    }

    fn wait_for_ssh(&self) {
        wait_within(PATIENCE, "a machine that ssh reaches", || {
            (self.try_sh("echo up").stdout == "up\n").then_some(())
        });
    }

    fn try_sh(&self, script: &str) -> Ended {
        let mut command = self.lan.command_there("ssh");
        // A machine that is not up yet is tried again by ssh itself, once a second.
        command.args([
            "-oConnectTimeout=60",
            "-oConnectionAttempts=600",
            "-oBatchMode=yes",
            "-lroot",
            ADDRESS,
            script,
        ]);
        Run::start(&mut command).finish_within(PATIENCE).into()
    }

    /// Runs a shell command on the machine as root; what it said.
    pub(crate) fn sh(&self, script: &str) -> String {
        let ended = self.try_sh(script);
        assert_ne!(ended.code, Some(255), "{script}: {ended:?}");
        ended.stdout
    }

    /// Runs a controller in the machine's network to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = self.lan.command(arguments);
        Run::start(&mut command).finish_within(PATIENCE).into()
    }

    /// Plugs a board into an emulated machine.
    pub(crate) fn plug_in_board(&self, id: u8) -> Board {
        Board::plug_in(&self.lan.path("board"), id).expect("QEMU has a socket for it")
    }

    /// Runs `controller deploy` for the machine, with the nodes of the workspace.
    pub(crate) fn deploy(&self, options: &[&str]) -> Ended {
        self.run(
            &[
                &["deploy", "--binaries", "illuminator-node", ADDRESS][..],
                options,
            ]
            .concat(),
        )
    }

    /// The process id of the service's node; 0 where none runs.
    pub(crate) fn node(&self) -> u32 {
        self.process_of("illuminator-node")
    }

    /// The process id of a service; 0 where it does not run.
    pub(crate) fn process_of(&self, service: &str) -> u32 {
        let show = format!("systemctl show --property MainPID --value {service}");
        self.sh(&show).trim().parse().expect("a process id")
    }

    /// Puts a file on the machine.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let folder = Path::new(path).parent().expect("absolute").display();
        let quoted = content.replace('\'', r"'\''");
        self.sh(&format!(
            "mkdir -p {folder} && printf %s '{quoted}' >{path}"
        ));
    }

    /// Copies a file to the machine.
    pub(crate) fn copy(&self, from: &Path, to: &str) {
        let mut command = self.lan.command_there("ssh");
        command.args(["-lroot", ADDRESS, &format!("cat >{to}")]);
        command.stdin(fs::File::open(from).expect("there"));
        assert!(command.status().expect("ssh runs").success(), "{to}");
    }

    /// What is there of a node, wherever it is.
    pub(crate) fn remains(&self) -> String {
        self.sh(
            "find /etc /usr/local /usr/bin /usr/lib/systemd /var/lib /home /root /tmp -xdev -iname '*illuminator*' \
             -exec ls -ld --time-style=+ {} +; grep -h illuminator /etc/passwd /etc/group",
        )
    }
}

/// Where the machine is made.
pub(crate) fn folder() -> PathBuf {
    workspace().join("target/machine")
}

/// Has the disk of the machine made, unless it is there.
fn made() -> Result<(), String> {
    static MADE: OnceLock<Result<(), String>> = OnceLock::new();
    let make = || {
        let mut build = Command::new("tests/machine/build.sh");
        let output = Run::start(build.current_dir(workspace())).finish_within(2 * PATIENCE);
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    };
    MADE.get_or_init(make).clone()
}

impl Qemu {
    fn start(lan: &Lan) -> Result<Self, String> {
        let mut command = lan.switch().command("qemu-system-x86_64");
        command.args(["-accel", "tcg,thread=multi,tb-size=256"]);
        // Random numbers from the processor: nothing else of this machine makes many.
        command.args([
            "-cpu",
            "qemu64,+rdrand",
            "-smp",
            "2",
            "-m",
            "256",
            "-nodefaults",
        ]);
        command.args(["-no-user-config", "-no-reboot", "-display", "none"]);
        command.arg("-serial");
        command.arg(format!("file:{}", lan.path("serial").display()));
        command.arg("-kernel").arg(folder().join("vmlinux"));
        command.arg("-initrd").arg(folder().join("initrd"));
        let kernel = "console=ttyS0 quiet panic=-1 mitigations=off audit=0 apparmor=0 net.ifnames=0 nokaslr \
                      cryptomgr.notests random.trust_cpu=on no_timer_check rcupdate.rcu_expedited=1";
        command.args(["-append", kernel]);
        // What the machine flushes is on this machine's disk or in its memory: both outlive QEMU.
        let disk = lan.path("disk");
        let drive = format!(
            "file={},format=raw,if=none,id=disk,cache=writeback",
            disk.display()
        );
        command.args(["-drive", &drive, "-device", "virtio-blk-pci,drive=disk"]);
        command.args([
            "-netdev",
            "tap,id=lan,ifname=machine,script=no,downscript=no",
        ]);
        command.args(["-device", "virtio-net-pci,netdev=lan,romfile="]);
        // A USB serial adapter, which is plugged in when somebody connects to its socket.
        let board = lan.path("board");
        let board = format!(
            "socket,id=board,path={},server=on,wait=off",
            board.display()
        );
        command.args(["-device", "qemu-xhci", "-chardev", &board]);
        command.args(["-device", "usb-serial,chardev=board"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        child
            .map(|child| Self { child })
            .map_err(|error| error.to_string())
    }
}
