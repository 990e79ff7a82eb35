//! Lights: three that show how the node is, and those that scenarios bind to values.
//!
//! A thread of its own drives them, from what the sessions leave on a board of atomic numbers. So a
//! session never waits for a light, and the result of a run never depends on one. The thread is
//! started when there is a first light to drive, and sleeps while nothing changes.

mod board;
mod driver;
#[cfg(all(feature = "gpio", target_os = "linux"))]
mod gpio;
mod output;
mod panel;
mod pattern;
mod rise;
mod sim;
mod values;
#[cfg(all(feature = "gpio", target_os = "linux"))]
mod ws2812;

use std::io;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use shared::led::{LedPlace, reserved_for};
use shared::model::Notice;
use shared::plan::{ModelId, SitePlan};

use crate::config::{LedConfig, LedTarget, Light};
use board::Board;
use driver::Open;
use pattern::Pattern;

pub use output::{Lamp, LedOutput, Setting};
pub use panel::Fault;
pub(crate) use values::ValueLights;

/// How long the lights may take to go dark when the node ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// The lights of a node.
pub struct Lights {
    board: Arc<Board>,
    status: Arc<StatusLights>,
    output: LedTarget,
    /// The reserved pins that scenarios may use.
    allowed: Vec<u8>,
    /// Tells when the thread has ended; empty as long as none was needed.
    thread: OnceLock<Option<Arc<End>>>,
}

impl Lights {
    /// The lights that a configuration names.
    pub fn new(config: &LedConfig) -> Self {
        let output = config.output.clone().unwrap_or_default();
        let lights = Self {
            board: Arc::new(Board::new()),
            status: Arc::new(StatusLights::new(config)),
            output,
            allowed: config.allow.clone(),
            thread: OnceLock::new(),
        };
        if !lights.status.lights.is_empty() {
            lights.start();
        }
        lights
    }

    /// Starts the thread, unless it runs or there is nothing to drive lights with.
    fn start(&self) {
        self.thread.get_or_init(|| {
            let open: Open = match self.output.clone() {
                LedTarget::None => return None,
                LedTarget::Gpio => Box::new(open_pins),
                LedTarget::Sim(path) => {
                    Box::new(move || Ok(Box::new(sim::Sim::open(path.as_deref())?)))
                }
            };
            self.spawn(open)
                .inspect_err(|error| driver::go_without(&self.board, error))
                .ok()
        });
    }

    fn spawn(&self, open: Open) -> io::Result<Arc<End>> {
        let (board, status) = (Arc::clone(&self.board), Arc::clone(&self.status));
        let end = Arc::new(End::default());
        let ending = Ending(Arc::clone(&end));
        let thread = thread::Builder::new().name("lights".to_owned());
        let thread = thread.spawn(move || {
            driver::drive(&board, &status, open);
            drop(ending);
        })?;
        self.board.attend(thread.thread().clone());
        Ok(end)
    }

    /// Whether there is something to drive lights with, as far as is known.
    fn is_alive(&self) -> bool {
        self.output != LedTarget::None && !self.board.is_dead()
    }

    /// A session has been opened; it is over when this is dropped.
    pub(crate) fn session(&self) -> OpenSession {
        self.board.open_session();
        OpenSession(Arc::clone(&self.board))
    }

    /// There were steps.
    pub(crate) fn stepped(&self) {
        self.board.note_steps();
    }

    /// Something went wrong. A fault of a model or a session is shown until the next session is
    /// opened, a wrong key for a minute.
    pub fn fault(&self, fault: Fault) {
        self.board.note_fault(fault);
    }

    /// The first light of a plan whose pin is reserved and not allowed here: its model, and the pin.
    pub(crate) fn forbidden(&self, plan: &SitePlan) -> Option<(ModelId, u8)> {
        let mut lights = plan.models.iter().flat_map(|model| {
            let places = model.leds.iter().map(|led| led.kind.place());
            places.filter_map(move |place| match place {
                LedPlace::Pin(pin) => Some((model.id, pin)),
                LedPlace::Strip(_) => None,
            })
        });
        let is_forbidden =
            |&(_, pin): &(ModelId, u8)| reserved_for(pin).is_some() && !self.allowed.contains(&pin);
        lights.find(is_forbidden)
    }

    /// Lets the lights of a plan show its values. Adds a notice for each whose place is in use.
    pub(crate) fn bind(&self, plan: &SitePlan, notices: &mut Vec<Notice>) -> ValueLights {
        if !self.is_alive() || plan.models.iter().all(|model| model.leds.is_empty()) {
            return ValueLights::default();
        }
        self.start();
        ValueLights::claim(&self.board, &self.status, plan, notices)
    }

    /// Has the three lights blink quickly for some time, so that somebody finds the node. Returns
    /// whether there is a light that can.
    pub fn identify(&self, duration: Duration) -> bool {
        self.board.identify(duration);
        self.is_alive() && !self.status.lights.is_empty()
    }

    /// What the lights show: `ready: breathing, step: off, fault: off`, and after these those that
    /// show values, `pin 18: 57 %` and `strip spi0: #8b0000`; `none` where there are no lights, `unavailable` where nothing
    /// can drive them.
    pub fn describe(&self) -> String {
        if self.output != LedTarget::None && self.board.is_dead() {
            return "unavailable".to_owned();
        }
        let shown = *self.board.shown();
        let status = self.status.lights.iter().map(|StatusLight { light, .. }| {
            let pattern = shown[*light as usize];
            match pattern {
                Pattern::Blink => format!("{light}: blinking"),
                _ => format!("{light}: {}", pattern.name()),
            }
        });
        let now = self.board.now();
        let claims = self.board.claims();
        let values = claims.iter().filter(|claim| claim.holds(now));
        let values = values.map(values::Claim::describe);
        let all: Vec<String> = if self.output == LedTarget::None {
            Vec::new()
        } else {
            status.chain(values).collect()
        };
        if all.is_empty() {
            return "none".to_owned();
        }
        all.join(", ")
    }

    /// Leaves the lights dark, if that does not take long.
    pub(crate) fn stop(&self) {
        self.board.stop();
        if let Some(Some(end)) = self.thread.get() {
            // An output that hangs is left behind.
            end.wait(FAREWELL);
        }
    }
}

/// The lights that show how the node is.
#[derive(Default)]
struct StatusLights {
    lights: Vec<StatusLight>,
    active_low: bool,
}

/// One of them.
struct StatusLight {
    light: Light,
    pin: u8,
    lamp: Arc<Lamp>,
}

impl StatusLights {
    fn new(config: &LedConfig) -> Self {
        let lights = config.lights().into_iter().map(|(light, pin)| StatusLight {
            light,
            pin,
            lamp: Arc::new(Lamp {
                place: LedPlace::Pin(pin),
                name: light.to_string(),
            }),
        });
        Self {
            lights: lights.collect(),
            active_low: config.active_low,
        }
    }

    fn has(&self, light: Light) -> bool {
        self.lights.iter().any(|status| status.light == light)
    }

    fn lamps(&self) -> impl Iterator<Item = &Arc<Lamp>> {
        self.lights.iter().map(|status| &status.lamp)
    }
}

/// The end of the thread. The end of a channel would say it too, and a channel of the standard library is
/// kilobytes of code.
#[derive(Default)]
struct End {
    is_here: Mutex<bool>,
    changed: Condvar,
}

impl End {
    /// Waits for it, at most so long.
    fn wait(&self, patience: Duration) {
        let is_here = self.is_here.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(is_here, patience, |is_here| !*is_here);
        // Whether it came or not, that was all.
        drop(waited);
    }
}

/// Belongs to the thread: with it, the thread ends.
struct Ending(Arc<End>);

impl Drop for Ending {
    fn drop(&mut self) {
        let is_here = self.0.is_here.lock();
        *is_here.unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_all();
    }
}

/// The pins of this machine.
#[cfg(all(feature = "gpio", target_os = "linux"))]
fn open_pins() -> io::Result<Box<dyn LedOutput>> {
    Ok(Box::new(gpio::Pins::open()?))
}

/// No machine that runs another system has pins, and a node without this feature leaves them alone.
#[cfg(not(all(feature = "gpio", target_os = "linux")))]
fn open_pins() -> io::Result<Box<dyn LedOutput>> {
    let reason = "this node is built without support for pins";
    Err(io::Error::new(io::ErrorKind::Unsupported, reason))
}

/// An open session, as the lights see it.
pub(crate) struct OpenSession(Arc<Board>);

impl Drop for OpenSession {
    fn drop(&mut self) {
        self.0.close_session();
    }
}

#[cfg(test)]
mod tests;
