//! The watchdog of the machine: hardware that starts it anew unless it is fed.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::time::{Duration, Instant};

use init::say;

const DEVICE: &str = "/dev/watchdog0";

/// How often it is fed: that of a Pi bites after 15 s.
const MEAL: Duration = Duration::from_secs(3);

/// The watchdog. It is not let go: whatever ends this process starts the machine anew.
#[derive(Debug, Default)]
pub(crate) struct Watchdog {
    device: Option<File>,
    fed: Option<Instant>,
}

impl Watchdog {
    /// Feeds it, if it is time. Where there is none, there may be one later.
    pub(crate) fn feed(&mut self) {
        if self.fed.is_some_and(|fed| fed.elapsed() < MEAL) {
            return;
        }
        self.fed = Some(Instant::now());
        if self.device.is_none() {
            self.device = OpenOptions::new().write(true).open(DEVICE).ok();
            if self.device.is_some() {
                say(format_args!("the watchdog of the machine is on"));
            }
        }
        if let Some(mut device) = self.device.as_ref() {
            let _ = device.write_all(b"\n");
        }
    }
}
