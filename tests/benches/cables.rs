//! What a step of a model with four sockets costs on account of them: four looks, four pictures that change
//! each time, and whether there are news. Boards that take nothing, boards that answer, and none.
//!
//!     cargo bench -p illuminator-tests --bench cables

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use boards::{Fault, Setup, Table};
use cables::Cables;
use divan::Bencher;
use divan::counter::ItemsCount;
use shared::cable::{Picture, SocketState, SocketWish};

const DEVICES: [&str; 4] = ["ttyACM0", "ttyACM1", "ttyACM2", "ttyACM3"];
const STEPS: u32 = 10_000;

fn main() {
    divan::main();
}

/// What is in the sockets.
#[derive(Clone, Copy, Debug)]
enum There {
    Nothing,
    Deaf,
    Answering,
}

impl fmt::Display for There {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Items are steps.
#[divan::bench(args = [There::Nothing, There::Deaf, There::Answering], sample_count = 50)]
fn step(bencher: Bencher, there: There) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut table = Table::new(folder.path());
    for device in DEVICES {
        let setup = match there {
            There::Nothing => continue,
            There::Deaf => Setup::text("3").with(Fault::Deaf),
            There::Answering => Setup::text("3"),
        };
        table.plug(device, setup).expect("a free socket");
    }
    let cables = Cables::new(folder.path().to_owned());
    let wish = SocketWish {
        devices: DEVICES.map(str::to_owned).to_vec(),
        misses: 8,
    };
    let mut sockets = cables.claim("House_LED", &wish);
    wait_until_known(&cables, there);
    let mut stages = b"1234".iter().cycle();
    bencher.counter(ItemsCount::new(STEPS)).bench_local(|| {
        for _ in 0..STEPS {
            let stage = *stages.next().expect("it never ends");
            for socket in 0..DEVICES.len() {
                divan::black_box(sockets.sight(socket));
                sockets.show(socket, Picture::Text([stage, b'g', b'1']));
            }
            divan::black_box(sockets.news());
        }
    });
}

fn wait_until_known(cables: &Cables, there: There) {
    let end = Instant::now() + Duration::from_secs(60);
    let is_so = |state: &SocketState| match there {
        There::Nothing => *state == SocketState::Empty,
        There::Deaf => *state == SocketState::Silent,
        There::Answering => matches!(state, SocketState::Cable { .. }),
    };
    while !cables.status().iter().all(|socket| is_so(&socket.state)) {
        assert!(Instant::now() < end, "{:?}", cables.status());
        thread::sleep(Duration::from_millis(1));
    }
}
