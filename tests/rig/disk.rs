//! Disks on which not everything can be written, in a mount namespace that ends with the process.

use std::process::Command;

/// A disk for the result of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// With room for 64 KiB.
    Small,
    /// Which cannot be written to.
    ReadOnly,
}

/// Mounts the disk at `disk`, runs the command, and keeps its result as `kept.csv`.
const SCRIPT: &str = "\
mount -t tmpfs -o size=64k,mode=700 tmpfs disk && eval \"$1\" || exit 98
shift
\"$@\"
code=$?
for rows in disk/out.csv disk/out.partial.csv; do [ -s \"$rows\" ] && cp \"$rows\" kept.csv; done
exit $code";

impl Disk {
    /// The command that runs a program with this disk mounted at `disk` in its working directory;
    /// what it writes to `disk/out.csv`, or has left beside it, is found in `kept.csv` afterwards.
    /// `None`, with a word about it, where this system does not let its users mount.
    pub(crate) fn command(self, program: &[String]) -> Option<Command> {
        let probe = Command::new("unshare")
            .args([
                "-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/tmp",
            ])
            .output();
        if !probe.is_ok_and(|probe| probe.status.success()) {
            eprintln!("SKIPPED: a test with a {self:?} disk; 'unshare -rm mount' is not permitted");
            return None;
        }
        let prepare = match self {
            Self::Small => "true",
            Self::ReadOnly => "mount -o remount,ro disk",
        };
        let mut command = Command::new("unshare");
        command
            .args(["-rm", "sh", "-c", SCRIPT, "sh", prepare])
            .args(program);
        Some(command)
    }
}
