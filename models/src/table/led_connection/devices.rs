//! Which serial devices a scenario may name.

use std::sync::Arc;

use shared::cable::MAX_SOCKETS;
use shared::model::BuildError;
use shared::value::Value;

/// The folders of devices that have names of their own, below `/dev`.
const FOLDERS: [&str; 2] = ["serial/by-path/", "serial/by-id/"];

/// Reads the devices that a parameter names: a list, or a text in which blanks or commas are between
/// them.
///
/// A scenario comes from anybody, so it can name serial devices and nothing else.
pub(super) fn read(key: &str, value: &Value) -> Result<Vec<String>, BuildError> {
    let names: Vec<Arc<str>> = match value {
        Value::Text(text) => {
            let names = text.split([' ', ',']).filter(|name| !name.is_empty());
            names.map(Arc::from).collect()
        }
        Value::List(list) => {
            let name = |value: &Value| match value {
                Value::Text(text) => Ok(text.clone()),
                other => Err(no_device(key, &other.to_string())),
            };
            list.iter().map(name).collect::<Result<_, _>>()?
        }
        other => return Err(no_device(key, &other.to_string())),
    };
    let mut devices: Vec<String> = Vec::with_capacity(names.len());
    for name in &names {
        let device = name.strip_prefix("/dev/").unwrap_or(name);
        if !is_serial(device) {
            return Err(no_device(key, name));
        }
        if devices.iter().any(|known| known == device) {
            let message = format!("'{device}' is there twice under '{key}'; remove one of the two");
            return Err(BuildError::invalid_parameter(key, message));
        }
        devices.push(device.to_owned());
    }
    if devices.is_empty() || devices.len() > MAX_SOCKETS {
        let message = format!(
            "'{key}' names {} devices, and must name 1 to {MAX_SOCKETS}",
            devices.len()
        );
        return Err(BuildError::invalid_parameter(key, message));
    }
    Ok(devices)
}

fn no_device(key: &str, name: &str) -> BuildError {
    let name: String = name.chars().take(80).collect();
    BuildError::invalid_parameter(
        key,
        format!(
            "'{name}' under '{key}' is no serial device; write names such as ttyACM0, ttyUSB0, \
             serial/by-path/… or serial/by-id/…, with a single name after the folder"
        ),
    )
}

fn is_serial(device: &str) -> bool {
    let numbered = ["ttyACM", "ttyUSB"]
        .iter()
        .find_map(|kind| device.strip_prefix(kind));
    if let Some(number) = numbered {
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        return is_number && (1..=3).contains(&number.len());
    }
    let named = FOLDERS
        .iter()
        .find_map(|folder| device.strip_prefix(folder));
    named.is_some_and(|name| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+@".contains(&byte);
        (1..=255).contains(&name.len())
            && name.bytes().all(is_plain)
            && !name.contains("..")
            && name != "."
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Result<Vec<String>, BuildError> {
        read("sockets", &Value::text(text))
    }

    #[test]
    fn devices_are_a_list_or_a_text() {
        let two = ["ttyACM0", "serial/by-path/pci-0000:00:14.0-usb-0:1:1.0"];
        let list = two.map(|name| Value::text(&format!("/dev/{name}")));
        assert_eq!(
            read("sockets", &Value::List(list.into())).expect("two"),
            two
        );
        assert_eq!(text(&two.join(", ")).expect("two"), two);
        assert_eq!(text("/dev/ttyUSB12").expect("one"), ["ttyUSB12"]);
    }

    #[test]
    fn nothing_but_serial_devices_can_be_named() {
        for name in [
            "sda",
            "/etc/passwd",
            "ttyACM",
            "ttyACM1x",
            "ttyACM0000",
            "tty0",
            "../ttyACM0",
            "/dev//ttyACM0",
            "serial/by-id/..",
            "serial/by-id/.",
            "serial/by-id/a/b",
            "serial/by-id/../../sda",
            "serial/by-id/",
            "/dev/serial/ttyACM0",
            "ttyACM\u{0661}",
        ] {
            let list = Value::List([Value::text(name)].into());
            let error = read("sockets", &list).expect_err(name);
            assert_eq!(error.code, "invalid_parameter:sockets");
            assert!(error.message.contains("ttyACM0"), "{error}");
        }
    }

    #[test]
    fn there_are_one_to_eight_and_none_is_there_twice() {
        let many = |count: usize| {
            let names = (0..count).map(|number| format!("ttyACM{number}"));
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(text(&many(8)).expect("eight").len(), 8);
        for wrong in [String::new(), many(9), "ttyACM0 /dev/ttyACM0".into()] {
            assert!(text(&wrong).is_err(), "{wrong}");
        }
        for wrong in [
            Value::Null,
            Value::Int(0),
            Value::List([Value::Int(0)].into()),
        ] {
            assert!(read("sockets", &wrong).is_err(), "{wrong}");
        }
    }
}
