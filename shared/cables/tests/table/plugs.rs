//! Cables are found and lost within a second, whatever else is on the table.

use std::time::Duration;

use boards::{Fault, Setup, What};
use shared::cable::{Sight, SocketState, Sockets};

use crate::support::{Room, cable, wait_for_sight, wait_until};

const DEVICES: [&str; 6] = [
    "ttyACM0", "ttyACM1", "ttyACM2", "ttyACM3", "ttyACM4", "ttyACM11",
];

const LIMIT: Duration = Duration::from_secs(1);

/// A sequence that looks random, and is the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }
}

/// A board, and what is to be seen of it.
fn board(dice: &mut Dice) -> (Setup, Sight) {
    let number = dice.roll(9) + 1;
    let id = number.to_string();
    let text = Setup::text(&id);
    let bytes = Setup::bytes(u8::try_from(number).expect("a digit"));
    let slow = Fault::Slow(Duration::from_millis(400));
    match dice.roll(12) {
        0 => (text.with(slow), cable(&id)),
        1 => (text.with(Fault::Silent), Sight::Gone),
        2 => (text.with(Fault::Deaf), Sight::Gone),
        3 => (text.with(Fault::Garbage), Sight::Gone),
        4 => (text.with(Fault::GoneMidway), Sight::Gone),
        5 => (bytes.with(Fault::Silent), Sight::Gone),
        6 => (bytes.with(Fault::GoneMidway), Sight::Gone),
        7 | 8 => (bytes, cable(&id)),
        _ => (text, cable(&id)),
    }
}

/// Waits for a sight, and returns how long it took after the last such event in the socket.
fn time_to(
    room: &Room,
    sockets: &mut dyn Sockets,
    place: usize,
    what: &What,
    sight: Sight,
) -> Duration {
    let seen = wait_until(|| match sockets.sight(place) {
        seen if seen == sight => Ok(room.log.now()),
        seen => Err(format!("{seen:?} for {sight:?} in {}", DEVICES[place])),
    });
    let events = room.log.of(DEVICES[place]);
    let event = events.iter().rev().find(|event| event.what == *what);
    seen.saturating_sub(event.expect("it was noted").time)
}

#[test]
fn of_100_random_plugs_and_pulls_each_is_noticed_within_a_second() {
    let mut room = Room::new();
    let mut sockets = room.claim("Table_LED", &DEVICES);
    let mut dice = Dice(13);
    let mut there = [Sight::Gone; DEVICES.len()];
    let (mut found, mut lost) = (Vec::new(), Vec::new());
    for _ in 0..100 {
        let place = dice.roll(DEVICES.len());
        let device = DEVICES[place];
        if room.table.has(device) {
            room.table.pull(device);
            let sight = Sight::Gone;
            let time = time_to(&room, &mut *sockets, place, &What::Pulled, sight);
            if there[place] != Sight::Gone {
                lost.push(time);
            }
            there[place] = Sight::Gone;
        } else {
            let (setup, sight) = board(&mut dice);
            room.plug(device, setup);
            there[place] = sight;
            if sight != Sight::Gone {
                found.push(time_to(&room, &mut *sockets, place, &What::Plugged, sight));
            }
        }
        for (place, sight) in there.iter().enumerate() {
            assert_eq!(sockets.sight(place), *sight, "{}", DEVICES[place]);
        }
    }
    for (what, times) in [("found", &mut found), ("lost", &mut lost)] {
        times.sort_unstable();
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        println!("{} {what}: median {median:?}, worst {worst:?}", times.len());
        assert!(worst < LIMIT, "{what} after {worst:?}");
    }
}

#[test]
fn both_ends_of_a_cable_may_be_in_one_unit() {
    let mut room = Room::new();
    let mut sockets = room.claim("House_LED", &["ttyACM0", "ttyACM1"]);
    room.plug("ttyACM0", Setup::text("3"));
    room.plug("ttyACM1", Setup::bytes(3));
    for socket in 0..2 {
        wait_for_sight(&mut *sockets, socket, cable("3"));
    }
    // Both go on to answer, so neither has moved.
    for _ in 0..3 {
        let before = room.commands("ttyACM0").len();
        wait_until(|| match room.commands("ttyACM0").len() {
            count if count > before => Ok(()),
            count => Err(format!("{count} commands")),
        });
        assert_eq!([0, 1].map(|socket| sockets.sight(socket)), [cable("3"); 2]);
    }
}

/// The socket it was in has a device still, so it would hold the cable for eight exchanges.
#[test]
fn a_cable_that_is_missed_here_and_seen_there_has_moved() {
    let mut room = Room::new();
    let mut sockets = room.claim("House_LED", &["ttyACM0", "ttyACM1"]);
    // It answers the first exchange only: what it was asked later, it has no time for.
    let mute_after = Setup {
        kind: boards::Kind::Scripted {
            answer: Vec::new(),
            at_open: b"3".to_vec(),
            after: Duration::ZERO,
        },
        fault: None,
    };
    room.plug("ttyACM0", mute_after);
    wait_for_sight(&mut *sockets, 0, cable("3"));
    let answered = room.commands("ttyACM0").len();
    wait_until(|| match room.commands("ttyACM0").len() {
        count if count >= answered + 3 => Ok(()),
        count => Err(format!("{count} commands")),
    });
    assert_eq!(sockets.sight(0), cable("3"), "two misses are not eight");
    room.plug("ttyACM1", Setup::text("3"));
    wait_for_sight(&mut *sockets, 1, cable("3"));
    assert_eq!(sockets.sight(0), Sight::Gone);
}

#[test]
fn a_cable_is_gone_after_so_many_misses_as_the_model_says() {
    let mut room = Room::new();
    let wish = shared::cable::SocketWish {
        misses: 2,
        ..crate::support::wish(&["ttyACM0"])
    };
    let mut sockets = room.cables.claim("House_LED", &wish);
    let once = Setup {
        kind: boards::Kind::Scripted {
            answer: Vec::new(),
            at_open: b"3".to_vec(),
            after: Duration::ZERO,
        },
        fault: None,
    };
    room.plug("ttyACM0", once);
    wait_for_sight(&mut *sockets, 0, cable("3"));
    wait_for_sight(&mut *sockets, 0, Sight::Gone);
    // The first was answered, two were not, and the next one follows at once.
    let commands = room.commands("ttyACM0").len();
    assert!((3..=4).contains(&commands), "{commands}");
    room.wait_for_state("ttyACM0", |state| *state == SocketState::Silent);
}

#[test]
fn a_cable_that_comes_back_is_another_one() {
    let mut room = Room::new();
    let mut sockets = room.claim("House_LED", &["ttyACM0"]);
    for id in ["1", "2", "3", "4", "5"] {
        room.plug("ttyACM0", Setup::text(id));
        wait_for_sight(&mut *sockets, 0, cable(id));
        room.table.pull("ttyACM0");
    }
    wait_for_sight(&mut *sockets, 0, Sight::Gone);
}
