//! The thread that drives the lights: looks at the board, sets what has changed, and sleeps until
//! something can change.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::output::{Lamp, LedOutput, Setting};
use super::panel::{LOOK, Panel};
use super::pattern::Pattern;
use super::{Board, StatusLights};
use crate::config::Light;
use crate::log;

/// Makes the output, in the thread of the lights: it may wait.
pub(super) type Open = Box<dyn FnOnce() -> io::Result<Box<dyn LedOutput>> + Send>;

/// Drives the lights until the node stops them.
pub(super) fn drive(board: &Board, status: &StatusLights, open: Open) {
    let output = match open() {
        Ok(output) => output,
        Err(error) => return go_without(board, &error),
    };
    let shows_steps = status.has(Light::Step);
    let mut driver = Driver {
        output,
        lit: Vec::new(),
    };
    let mut panel = Panel::new(shows_steps);
    while !board.is_stopping() {
        match driver.look(board, status, &mut panel) {
            Some(time) => thread::park_timeout(time),
            None => thread::park(),
        }
    }
    driver.end();
}

/// Says that there is nothing to drive lights with.
pub(super) fn go_without(board: &Board, error: &io::Error) {
    board.give_up();
    log::say(format_args!(
        "no LEDs: {error}; the node goes on without them"
    ));
}

struct Driver {
    output: Box<dyn LedOutput>,
    lit: Vec<Lit>,
}

/// A light and what it was set to last.
struct Lit {
    lamp: Arc<Lamp>,
    /// `None` for one that shows a value.
    pattern: Option<Pattern>,
    /// `None` as long as it was not.
    setting: Option<Setting>,
    /// The output cannot set it.
    is_broken: bool,
}

impl Driver {
    /// Sets what has changed. Returns how long nothing will, unless the board is changed; `None`
    /// where there is no end to it.
    fn look(
        &mut self,
        board: &Board,
        status: &StatusLights,
        panel: &mut Panel,
    ) -> Option<Duration> {
        let now = board.now();
        let mut rest = panel.look(now, board.read());
        *board.shown() =
            [Light::Ready, Light::Step, Light::Fault].map(|light| panel.shown(light).pattern);
        let mut soonest = |lasts: Duration| {
            rest = Some(rest.map_or(lasts, |rest| rest.min(lasts)));
        };
        for light in &status.lights {
            let shown = panel.shown(light.light);
            let moment = shown.pattern.at(now.saturating_sub(shown.since));
            moment.lasts.into_iter().for_each(&mut soonest);
            let setting = Setting::Pin {
                pin: light.pin,
                active_low: status.active_low,
                percent: moment.percent,
            };
            self.set(&light.lamp, Some(shown.pattern), setting);
        }
        let values = take_values(board, now);
        if !values.is_empty() {
            soonest(LOOK);
        }
        self.darken_others(status, &values);
        for (lamp, setting) in &values {
            self.set(lamp, None, *setting);
        }
        rest
    }

    /// Sets a light, if it is not as it should be.
    fn set(&mut self, lamp: &Arc<Lamp>, pattern: Option<Pattern>, setting: Setting) {
        let known = self.lit.iter().position(|lit| Arc::ptr_eq(&lit.lamp, lamp));
        let place = known.unwrap_or_else(|| {
            self.lit.push(Lit {
                lamp: Arc::clone(lamp),
                pattern: None,
                setting: None,
                is_broken: false,
            });
            self.lit.len() - 1
        });
        let Self { output, lit } = self;
        let lit = &mut lit[place];
        if lit.is_broken {
            return;
        }
        let mut done = Ok(());
        if let Some(pattern) = pattern
            && lit.pattern != Some(pattern)
        {
            let before = lit.pattern.replace(pattern);
            // A blink speaks for itself, and so does its end.
            let is_blink = pattern == Pattern::Blink;
            if !is_blink && (before, pattern) != (Some(Pattern::Blink), Pattern::Off) {
                done = output.begin(lamp, &pattern.name());
            }
        }
        if lit.setting.replace(setting) != Some(setting) {
            done = done.and_then(|()| output.set(lamp, setting));
        }
        if let Err(error) = done {
            lit.is_broken = true;
            let Lamp { place, name } = &**lamp;
            let name = name.escape_debug();
            log::say(format_args!("the LED '{name}' on {place}: {error}"));
        }
    }

    /// Darkens the lights that show nothing any more.
    fn darken_others(&mut self, status: &StatusLights, values: &[(Arc<Lamp>, Setting)]) {
        let Self { output, lit } = self;
        lit.retain(|lit| {
            let is_wanted = |lamp: &Arc<Lamp>| Arc::ptr_eq(lamp, &lit.lamp);
            let mut wanted = status.lamps();
            let stays = wanted.any(is_wanted) || values.iter().any(|(lamp, _)| is_wanted(lamp));
            let shines = lit.setting.filter(|setting| !setting.is_dark());
            if let (false, false, Some(setting)) = (stays, lit.is_broken, shines) {
                // It is not looked at again, whether it worked or not.
                let _ = output.set(&lit.lamp, setting.darkened());
            }
            stays
        });
    }

    /// Leaves all lights dark.
    fn end(mut self) {
        self.darken_others(&StatusLights::default(), &[]);
    }
}

/// The lights that show values, and how; those whose time is over are struck off.
fn take_values(board: &Board, now: Duration) -> Vec<(Arc<Lamp>, Setting)> {
    let mut claims = board.claims();
    claims.retain(|claim| claim.holds(now));
    let values = claims.iter_mut();
    values
        .map(|claim| (Arc::clone(&claim.lamp), claim.look(now)))
        .collect()
}
