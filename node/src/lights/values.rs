//! Lights that show values of models, and who has which place.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use engine::Engine;
use shared::index::Index;
use shared::led::{Colour, LedKind, LedPlace, ValueLed, shown_number};
use shared::model::AttributeSlot;
use shared::model::{Notice, Severity};
use shared::plan::{LocalId, SitePlan};

use super::output::{Lamp, Setting};
use super::rise::Rise;
use super::{Board, StatusLights};

/// How long a light goes on with the last value after the session, so that that of a short run can
/// be seen.
const AFTERGLOW: Duration = Duration::from_secs(10);

/// A light that shows a value.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) lamp: Arc<Lamp>,
    kind: LedKind,
    /// `None` for a light that does not blink when its value rises.
    rise: Option<Rise>,
    /// The bits of the value.
    value: Arc<AtomicU64>,
    /// When it goes dark; `None` as long as its session is open.
    ends: Option<Duration>,
}

impl Claim {
    fn value(&self) -> f64 {
        f64::from_bits(self.value.load(Ordering::Relaxed))
    }

    /// What its value is shown by.
    fn setting(&self, value: f64) -> Setting {
        match self.kind {
            LedKind::Pin(led) => Setting::Pin {
                pin: led.pin,
                active_low: led.active_low,
                percent: led.rule.percent(value),
            },
            LedKind::Strip(strip) => Setting::Strip {
                bus: strip.bus,
                pixels: strip.pixels,
                colour: strip.rule.colour(value),
            },
        }
    }

    /// What the light shows at this moment. Looking is what makes it blink.
    pub(super) fn look(&mut self, now: Duration) -> Setting {
        let value = self.value();
        let setting = self.setting(value);
        let shines = self
            .rise
            .as_mut()
            .is_none_or(|rise| rise.shines(now, value));
        if shines { setting } else { setting.darkened() }
    }

    /// What its value is shown by, in words: `pin 18: 57 %`, `strip spi0: #8b0000`.
    pub(super) fn describe(&self) -> String {
        let place = self.lamp.place;
        match self.setting(self.value()) {
            Setting::Pin { percent, .. } => format!("{place}: {percent} %"),
            Setting::Strip { colour, .. } if colour == Colour::DARK => format!("{place}: dark"),
            Setting::Strip { colour, .. } => format!("{place}: {colour}"),
        }
    }

    /// Takes a value.
    #[cfg(test)]
    pub(super) fn store(&self, value: f64) {
        self.value.store(value.to_bits(), Ordering::Relaxed);
    }

    /// Whether it may still be lit at this moment.
    pub(super) fn holds(&self, now: Duration) -> bool {
        self.ends.is_none_or(|ends| now < ends)
    }
}

/// The lights that show values of one session. They keep their places until this is dropped.
#[derive(Default)]
pub(crate) struct ValueLights {
    board: Option<Arc<Board>>,
    sources: Vec<Source>,
}

/// What a light shows: an attribute of a model of the plan.
struct Source {
    model: LocalId,
    attribute: AttributeSlot,
    value: Arc<AtomicU64>,
}

impl ValueLights {
    /// Takes the places that the lights of a plan want, as far as nothing else has them. Adds a notice
    /// for each that it does not get.
    pub(super) fn claim(
        board: &Arc<Board>,
        status: &StatusLights,
        plan: &SitePlan,
        notices: &mut Vec<Notice>,
    ) -> Self {
        let mut sources = Vec::new();
        let mut claims = board.claims();
        for (place, planned) in plan.models.iter().enumerate() {
            for led in &planned.leds {
                let own = led.kind.place();
                if let Some(other) = taken_by(own, status, &claims) {
                    notices.push(Notice {
                        severity: Severity::Warning,
                        model: planned.id,
                        tick: 0,
                        text: refusal(own, &other),
                    });
                    continue;
                }
                let value = Arc::new(AtomicU64::new(f64::NAN.to_bits()));
                claims.retain(|claim| !claim.lamp.place.excludes(own));
                claims.push(claim_of(led, &planned.config.name, &value));
                sources.push(Source {
                    model: LocalId::at(place),
                    attribute: led.attribute,
                    value,
                });
            }
        }
        drop(claims);
        let board = Arc::clone(board);
        board.wake();
        Self {
            board: Some(board),
            sources,
        }
    }

    /// Whether there are none.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Hands over what the attributes have come to.
    pub(crate) fn show(&self, engine: &Engine) {
        for source in &self.sources {
            let value = shown_number(engine.attribute(source.model, source.attribute));
            source.value.store(value.to_bits(), Ordering::Relaxed);
        }
    }
}

/// The light that has what one at this place wants.
fn taken_by(place: LedPlace, status: &StatusLights, claims: &[Claim]) -> Option<Arc<Lamp>> {
    let open = claims.iter().filter(|claim| claim.ends.is_none());
    let lamps = status.lamps().chain(open.map(|claim| &claim.lamp));
    let mut taken = lamps.filter(|lamp| lamp.place.excludes(place));
    taken.next().map(Arc::clone)
}

/// Why a light stays dark.
fn refusal(own: LedPlace, other: &Lamp) -> String {
    let Lamp { place, name } = other;
    let (what, remedy) = match own {
        LedPlace::Pin(_) => ("LED", "another pin"),
        LedPlace::Strip(_) => ("strip", "another bus"),
    };
    let reason = if own == *place {
        format!("{own} of the node shows '{name}'")
    } else {
        format!("{own} of the node cannot be used beside {place}, which shows '{name}'")
    };
    format!("its {what} stays dark: {reason}; give it {remedy}")
}

fn claim_of(led: &ValueLed, name: &str, value: &Arc<AtomicU64>) -> Claim {
    let blinks = match led.kind {
        LedKind::Pin(_) => false,
        LedKind::Strip(strip) => strip.rule.blinks(),
    };
    Claim {
        lamp: Arc::new(Lamp {
            place: led.kind.place(),
            name: name.to_owned(),
        }),
        kind: led.kind,
        rise: blinks.then(Rise::default),
        value: Arc::clone(value),
        ends: None,
    }
}

impl Drop for ValueLights {
    fn drop(&mut self) {
        let Some(board) = &self.board else {
            return;
        };
        let ends = board.now() + AFTERGLOW;
        for claim in board.claims().iter_mut() {
            let is_own = |source: &Source| Arc::ptr_eq(&source.value, &claim.value);
            if self.sources.iter().any(is_own) {
                claim.ends = Some(ends);
            }
        }
        board.wake();
    }
}
