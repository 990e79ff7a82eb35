//! A machine that ssh reaches: processes, network and files of its own, over the files of this one. There
//! is no systemd on it; `system.rs` has a machine with one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use rig::{Namespace, Run, run_bounded, wait_within};

use crate::lan::PATIENCE;

/// How a machine is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setup {
    /// Root logs in.
    Root,
    /// A user logs in who may use sudo without a password.
    Sudo,
    /// A user logs in who needs a password for sudo.
    SudoWithPassword,
}

impl Setup {
    /// Who logs in.
    pub(crate) fn user(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Sudo | Self::SudoWithPassword => "pi",
        }
    }

    /// What makes the machine so, besides what all have.
    fn commands(self) -> &'static str {
        match self {
            Self::Root => ":",
            Self::Sudo => "echo 'pi ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/pi && command -v sudo",
            Self::SudoWithPassword => {
                "echo 'pi ALL=(ALL) ALL' >/etc/sudoers.d/pi && command -v sudo"
            }
        }
    }
}

/// The first process of a machine: makes its files from those of this machine, and becomes sshd.
const BOOT: &str = r#"
set -e
folder=$1 commands=$2 keys=$3
mount --make-rprivate /
mount -t tmpfs none "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root" "$folder/keys"
cp "$keys/host" "$keys/user.pub" "$folder/keys/"
mount -t overlay none -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
cd "$folder/root"
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 none tmp
mkdir -p run/sshd etc/pi
cp "$folder"/keys/* etc/pi/
cat >etc/pi/sshd_config <<END
ListenAddress 0.0.0.0
ListenAddress ::
HostKey /etc/pi/host
AuthorizedKeysFile /etc/pi/user.pub
UsePAM no
StrictModes no
PidFile none
PermitRootLogin yes
END
chroot . /bin/sh -e <<END
PATH=\$PATH:/usr/sbin:/sbin
rm -rf /run/systemd /etc/illuminator /usr/local/bin/illuminator-* /root/.illuminator*
mkdir -p /etc/systemd/system /etc/avahi/services
grep -q '^gpio:' /etc/group || groupadd --system gpio
grep -q '^dialout:' /etc/group || groupadd --system dialout
grep -q '^pi:' /etc/passwd || useradd --create-home --shell /bin/sh pi
usermod -p '*' pi
usermod -p '*' root
$commands
END
exec chroot . /usr/sbin/sshd -D -e -f /etc/pi/sshd_config
"#;

/// A machine; ended, with all that runs on it, when dropped.
pub(crate) struct Machine {
    /// `unshare`, with which the first process of the machine ends.
    outer: Child,
    /// The first process, which is sshd.
    init: u32,
    namespace: Namespace,
}

impl Machine {
    pub(crate) fn start(
        namespace: Namespace,
        folder: &Path,
        setup: Setup,
        keys: &Path,
    ) -> Result<Self, String> {
        fs::create_dir(folder).map_err(|error| error.to_string())?;
        let mut command = namespace.command("unshare");
        command.args([
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            BOOT,
            "boot",
        ]);
        command.args([
            folder.as_os_str(),
            setup.commands().as_ref(),
            keys.as_os_str(),
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut outer = command
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let stderr = outer.stderr.take().expect("piped");
        let mut machine = Self {
            outer,
            init: 0,
            namespace,
        };
        let mut said = Vec::new();
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if line.starts_with("Server listening") {
                machine.init = machine.first_process();
                return Ok(machine);
            }
            said.push(line);
        }
        Err(format!("no sshd in a namespace: {said:?}"))
    }

    fn first_process(&self) -> u32 {
        let outer = self.outer.id();
        let path = format!("/proc/{outer}/task/{outer}/children");
        let children = fs::read_to_string(path).expect("the kernel tells");
        let first = children.split_whitespace().next();
        first.and_then(|id| id.parse().ok()).expect("a process id")
    }

    /// Where a file of the machine is on this one.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.init))
    }

    /// The content of a file of the machine.
    pub(crate) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    /// Mode, user and group of a file of the machine.
    pub(crate) fn rights(&self, path: &str) -> String {
        let output = self.sh(&format!("stat -c '%a %U %G' {path}"));
        output.trim().to_owned()
    }

    /// Runs a shell command on the machine as root; what it said.
    pub(crate) fn sh(&self, script: &str) -> String {
        let init = self.init.to_string();
        let mut command = std::process::Command::new("nsenter");
        command.args([
            "--target", &init, "--mount", "--net", "--pid", "--root", "--wd=/",
        ]);
        let output = Run::start(command.args(["sh", "-c", script])).finish_within(PATIENCE);
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The processes of nodes on the machine.
    pub(crate) fn nodes(&self) -> Vec<u32> {
        let output = run_bounded(std::process::Command::new("ip").args([
            "netns",
            "pids",
            &self.namespace.name,
        ]));
        let ids = String::from_utf8(output.stdout).expect("UTF-8");
        let is_node = |id: &u32| {
            let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
            name.starts_with("illuminator-nod")
        };
        let ids = ids.split_whitespace().filter_map(|id| id.parse().ok());
        ids.filter(is_node).collect()
    }

    /// Waits until no node runs on the machine.
    pub(crate) fn wait_for_no_node(&self) {
        wait_within(PATIENCE, "the end of the node", || {
            self.nodes().is_empty().then_some(())
        });
    }

    /// Lists files that belong to a node, wherever they are.
    pub(crate) fn remains(&self) -> String {
        self.sh(
            "find /etc /usr/local /home /tmp /var/lib -xdev -iname '*illuminator*'; ls -A /root /tmp; \
             grep -h illuminator /etc/passwd /etc/group /etc/shadow /etc/gshadow",
        )
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // With it ends the first process, and with that all others and the file system.
        let _ = self.outer.kill();
        let _ = self.outer.wait();
    }
}
