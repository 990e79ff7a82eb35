//! The lights of the models of a unit.

use shared::led::ValueLed;

use super::slots::Slots;
use crate::scenario::models::Candidate;
use crate::scenario::problems::Problems;

/// The lights of the models of a unit. `None` where one shows what nothing outside of it delivers, which is reported.
pub(super) fn lights(
    members: &[usize],
    leds: &[Vec<ValueLed>],
    slots: &Slots<'_>,
    candidates: &[Candidate],
    problems: &mut Problems,
) -> Option<Vec<ValueLed>> {
    let mut lights = Some(Vec::new());
    for &model in members {
        for led in &leds[model] {
            let light = slots.light(model, led);
            if light.is_none() {
                let entry = &candidates[model].entry;
                let message = format!(
                    "{}: one of its LEDs shows an input that its own simulator, or one that steps \
                     together with it, delivers; show what is published there",
                    entry.label
                );
                problems.error("led_inside_unit", entry.position, message);
            }
            lights = lights.zip(light).map(|(mut lights, light)| {
                lights.push(light);
                lights
            });
        }
    }
    lights
}
