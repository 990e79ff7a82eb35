//! What cables show.

use boards::{Fault, Setup, Shown, What};
use shared::cable::Picture;

use crate::support::{Room, cable, wait_for_sight, wait_until};

const REST: &str = "dot 10 10 10 towards 10 ms";

/// Waits until the strip behind a socket shows something.
fn wait_for_picture(room: &Room, device: &str, picture: &str) {
    wait_until(|| {
        let shown = room.log.shown(device).as_ref().map(Shown::to_string);
        match shown {
            Some(shown) if shown == picture => Ok(()),
            shown => Err(format!("{shown:?} for {picture}")),
        }
    });
}

#[test]
fn boards_of_both_kinds_show_what_either_kind_of_model_wants() {
    let mut room = Room::new();
    room.plug("ttyACM0", Setup::text("3"));
    room.plug("ttyACM1", Setup::bytes(4));
    let mut sockets = room.claim("House_LED", &["ttyACM0", "ttyACM1"]);
    for (picture, text, bytes) in [
        (
            Picture::Text(*b"3g1"),
            "dot 0 254 0 away 50 ms",
            "dot 0 254 0 away 50 ms",
        ),
        (
            Picture::Text(*b"4r0"),
            "dot 254 0 0 towards 10 ms",
            "dot 254 0 0 towards 10 ms",
        ),
        (
            Picture::Bytes([127, 1, 128, 127, 0]),
            "dot 0 254 0 away 100 ms",
            "dot 128 127 0 away 127 ms",
        ),
        (
            Picture::Bytes([0, 0, 255, 0, 0]),
            "solid 254 0 0",
            "solid 255 0 0",
        ),
    ] {
        sockets.show(0, picture);
        sockets.show(1, picture);
        wait_for_picture(&room, "ttyACM0", text);
        wait_for_picture(&room, "ttyACM1", bytes);
    }
}

/// A board takes all that has come as one command, of which it reads three bytes.
#[test]
fn a_board_gets_a_text_only_when_it_has_read_the_one_before() {
    let mut room = Room::new();
    room.plug("ttyACM0", Setup::text("3"));
    let mut sockets = room.claim("House_LED", &["ttyACM0"]);
    wait_for_sight(&mut *sockets, 0, cable("3"));
    let mut stages = b"01234".iter().cycle();
    let mut step = 0_u32;
    wait_until(|| {
        // As many pictures as a fast run makes.
        for stage in stages.by_ref().take(1000) {
            step += 1;
            sockets.show(0, Picture::Text([*stage, b'g', b'1']));
        }
        let count = room.commands("ttyACM0").len();
        if count >= 30 {
            Ok(())
        } else {
            Err(format!("{count} commands in {step} steps"))
        }
    });
    for command in room.commands("ttyACM0") {
        assert_eq!((command.len(), &command[3..]), (4, "\n"), "{command:?}");
    }
    let events = room.log.of("ttyACM0");
    let mut is_open = false;
    for event in events {
        match event.what {
            What::Read(_) => assert!(!std::mem::replace(&mut is_open, true), "two in a row"),
            What::Answered(_) => is_open = false,
            What::Plugged | What::Pulled | What::Shows(_) => {}
        }
    }
}

/// Boards of the first version never answer: they are told the next picture when they had the time to read
/// the last one.
#[test]
fn a_silent_board_shows_what_it_is_told() {
    let mut room = Room::new();
    room.plug("ttyACM0", Setup::text("3").with(Fault::Silent));
    let mut sockets = room.claim("House_LED", &["ttyACM0"]);
    for (text, shown) in [
        (b"2g1", "dot 0 254 0 away 100 ms"),
        (b"4r0", "dot 254 0 0 towards 10 ms"),
    ] {
        sockets.show(0, Picture::Text(*text));
        wait_for_picture(&room, "ttyACM0", shown);
    }
}

#[test]
fn cables_that_nobody_wants_anything_of_are_at_rest() {
    let mut room = Room::new();
    room.plug("ttyACM0", Setup::text("3"));
    room.plug("ttyACM1", Setup::bytes(4));
    for device in ["ttyACM0", "ttyACM1"] {
        let mut sockets = room.claim("House_LED", &[device]);
        sockets.show(0, Picture::Text(*b"3g1"));
        wait_for_picture(&room, device, "dot 0 254 0 away 50 ms");
        drop(sockets);
        wait_for_picture(&room, device, REST);
    }
}

#[test]
fn a_failed_model_stays_red_until_another_one_comes() {
    let mut room = Room::new();
    room.plug("ttyACM0", Setup::text("3"));
    let mut sockets = room.claim("House_LED", &["ttyACM0"]);
    sockets.show(0, Picture::Text(*b"3g1"));
    wait_for_picture(&room, "ttyACM0", "dot 0 254 0 away 50 ms");
    sockets.fail();
    drop(sockets);
    wait_for_picture(&room, "ttyACM0", "solid 254 0 0");
    let before = room.commands("ttyACM0").len();
    wait_until(|| match room.commands("ttyACM0").len() {
        count if count >= before + 3 => Ok(()),
        count => Err(format!("{count} commands")),
    });
    let later = &room.commands("ttyACM0")[before..];
    assert!(later.iter().all(|command| command == "9r0\n"), "{later:?}");
    let _sockets = room.claim("House_LED", &["ttyACM0"]);
    wait_for_picture(&room, "ttyACM0", REST);
}

#[test]
fn the_end_leaves_all_cables_at_rest() {
    let mut room = Room::new();
    room.plug("ttyACM0", Setup::text("3"));
    room.plug("ttyACM1", Setup::bytes(4));
    room.plug("ttyACM2", Setup::text("5").with(Fault::Deaf));
    let mut sockets = room.claim("House_LED", &["ttyACM0", "ttyACM1", "ttyACM2"]);
    sockets.show(0, Picture::Text(*b"3g1"));
    sockets.show(1, Picture::Text(*b"2g1"));
    wait_for_picture(&room, "ttyACM0", "dot 0 254 0 away 50 ms");
    wait_for_picture(&room, "ttyACM1", "dot 0 254 0 away 100 ms");
    let before = room.log.now();
    room.cables.stop();
    println!("at rest after {:?}", room.log.now().saturating_sub(before));
    for device in ["ttyACM0", "ttyACM1"] {
        wait_for_picture(&room, device, REST);
    }
}
