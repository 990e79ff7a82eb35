//! What `shared`, `engine` and `session` promise of themselves: they open no socket and read no clock.

use std::fs;
use std::path::{Path, PathBuf};

/// What opens a socket, reads a clock, waits or starts something that does.
const FORBIDDEN: [&str; 12] = [
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "Instant::now",
    "SystemTime",
    ".elapsed()",
    "thread::sleep",
    "sleep(",
    "smol",
    "rustix",
    "Timer::",
];

/// All source files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file without its tests, which come last, and without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_tests = false;
    let mut previous = "";
    text.lines().enumerate().filter(move |(_, line)| {
        in_tests |= previous == "#[cfg(test)]" && line.starts_with("mod ") && line.ends_with('{');
        previous = line;
        !in_tests && !line.trim_start().starts_with("//")
    })
}

#[test]
fn shared_opens_no_socket_and_reads_no_clock() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "engine/src", "session/src"] {
        let known = files.len();
        sources(&own.join(folder), &mut files);
        assert!(files.len() > known + 5, "the sources are there");
    }
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("tests.rs")) {
        let text = fs::read_to_string(file).expect("readable");
        for (number, line) in code(&text) {
            let words = FORBIDDEN.iter().filter(|word| line.contains(*word));
            found.extend(words.map(|word| format!("{}:{}: {word}", file.display(), number + 1)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
