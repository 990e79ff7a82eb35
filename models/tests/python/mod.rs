//! What programs in Python say of the same things, and things to ask about.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

/// Numbers that look random, the same ones each time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number between two others.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        low + (high - low) * ((self.0 >> 33) as f64 / (1_u64 << 31) as f64)
    }
}

/// What a script here answers that has a library. `None`, said aloud, where the variable is not set that names the folder of a
/// virtual environment with it.
pub(crate) fn answer(library: &str, variable: &str, script: &str, asked: &Json) -> Option<Json> {
    let Some(folder) = std::env::var_os(variable) else {
        eprintln!("SKIPPED: a test with {library}, because {variable} is not set");
        return None;
    };
    let mut program = Command::new(Path::new(&folder).join("bin/python"))
        .arg(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests")
                .join(script),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the interpreter of the environment");
    let asked = serde_json::to_vec(asked).expect("JSON");
    let mut stdin = program.stdin.take().expect("piped");
    stdin.write_all(&asked).expect("it reads");
    drop(stdin);
    let answered = program.wait_with_output().expect("it ends");
    assert!(answered.status.success(), "{library} failed");
    Some(serde_json::from_slice(&answered.stdout).expect("JSON"))
}
