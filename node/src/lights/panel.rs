//! Which patterns the three lights of a node show, from what happens on it. No clock is read here.

use std::time::Duration;

use super::pattern::{BLINK, Pattern};
use crate::config::Light;

/// A fault, by its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A model failed, or could not be built. One blink.
    Model,
    /// A session broke off: the controller or the network is gone. Two blinks.
    Lost,
    /// Somebody tried to open a session with a wrong key. Three blinks.
    Key,
}

/// How long the failure of somebody to show the right key is shown.
pub(super) const KEY_FAULT_SHOWN: Duration = Duration::from_secs(60);

/// How long a session is shown at least, so that a short one can be seen.
const SESSION_SHOWN: Duration = Duration::from_millis(300);

/// How often the light of the steps looks for new ones.
pub(super) const LOOK: Duration = BLINK;

/// What is the case on the node at a moment. Times count from the start of the lights.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    /// Sessions that are open.
    pub(super) sessions: u32,
    /// Sessions that have been opened so far.
    pub(super) opened: u32,
    /// Whether there were steps since the last look.
    pub(super) stepped: bool,
    /// What went wrong since a session was opened last.
    pub(super) fault: Option<Fault>,
    /// When somebody showed a wrong key last.
    pub(super) key_failed: Option<Duration>,
    /// How long the node shall make itself known.
    pub(super) identify_until: Duration,
}

/// The patterns of the three lights, and what they depend on beside the moment.
#[derive(Debug)]
pub(super) struct Panel {
    ready: Shown,
    step: Shown,
    fault: Shown,
    opened: u32,
    busy_until: Duration,
    /// Whether there is a light for steps, so that it is worth looking for them.
    shows_steps: bool,
    /// There were steps that no blink has shown yet.
    steps_wait: bool,
    /// When the last blink began.
    blinked: Option<Duration>,
}

/// A pattern and when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) pattern: Pattern,
    pub(super) since: Duration,
}

impl Shown {
    const DARK: Self = Self {
        pattern: Pattern::Off,
        since: Duration::ZERO,
    };

    /// Goes over to a pattern; one that is shown already goes on as it is.
    fn change(&mut self, pattern: Pattern, now: Duration) {
        if self.pattern != pattern {
            *self = Self {
                pattern,
                since: now,
            };
        }
    }
}

impl Panel {
    /// All dark, with or without a light for steps.
    pub(super) fn new(shows_steps: bool) -> Self {
        Self {
            ready: Shown::DARK,
            step: Shown::DARK,
            fault: Shown::DARK,
            opened: 0,
            busy_until: Duration::ZERO,
            shows_steps,
            steps_wait: false,
            blinked: None,
        }
    }

    /// Takes what is the case. Returns how long nothing changes at least if nothing happens on the
    /// node; `None` where there is no end to it.
    pub(super) fn look(&mut self, now: Duration, reading: Reading) -> Option<Duration> {
        if self.opened != reading.opened {
            self.opened = reading.opened;
            self.busy_until = now + SESSION_SHOWN;
        }
        self.steps_wait |= reading.stepped;
        let mut until = Until { now, first: None };
        if until.has_not_come(Some(reading.identify_until)) {
            for light in [&mut self.ready, &mut self.step, &mut self.fault] {
                light.change(Pattern::Quick, now);
            }
            self.steps_wait = false;
            return until.first;
        }
        let is_busy = until.has_not_come(Some(self.busy_until)) || reading.sessions > 0;
        self.ready.change(
            if is_busy {
                Pattern::Steady
            } else {
                Pattern::Breathing
            },
            now,
        );
        self.look_at_steps(&mut until, is_busy);
        let key_failed = reading.key_failed.map(|failed| failed + KEY_FAULT_SHOWN);
        let fault = match reading.fault {
            None if until.has_not_come(key_failed) => Some(Fault::Key),
            known => known,
        };
        self.fault.change(
            match fault {
                None => Pattern::Off,
                Some(Fault::Model) => Pattern::Count(1),
                Some(Fault::Lost) => Pattern::Count(2),
                Some(Fault::Key) => Pattern::Count(3),
            },
            now,
        );
        until.first
    }

    fn look_at_steps(&mut self, until: &mut Until, is_busy: bool) {
        let rests = until.has_not_come(self.blinked.map(|began| began + 2 * BLINK));
        if self.steps_wait && !rests {
            self.steps_wait = false;
            self.blinked = Some(until.now);
            self.step = Shown {
                pattern: Pattern::Blink,
                since: until.now,
            };
            until.has_not_come(Some(until.now + 2 * BLINK));
        } else if !rests {
            self.step.change(Pattern::Off, until.now);
        }
        if is_busy && self.shows_steps {
            until.has_not_come(Some(until.now + LOOK));
        }
    }

    /// What a light shows.
    pub(super) fn shown(&self, light: Light) -> Shown {
        match light {
            Light::Ready => self.ready,
            Light::Step => self.step,
            Light::Fault => self.fault,
        }
    }
}

/// The first of the moments that have not come yet.
struct Until {
    now: Duration,
    first: Option<Duration>,
}

impl Until {
    /// Whether a moment is one that has not come yet.
    fn has_not_come(&mut self, moment: Option<Duration>) -> bool {
        let left = moment.and_then(|moment| moment.checked_sub(self.now));
        let Some(left) = left.filter(|left| !left.is_zero()) else {
            return false;
        };
        self.first = Some(self.first.map_or(left, |first| first.min(left)));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Reading = Reading {
        sessions: 0,
        opened: 0,
        stepped: false,
        fault: None,
        key_failed: None,
        identify_until: Duration::ZERO,
    };

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn patterns(panel: &Panel) -> [Pattern; 3] {
        [Light::Ready, Light::Step, Light::Fault].map(|light| panel.shown(light).pattern)
    }

    #[test]
    fn an_idle_node_breathes_and_waits_for_nothing() {
        let mut panel = Panel::new(true);
        assert_eq!(panel.look(ms(0), IDLE), None);
        assert_eq!(
            patterns(&panel),
            [Pattern::Breathing, Pattern::Off, Pattern::Off]
        );
        panel.look(ms(700), IDLE);
        assert_eq!(panel.shown(Light::Ready).since, ms(0), "one breath");
    }

    #[test]
    fn a_session_is_shown_by_a_steady_light_and_a_short_one_for_a_moment() {
        let mut panel = Panel::new(true);
        panel.look(ms(0), IDLE);
        let session = Reading {
            sessions: 1,
            opened: 1,
            ..IDLE
        };
        panel.look(ms(10), session);
        assert_eq!(patterns(&panel)[0], Pattern::Steady);
        panel.look(ms(9000), session);
        assert_eq!(patterns(&panel)[0], Pattern::Steady);
        let over = Reading {
            sessions: 0,
            ..session
        };
        panel.look(ms(9010), over);
        assert_eq!(patterns(&panel)[0], Pattern::Breathing);
        let another = Reading { opened: 2, ..over };
        panel.look(ms(9020), another);
        assert_eq!(patterns(&panel)[0], Pattern::Steady, "came and went");
        panel.look(ms(9320), another);
        assert_eq!(patterns(&panel)[0], Pattern::Breathing);
    }

    /// The moments at which a blink begins.
    fn blinks(steps: impl Fn(u64) -> bool) -> Vec<u64> {
        let mut panel = Panel::new(true);
        let mut began = Vec::new();
        for now in 0..1000 {
            let reading = Reading {
                sessions: 1,
                stepped: steps(now),
                ..IDLE
            };
            panel.look(ms(now), reading);
            let shown = panel.shown(Light::Step);
            if shown.pattern == Pattern::Blink && shown.since == ms(now) {
                began.push(now);
            }
        }
        began
    }

    #[test]
    fn blinks_follow_the_steps_but_are_ten_a_second_at_most() {
        let fast: Vec<u64> = (0..10).map(|blink| blink * 100).collect();
        assert_eq!(blinks(|_| true), fast);
        assert_eq!(blinks(|now| now == 70 || now == 400), [70, 400]);
        assert_eq!(blinks(|now| now == 70 || now == 100), [70, 170]);
        assert_eq!(blinks(|_| false), [0; 0]);
    }

    #[test]
    fn a_light_without_steps_goes_dark_after_its_blink() {
        let mut panel = Panel::new(true);
        let stepped = Reading {
            stepped: true,
            ..IDLE
        };
        assert_eq!(panel.look(ms(5), stepped), Some(ms(100)));
        assert_eq!(panel.look(ms(105), IDLE), None);
        assert_eq!(patterns(&panel)[1], Pattern::Off);
    }

    #[test]
    fn each_fault_has_its_number_of_blinks() {
        for (fault, blinks) in [(Fault::Model, 1), (Fault::Lost, 2), (Fault::Key, 3)] {
            let mut panel = Panel::new(true);
            let reading = Reading {
                fault: Some(fault),
                ..IDLE
            };
            panel.look(ms(0), reading);
            assert_eq!(patterns(&panel)[2], Pattern::Count(blinks), "{fault:?}");
            panel.look(ms(10), IDLE);
            assert_eq!(patterns(&panel)[2], Pattern::Off, "{fault:?}");
        }
    }

    #[test]
    fn a_wrong_key_is_shown_for_a_minute_unless_there_is_another_fault() {
        let mut panel = Panel::new(true);
        let tried = Reading {
            key_failed: Some(ms(1000)),
            ..IDLE
        };
        assert_eq!(panel.look(ms(1000), tried), Some(KEY_FAULT_SHOWN));
        assert_eq!(patterns(&panel)[2], Pattern::Count(3));
        let lost = Reading {
            fault: Some(Fault::Lost),
            ..tried
        };
        panel.look(ms(2000), lost);
        assert_eq!(patterns(&panel)[2], Pattern::Count(2));
        assert_eq!(panel.look(ms(60_999), tried), Some(ms(1)));
        assert_eq!(patterns(&panel)[2], Pattern::Count(3));
        assert_eq!(panel.look(ms(61_000), tried), None);
        assert_eq!(patterns(&panel)[2], Pattern::Off);
    }

    #[test]
    fn a_node_makes_itself_known_with_all_its_lights() {
        let mut panel = Panel::new(true);
        let identify = Reading {
            identify_until: ms(3000),
            sessions: 1,
            stepped: true,
            fault: Some(Fault::Model),
            ..IDLE
        };
        assert_eq!(panel.look(ms(1000), identify), Some(ms(2000)));
        assert_eq!(patterns(&panel), [Pattern::Quick; 3]);
        panel.look(
            ms(3000),
            Reading {
                sessions: 1,
                ..IDLE
            },
        );
        assert_eq!(
            patterns(&panel),
            [Pattern::Steady, Pattern::Off, Pattern::Off]
        );
    }
}
