//! The configuration file of a node.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use node::config::Config;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match Config::parse(text, Path::new("node.toml")) {
        Ok(config) => drop(config.leds.check()),
        Err(error) => assert!(error.to_string().starts_with("node.toml:"), "{error}"),
    }
});
