//! Lights that show values of models, and who has which pin.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use shared::engine::Engine;
use shared::index::Index;
use shared::led::{LedAttribute, LedRule, ValueLed, shown_number};
use shared::model::{Notice, Severity};
use shared::plan::{LocalId, SitePlan};

use super::Board;
use super::output::Lamp;

/// How long a light goes on with the last value after the session, so that that of a short run can
/// be seen.
const AFTERGLOW: Duration = Duration::from_secs(10);

/// A light that shows a value.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) lamp: Arc<Lamp>,
    rule: LedRule,
    /// The bits of the value.
    value: Arc<AtomicU64>,
    /// When it goes dark; `None` as long as its session is open.
    ends: Option<Duration>,
}

impl Claim {
    /// The brightness of the light.
    pub(super) fn percent(&self) -> u8 {
        let bits = self.value.load(Ordering::Relaxed);
        self.rule.percent(f64::from_bits(bits))
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

/// The lights that show values of one session. They keep their pins until this is dropped.
#[derive(Default)]
pub(crate) struct ValueLights {
    board: Option<Arc<Board>>,
    sources: Vec<Source>,
}

/// What a light shows: an attribute of a model of the plan.
struct Source {
    model: LocalId,
    attribute: LedAttribute,
    value: Arc<AtomicU64>,
}

impl ValueLights {
    /// Takes the pins that the lights of a plan want, as far as nothing else has them. Adds a notice
    /// for each that it does not get.
    pub(super) fn claim(
        board: &Arc<Board>,
        status: &[Arc<Lamp>],
        plan: &SitePlan,
        notices: &mut Vec<Notice>,
    ) -> Self {
        let mut sources = Vec::new();
        let mut claims = board.claims();
        for (place, planned) in plan.models.iter().enumerate() {
            for led in &planned.leds {
                let taken = taken_by(led.pin, status, &claims);
                if let Some(other) = taken {
                    notices.push(Notice {
                        severity: Severity::Warning,
                        model: planned.id,
                        tick: 0,
                        text: format!(
                            "its LED stays dark: pin {} of the node shows '{other}'; give it \
                             another pin",
                            led.pin
                        ),
                    });
                    continue;
                }
                let value = Arc::new(AtomicU64::new(f64::NAN.to_bits()));
                claims.retain(|claim| claim.lamp.pin != led.pin);
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

/// Who has a pin.
fn taken_by(pin: u8, status: &[Arc<Lamp>], claims: &[Claim]) -> Option<String> {
    let open = claims.iter().filter(|claim| claim.ends.is_none());
    let lamps = status.iter().chain(open.map(|claim| &claim.lamp));
    let mut taken = lamps.filter(|lamp| lamp.pin == pin);
    taken.next().map(|lamp| lamp.name.clone())
}

fn claim_of(led: &ValueLed, name: &str, value: &Arc<AtomicU64>) -> Claim {
    Claim {
        lamp: Arc::new(Lamp {
            pin: led.pin,
            active_low: led.active_low,
            name: name.to_owned(),
        }),
        rule: led.rule,
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
