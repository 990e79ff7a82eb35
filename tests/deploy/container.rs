//! The Debian of `tests/machine` in namespaces of this machine: its systemd is the first process there. It
//! is up in a second. What needs a kernel or a plug of its own, QEMU has.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rig::Namespace;

/// Has the first process in a control group of its own, so that its groups are not among those of this
/// machine's systemd.
const GROUP: &str = r#"
set -e
mkdir -p "$1/groups"
mount --make-rprivate /
mount -t cgroup2 none "$1/groups"
mkdir "$1/groups/$2"
echo $$ >"$1/groups/$2/cgroup.procs"
umount "$1/groups"
exec unshare --cgroup --pid --uts --ipc --fork --kill-child sh -c "$3" boot "$1"
"#;

/// The first process: makes the file systems that the kernel has for it, and becomes systemd.
const BOOT: &str = r#"
set -e
root=$1/root
mkdir -p "$root"
mount -o loop "$1/disk" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs sys sys
mount -t cgroup2 none sys/fs/cgroup
mount -t tmpfs -o mode=755 none run
mount -t tmpfs -o mode=755 none dev
mkdir dev/pts dev/shm
while read -r name major minor; do mknod -m 666 "dev/$name" c "$major" "$minor"; done <<END
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END
mount -t devpts none dev/pts -o newinstance,ptmxmode=0666
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=1777 none dev/shm
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd
"#;

/// A system in namespaces; ended, with all that runs on it, when dropped.
pub(crate) struct Container {
    child: Child,
    /// The name of its control group.
    group: String,
    // Dropped last: its network.
    _network: Namespace,
}

impl Container {
    /// Starts the system on the file `disk` in a folder.
    pub(crate) fn start(network: Namespace, folder: &Path) -> Result<Self, String> {
        let group = network.name.clone();
        let mut command = network.command("unshare");
        command.args(["--mount", "sh", "-c", GROUP, "group"]);
        command.arg(folder).args([&group, BOOT]);
        let log = fs::File::create(folder.join("log")).map_err(|error| error.to_string())?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(|error| error.to_string())?)
            .stderr(log)
            .spawn()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            child,
            group,
            _network: network,
        })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Its control groups are left to whoever made them. They can go when all processes have.
        let clear = r#"
            folder=$(mktemp -d) && mount -t cgroup2 none "$folder" || exit
            for try in $(seq 50); do
                find "$folder/$0" -depth -type d -exec rmdir {} \; 2>/dev/null
                test -e "$folder/$0" || break
                sleep 0.1
            done
            umount "$folder"; rmdir "$folder""#;
        let mut command = Command::new("unshare");
        let _ = command
            .args(["--mount", "sh", "-c", clear, &self.group])
            .status();
    }
}
