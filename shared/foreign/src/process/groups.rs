//! Groups of processes, where there are such: what a program starts belongs to its group, and ends with it.

pub(super) use system::{has_ended, kill, kill_all, note};

#[cfg(unix)]
mod system {
    use std::io::Write;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, ChildStdin, Command, Stdio};
    use std::sync::{Mutex, MutexGuard, Once, PoisonError};

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

    /// What a guard does: it hears of groups that begin and end, and when it hears nothing any more, kills those that
    /// are left.
    const GUARD: &str = r#"
        trap '' HUP INT TERM
        groups=' '
        while read -r what group; do
            case $what in
            begins) groups="$groups$group " ;;
            ends) groups="${groups%% "$group" *} ${groups#* "$group" }" ;;
            esac
        done
        for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
    "#;

    /// The groups that live.
    #[derive(Default)]
    struct Living {
        groups: Vec<Pid>,
        guard: Option<Guard>,
    }

    static LIVING: Mutex<Living> = Mutex::new(Living {
        groups: Vec::new(),
        guard: None,
    });

    fn living() -> MutexGuard<'static, Living> {
        LIVING.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A process that outlives this one, however that ends: a program in the middle of a step would not notice.
    struct Guard {
        child: Child,
        words: ChildStdin,
    }

    impl Guard {
        /// One for this process; `None` where there is no shell. Then only this process ends its programs.
        fn start() -> Option<Self> {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", GUARD]).process_group(0);
            command.stdin(Stdio::piped());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().ok()?;
            let words = child.stdin.take()?;
            Some(Self { child, words })
        }

        fn hear(&mut self, what: &str, group: Pid) {
            // Where it has gone, nothing is left to be done.
            let _ = writeln!(self.words, "{what} {}", group.as_raw_nonzero());
        }

        /// Ends it: there is nothing to guard.
        fn end(self) {
            let Self { mut child, words } = self;
            drop(words);
            let _ = child.wait();
        }
    }

    /// Has a program end with this process, even where a panic ends this without dropping anything.
    pub(in crate::process) fn note(child: &Child) {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            if cfg!(panic = "abort") {
                let before = std::panic::take_hook();
                std::panic::set_hook(Box::new(move |panic| {
                    before(panic);
                    kill_all();
                }));
            }
        });
        let (mut living, group) = (living(), Pid::from_child(child));
        living.groups.push(group);
        if living.guard.is_none() {
            living.guard = Guard::start();
        }
        if let Some(guard) = &mut living.guard {
            guard.hear("begins", group);
        }
    }

    pub(in crate::process) fn kill_all() {
        for &group in &living().groups {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    pub(in crate::process) fn has_ended(child: &mut Child) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        // One that cannot be asked about is none of ours any more.
        !matches!(
            waitid(WaitId::Pid(Pid::from_child(child)), options),
            Ok(None)
        )
    }

    pub(in crate::process) fn kill(child: &mut Child) {
        let (mut living, group) = (living(), Pid::from_child(child));
        living.groups.retain(|known| *known != group);
        // It may have ended, with all of it.
        let _ = kill_process_group(group, Signal::KILL);
        if let Some(guard) = &mut living.guard {
            guard.hear("ends", group);
        }
        if living.groups.is_empty()
            && let Some(guard) = living.guard.take()
        {
            guard.end();
        }
    }
}

/// Where there are no groups, only the program itself is ended.
#[cfg(not(unix))]
mod system {
    use std::process::Child;

    pub(in crate::process) fn note(_: &Child) {}

    /// What ends this process ends those of its terminal as well.
    pub(in crate::process) fn kill_all() {}

    pub(in crate::process) fn has_ended(child: &mut Child) -> bool {
        !matches!(child.try_wait(), Ok(None))
    }

    pub(in crate::process) fn kill(child: &mut Child) {
        // It may have ended.
        let _ = child.kill();
    }
}
