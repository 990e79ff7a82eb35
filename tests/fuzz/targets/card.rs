//! The file of a card that says which node it is. What is understood is written again and means the same.

#![no_main]

use image::{FILE, Settings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match Settings::parse(text) {
        Ok(settings) => check(&settings, text),
        Err(error) => assert!(error.to_string().starts_with(FILE), "{error}"),
    }
});

fn check(settings: &Settings, text: &str) {
    // What is for the node stays in its lines.
    assert_eq!(settings.node.lines().count(), text.lines().count());
    let again = Settings::parse(&settings.to_text()).expect("what is written is read");
    let Settings {
        name,
        key,
        address,
        gateway,
        updates,
        node,
    } = again;
    assert!(node.ends_with(&settings.node));
    let parts = (name, key, address, gateway, updates);
    let before = settings.clone();
    let own = (
        before.name,
        before.key,
        before.address,
        before.gateway,
        before.updates,
    );
    assert!(parts == own, "it means something else");
}
