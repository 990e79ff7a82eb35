//! The keys of the configuration file, and what their values have to be.

use std::path::PathBuf;

use settings::{Entry, Setting};
use shared::led::MAX_PIN;

use super::Config;
#[cfg(feature = "programs")]
use super::ProgramSetting;

/// All keys at the top of the file.
const KEYS: &str = "listen, key, insecure, quiet, announce, devices, and the table [leds]";

/// All keys of the table of lights.
const LED_KEYS: &str = "ready, step, fault, active_low, allow, output";

/// Takes over an entry of the file.
pub(super) fn set(config: &mut Config, entry: Entry) -> Result<(), String> {
    #[cfg(feature = "programs")]
    let line = entry.line;
    let Entry { key, value, .. } = entry;
    let path: Vec<&str> = key.iter().map(String::as_str).collect();
    let called = key.join(".");
    let leds = &mut config.leds;
    match path.as_slice() {
        ["listen"] => config.listen = texts(&called, value)?,
        ["key"] => config.key = Some(PathBuf::from(text(&called, value)?)),
        ["insecure"] => config.insecure = flag(&called, value)?,
        ["quiet"] => config.quiet = flag(&called, value)?,
        ["announce"] => config.announce = Some(flag(&called, value)?),
        ["devices"] => config.devices = Some(PathBuf::from(text(&called, value)?)),
        ["leds", "ready"] => leds.ready = Some(pin(&called, &value)?),
        ["leds", "step"] => leds.step = Some(pin(&called, &value)?),
        ["leds", "fault"] => leds.fault = Some(pin(&called, &value)?),
        ["leds", "active_low"] => leds.active_low = flag(&called, value)?,
        ["leds", "allow"] => leds.allow = pins(&called, value)?,
        ["leds", "output"] => leds.output = Some(text(&called, value)?.parse()?),
        #[cfg(feature = "programs")]
        ["programs", program, key] => {
            let (program, key) = (program.to_string(), key.to_string());
            let text = text(&called, value)?;
            config.programs.push(ProgramSetting {
                line,
                program,
                key,
                text,
            });
        }
        ["leds"] => {
            return Err("'leds' must be a table: write [leds], and its keys below".to_owned());
        }
        ["leds", ..] => return Err(format!("unknown key '{called}' ([leds] has: {LED_KEYS})")),
        _ => return Err(format!("unknown key '{called}' (keys: {KEYS})")),
    }
    Ok(())
}

fn wrong(key: &str, wanted: &str, value: &Setting) -> String {
    format!("'{key}' must be {wanted}, not {value}")
}

fn text(key: &str, value: Setting) -> Result<String, String> {
    match value {
        Setting::Text(text) if !text.is_empty() => Ok(text),
        other => Err(wrong(key, "a text in quotes", &other)),
    }
}

/// A list of texts, or one.
fn texts(key: &str, value: Setting) -> Result<Vec<String>, String> {
    match value {
        Setting::List(values) => values.into_iter().map(|value| text(key, value)).collect(),
        Setting::Text(_) => Ok(vec![text(key, value)?]),
        other => Err(wrong(key, "a list such as [\"192.168.0.11:5123\"]", &other)),
    }
}

fn flag(key: &str, value: Setting) -> Result<bool, String> {
    match value {
        Setting::Flag(flag) => Ok(flag),
        other => Err(wrong(key, "true or false", &other)),
    }
}

fn pin(key: &str, value: &Setting) -> Result<u8, String> {
    let pin = match value {
        Setting::Integer(pin) => u8::try_from(*pin).ok().filter(|pin| *pin <= MAX_PIN),
        _ => None,
    };
    let wanted = format!("the BCM number of a pin, from 0 to {MAX_PIN}");
    pin.ok_or_else(|| wrong(key, &wanted, value))
}

fn pins(key: &str, value: Setting) -> Result<Vec<u8>, String> {
    match value {
        Setting::List(values) => values.iter().map(|value| pin(key, value)).collect(),
        other => Err(wrong(key, "a list of pins such as [2, 3]", &other)),
    }
}
