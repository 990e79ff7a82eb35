//! The machine: what is mounted, its drivers, its card, and its name.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use image::{FILE, LONGEST, Settings, read_file};
use init::say;
use nix::errno::Errno;
use nix::kmod::{ModuleInitFlags, finit_module};
use nix::mount::{MsFlags, mount};

/// The drivers, and the order in which they are loaded: a name of a file beside it in each line.
const DRIVERS: &str = "/drivers/order";

/// After so long somebody is told that there is no card. Some take seconds to answer.
const CARD_PATIENCE: Duration = Duration::from_secs(20);

/// Mounts what the system itself shows. All of it is in memory.
pub(crate) fn mount_all() {
    for (kind, folder) in [("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev")] {
        let mounted = fs::create_dir_all(folder).map_err(|error| error.to_string());
        let mounted = mounted.and_then(|()| {
            let mounted = mount(
                Some(kind),
                folder,
                Some(kind),
                MsFlags::empty(),
                None::<&str>,
            );
            mounted.map_err(|error| error.to_string())
        });
        if let Err(error) = mounted {
            say(format_args!("cannot mount {folder}: {error}"));
        }
    }
}

/// Loads all drivers. One that fails is named: the Pi may do without it.
pub(crate) fn load_drivers() {
    let order = Path::new(DRIVERS);
    let names = fs::read_to_string(order).unwrap_or_default();
    for name in names.lines() {
        let loaded = File::open(order.with_file_name(name))
            .map_err(|error| error.to_string())
            .and_then(
                |file| match finit_module(file, c"", ModuleInitFlags::empty()) {
                    Ok(()) | Err(Errno::EEXIST) => Ok(()),
                    Err(error) => Err(error.to_string()),
                },
            );
        if let Err(error) = loaded {
            say(format_args!("no driver {name}: {error}"));
        }
    }
}

/// Gives the machine its name.
pub(crate) fn set_name(name: &str) {
    if let Err(error) = fs::write("/proc/sys/kernel/hostname", name) {
        say(format_args!(
            "the machine cannot be called '{name}': {error}"
        ));
    }
}

/// Reads the card, as soon as there is one.
pub(crate) struct CardReader {
    since: Instant,
    /// What was said last of why it cannot be read.
    fault: String,
}

impl Default for CardReader {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            fault: String::new(),
        }
    }
}

impl CardReader {
    /// Which node this is, and the card that says so; none where it is too early to tell, and an error where something is
    /// wrong with the card, which has been said.
    pub(crate) fn read(&mut self) -> Option<Result<(Settings, PathBuf), ()>> {
        let fault = match card() {
            Some((card, device)) => match read(&device) {
                Ok(settings) => {
                    say(format_args!(
                        "this is '{}', says {}",
                        settings.name,
                        device.display()
                    ));
                    return Some(Ok((settings, card)));
                }
                Err(fault) => fault,
            },
            None if self.since.elapsed() < CARD_PATIENCE => return None,
            None => "there is no card".to_owned(),
        };
        if fault != self.fault {
            say(format_args!("{fault}"));
            self.fault = fault;
        }
        Some(Err(()))
    }
}

/// The first card, and its first partition.
fn card() -> Option<(PathBuf, PathBuf)> {
    let cards = (0..4).map(|number| format!("/dev/mmcblk{number}"));
    let mut cards = cards.map(|card| (PathBuf::from(&card), PathBuf::from(card + "p1")));
    cards.find(|(_, partition)| partition.exists())
}

fn read(device: &Path) -> Result<Settings, String> {
    let cannot = |error| format!("cannot read {FILE} on {}: {error}", device.display());
    let partition = File::open(device).map_err(cannot)?;
    let content = read_file(partition, FILE, LONGEST).map_err(cannot)?;
    let content = content.ok_or_else(|| format!("there is no {FILE} on the card"))?;
    let text = String::from_utf8(content);
    let text = text.map_err(|_| format!("{FILE} is not in UTF-8; save it as such"))?;
    Settings::parse(&text).map_err(|error| error.to_string())
}
