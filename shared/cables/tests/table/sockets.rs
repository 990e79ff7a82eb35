//! Sockets: which there are, who has them, and what is wrong with them.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::mpsc;
use std::thread;

use boards::{Fault, Setup};
use cables::Cables;
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, openpt, ptsname};
use rustix::termios::{ioctl_tiocexcl, ioctl_tiocnxcl};
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
use shared::cable::{BoardKind, Sight, SocketState, Sockets};

use crate::support::{Room, cable, wait_for_news, wait_for_sight, wait_until, wish};

#[test]
fn all_boards_are_found_in_the_order_of_their_numbers() {
    let mut room = Room::new();
    fs::write(room.path().join("ttyACMx"), "").expect("a file");
    room.plug("ttyACM10", Setup::text("1"));
    room.cables.watch_all().expect("a thread");
    room.plug("ttyACM2", Setup::bytes(2));
    room.plug("ttyUSB0", Setup::text("3"));
    for device in ["ttyACM2", "ttyACM10"] {
        room.wait_for_state(device, |state| matches!(state, SocketState::Cable { .. }));
    }
    let status = room.cables.status();
    let devices: Vec<&str> = status.iter().map(|socket| &*socket.device).collect();
    assert_eq!(devices, ["ttyACM2", "ttyACM10"]);
    let state = |id: &str, board| SocketState::Cable {
        id: id.to_owned(),
        board,
    };
    assert_eq!(
        status[0].state,
        state("2", BoardKind::Bytes { drives: true })
    );
    assert_eq!(status[1].state, state("1", BoardKind::Text));
    room.table.pull("ttyACM2");
    wait_until(|| match room.cables.status() {
        status if status.len() == 1 => Ok(()),
        status => Err(format!("{status:?}")),
    });
}

/// What was seen before a model came is there for its first step.
#[test]
fn who_claims_a_socket_sees_at_once_what_was_seen_before() {
    let mut room = Room::new();
    room.cables.watch_all().expect("a thread");
    room.plug("ttyACM0", Setup::text("3"));
    room.wait_for_state("ttyACM0", |state| {
        matches!(state, SocketState::Cable { .. })
    });
    let mut sockets = room.claim("House_LED", &["ttyACM0"]);
    assert_eq!(sockets.sight(0), cable("3"));
    assert_eq!(
        room.status("ttyACM0").expect("it is there").model,
        "House_LED"
    );
    drop(sockets);
    assert_eq!(room.status("ttyACM0").expect("it is there").model, "");
}

#[test]
fn sockets_may_be_in_folders_that_come_with_them() {
    let mut room = Room::new();
    let device = "serial/by-path/platform-usb-0:1.2:1.0";
    let mut sockets = room.claim("House_LED", &[device, "ttyACM0"]);
    room.plug("ttyACM0", Setup::text("1"));
    wait_for_sight(&mut *sockets, 1, cable("1"));
    room.plug(device, Setup::text("3"));
    wait_for_sight(&mut *sockets, 0, cable("3"));
    fs::remove_dir_all(room.path().join("serial")).expect("it is there");
    wait_for_sight(&mut *sockets, 0, Sight::Gone);
}

#[test]
fn a_socket_belongs_to_one_model() {
    let mut room = Room::new();
    let first = room.claim("House_LED", &["ttyACM0"]);
    let mut second = room.claim("Wind_LED", &["ttyACM0", "ttyACM1"]);
    assert_eq!(second.news(), None, "there is nothing in it");
    room.plug("ttyACM0", Setup::text("3"));
    assert_eq!(
        wait_for_news(&mut *second),
        "ttyACM0: model 'House_LED' has it already; parameter 'sockets' has others"
    );
    drop(first);
    assert_eq!(second.news(), None);
    let mut third = room.claim("PV_LED", &["ttyACM0"]);
    assert_eq!(third.news(), None);
    let model = |device| room.status(device).expect("it is claimed").model;
    assert_eq!([model("ttyACM0"), model("ttyACM1")], ["PV_LED", "Wind_LED"]);
}

#[test]
fn there_are_at_most_eight_sockets() {
    let room = Room::new();
    let devices: Vec<String> = (0..8).map(|number| format!("ttyACM{number}")).collect();
    let devices: Vec<&str> = devices.iter().map(String::as_str).collect();
    let all = room.claim("House_LED", &devices);
    let mut more = room.claim("Wind_LED", &["ttyACM8"]);
    assert_eq!(
        wait_for_news(&mut *more),
        "ttyACM8: other models have 8 sockets already, which is all that there can be; parameter 'sockets' \
         has others"
    );
    drop(all);
    drop(more);
    let mut more = room.claim("Wind_LED", &["ttyACM8"]);
    assert_eq!(more.news(), None);
}

/// Opening some devices does things: a watchdog, for one, has the machine restart.
#[test]
fn what_names_no_serial_port_is_not_opened() {
    let room = Room::new();
    for device in [
        "watchdog",
        "/dev/ttyACM0",
        "../ttyACM0",
        "serial/../mem",
        "",
    ] {
        let mut sockets = room.claim("House_LED", &[device]);
        assert_eq!(
            wait_for_news(&mut *sockets),
            format!("{device}: no serial port; name devices such as ttyACM0 or serial/by-path/…")
        );
        assert_eq!(sockets.sight(0), Sight::Gone);
    }
    assert_eq!(room.cables.status(), []);
}

#[test]
fn what_is_wrong_is_said_once_with_the_remedy() {
    let mut room = Room::new();
    fs::write(room.path().join("ttyACM0"), "").expect("a file");
    room.plug("ttyACM1", Setup::text("3").with(Fault::Silent));
    room.plug("ttyACM2", Setup::bytes(12));
    room.plug("ttyACM3", Setup::scripted(b"OK"));
    let devices = ["ttyACM0", "ttyACM1", "ttyACM2", "ttyACM3"];
    let mut sockets = room.claim("House_LED", &devices);
    let mut news: Vec<String> = devices
        .iter()
        .map(|_| wait_for_news(&mut *sockets))
        .collect();
    news.sort();
    assert_eq!(
        news,
        [
            "ttyACM0: cannot be used: it is no serial port",
            "ttyACM1: silent; a board of the first version shows what it is told, and never says which \
             cable it is",
            "ttyACM2: its board has an id that models do not see: they know 0 to 9; give it another one",
            "ttyACM3: answers something else than boards do: their id, one character, or 01 to 05 for a byte",
        ]
    );
    // Nothing is said twice, and what is well again is no news.
    room.table.pull("ttyACM1");
    room.plug("ttyACM1", Setup::text("3"));
    wait_for_sight(&mut *sockets, 1, cable("3"));
    assert_eq!(sockets.news(), None);
    room.table.pull("ttyACM3");
    room.plug("ttyACM3", Setup::text("3").with(Fault::Garbage));
    assert!(wait_for_news(&mut *sockets).starts_with("ttyACM3: answers something else "));
}

/// As of some controllers of USB, which refuse boards that make USB in software.
#[test]
fn a_device_that_does_not_work_is_named_with_the_reason() {
    let room = Room::new();
    let locked = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
    let name = ptsname(&locked, Vec::new()).expect("it has a name");
    let name = name.into_string().expect("text");
    symlink(name, room.path().join("ttyACM0")).expect("a link");
    let mut sockets = room.claim("House_LED", &["ttyACM0"]);
    assert_eq!(
        wait_for_news(&mut *sockets),
        "ttyACM0: cannot be used: Input/output error (os error 5)"
    );
}

/// Runs in a thread that may do what others may; the threads that it starts may do no more.
fn without_privileges<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::spawn(|| {
        let mut sets = capabilities(None).expect("every thread has some");
        sets.effective = CapabilitySet::empty();
        sets.permitted = CapabilitySet::empty();
        sets.inheritable = CapabilitySet::empty();
        set_capabilities(None, sets).expect("they may be given up");
        work()
    });
    thread.join().expect("it ends well")
}

#[test]
fn a_port_that_another_program_has_is_named_and_taken_when_it_is_free() {
    without_privileges(|| {
        let mut room = Room::new();
        room.plug("ttyACM0", Setup::text("3"));
        let path = room.path().join("ttyACM0");
        let other = open(&path, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("a port");
        ioctl_tiocexcl(&other).expect("a terminal");
        let mut sockets = room.claim("House_LED", &["ttyACM0"]);
        let news = "ttyACM0: in use by another program; end that one";
        assert_eq!(wait_for_news(&mut *sockets), news);
        // A pseudo-terminal keeps this even when it is closed.
        ioctl_tiocnxcl(&other).expect("a terminal");
        drop(other);
        wait_for_sight(&mut *sockets, 0, cable("3"));
    });
}

#[test]
fn two_processes_do_not_share_a_port() {
    without_privileges(|| {
        let mut room = Room::new();
        room.plug("ttyACM0", Setup::text("3"));
        let mut sockets = room.claim("House_LED", &["ttyACM0"]);
        wait_for_sight(&mut *sockets, 0, cable("3"));
        let other = Cables::new(room.path().to_owned());
        let mut others = other.claim("House_LED", &wish(&["ttyACM0"]));
        assert!(wait_for_news(&mut *others).starts_with("ttyACM0: in use"));
        room.cables.stop();
        wait_for_sight(&mut *others, 0, cable("3"));
    });
}

#[test]
fn a_port_without_permission_is_named_and_taken_when_there_is_one() {
    without_privileges(|| {
        let mut room = Room::new();
        room.plug("ttyACM0", Setup::text("3"));
        let path = fs::canonicalize(room.path().join("ttyACM0")).expect("a device");
        let forbid = |bits| {
            let permissions = std::os::unix::fs::PermissionsExt::from_mode(bits);
            fs::set_permissions(&path, permissions).expect("it is ours");
        };
        forbid(0o000);
        let mut sockets = room.claim("House_LED", &["ttyACM0"]);
        assert_eq!(
            wait_for_news(&mut *sockets),
            "ttyACM0: no permission; the user of this process has to be in the group dialout (usermod -aG \
             dialout USER), as that of the node's service is"
        );
        forbid(0o600);
        wait_for_sight(&mut *sockets, 0, cable("3"));
    });
}

/// A link may be pointed at another device while the old one still works.
#[test]
fn a_name_that_comes_back_is_another_device() {
    let mut room = Room::new();
    room.plug("a/ttyACM0", Setup::text("1"));
    room.plug("b/ttyACM0", Setup::text("2"));
    let mut sockets = room.claim("House_LED", &["ttyACM0"]);
    let link = room.path().join("ttyACM0");
    let target = |unit: &str| {
        let link = room.path().join(unit).join("ttyACM0");
        fs::canonicalize(link).expect("a device")
    };
    symlink(target("a"), &link).expect("a link");
    wait_for_sight(&mut *sockets, 0, cable("1"));
    let next = room.path().join("next");
    symlink(target("b"), &next).expect("a link");
    fs::rename(&next, &link).expect("a link");
    wait_for_sight(&mut *sockets, 0, cable("2"));
    fs::remove_file(&link).expect("it is there");
    wait_for_sight(&mut *sockets, 0, Sight::Gone);
}

#[test]
fn nothing_is_seen_after_the_end() {
    let mut room = Room::new();
    room.plug("ttyACM0", Setup::text("3"));
    let mut sockets = room.claim("House_LED", &["ttyACM0"]);
    wait_for_sight(&mut *sockets, 0, cable("3"));
    let (done, is_done) = mpsc::channel();
    let cables = room.cables.clone();
    thread::spawn(move || {
        cables.stop();
        done.send(()).expect("the test waits");
    });
    is_done.recv().expect("it ends");
    assert_eq!(sockets.sight(0), Sight::Gone);
    assert_eq!(room.cables.status(), []);
    let mut late = room.claim("Wind_LED", &["ttyACM0"]);
    assert_eq!(
        late.news().as_deref(),
        Some("no cables: this process is being stopped")
    );
    drop::<Box<dyn Sockets>>(late);
}
