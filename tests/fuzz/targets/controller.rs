//! A session of a controller: what a node can say to it, from the preamble to the end of the run.

#![no_main]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;
use std::{env, fs, process, thread};

use controller::{Options, Output, Run, Scenario};
use libfuzzer_sys::fuzz_target;

/// A model here, and two on the node that pass values to it and to each other.
const SCENARIO: &str = include_str!("controller.yaml");

fuzz_target!(|bytes: &[u8]| {
    let stage = stage();
    *said(stage) = bytes.to_vec();
    let scenario = stage.folder.join("scenario.yaml");
    let result = stage.folder.join("result.csv");
    let options = Options {
        output: Output::File(result),
        timeout: Duration::from_secs(2),
        ..Options::default()
    };
    let scenario = Scenario::load(scenario).expect("a sound scenario");
    // Whatever comes of it: it ends.
    let _ = Run::new(scenario).options(options).start();
});

/// Where the play takes place.
struct Stage {
    folder: PathBuf,
    /// What the node says to the next controller.
    said: Mutex<Vec<u8>>,
}

fn said(stage: &Stage) -> std::sync::MutexGuard<'_, Vec<u8>> {
    stage.said.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stage() -> &'static Stage {
    static STAGE: OnceLock<&'static Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let folder = env::temp_dir().join(format!("illuminator-fuzz-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let scenario = SCENARIO.replace("5123", &port.to_string());
        fs::write(folder.join("scenario.yaml"), scenario).expect("written");
        let said = Mutex::default();
        let stage: &'static Stage = Box::leak(Box::new(Stage { folder, said }));
        thread::spawn(move || {
            for peer in listener.incoming() {
                let bytes = self::said(stage).clone();
                let peer = peer.expect("a controller");
                thread::spawn(move || play(peer, &bytes));
            }
        });
        stage
    })
}

/// Says it all, and listens to the end.
fn play(mut peer: TcpStream, bytes: &[u8]) {
    // A controller that has enough closes before it has everything.
    let _ = peer.write_all(bytes);
    let _ = peer.shutdown(Shutdown::Write);
    let mut heard = [0; 4096];
    while matches!(peer.read(&mut heard), Ok(1..)) {}
}
