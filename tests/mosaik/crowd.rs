//! Whoever reaches the port may knock, and say what they like.

use std::io::Write;
use std::net::{Shutdown, TcpStream};

use rig::{Bridge, peak_memory};

use crate::mosaik::Mosaik;

#[test]
fn two_thousand_connections_do_not_keep_mosaik_out() {
    let bridge = Bridge::start(&[]);
    let mut session = Mosaik::with_battery(bridge.address);
    let mut crowd = Vec::new();
    for number in 0..2000 {
        let stream = TcpStream::connect(bridge.address).expect("somebody accepts");
        // Those that are kept are as many as this process may have open.
        if number % 4 == 0 {
            crowd.push(stream);
        }
    }
    let (data, _) = session.step_battery("Battery_0", 0, 1.0);
    assert_eq!(data, r#"{"Battery_0": {"soc": 1.25}}"#);
    let mut another = Mosaik::with_battery(bridge.address);
    let (data, _) = another.step_battery("Battery_0", 0, 2.0);
    assert_eq!(data, r#"{"Battery_0": {"soc": 2.5}}"#);
    // The oldest had to go.
    assert!(Mosaik::over(crowd.swap_remove(0)).is_closed());
    assert_eq!(bridge.stop(), Some(0));
}

#[test]
fn more_sessions_than_there_may_be_are_told_so() {
    let bridge = Bridge::start(&["-q"]);
    let sessions: Vec<Mosaik> = (0..64).map(|_| Mosaik::begin(bridge.address)).collect();
    let mut late = Mosaik::connect(bridge.address);
    let (_, message) = late.fails(r#"["init", ["I-0"], {}]"#);
    assert!(message.contains("64 sessions"), "{message}");
    drop(sessions);
    let gone = rig::wait_for("room for a session", || {
        let mut one = Mosaik::connect(bridge.address);
        let answer = one.ask(r#"["init", ["I-0"], {}]"#);
        answer.starts_with("[1, ").then_some(one)
    });
    drop(gone);
    assert!(bridge.log().is_empty(), "{:?}", bridge.log());
}

#[test]
fn nonsense_ends_its_connection_only() {
    let bridge = Bridge::start(&[]);
    let mut session = Mosaik::with_battery(bridge.address);
    for (bytes, said) in [
        (
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            "a frame of 1195725856 bytes",
        ),
        (b"\0\0\0\x02[]", "it has not three parts"),
        (b"\0\0\0\x01x", "this is no value"),
        (b"\0\0\0\0", "the text ends"),
        (b"\0\0\0\x0c[1, 0, null]", "nothing was asked"),
    ] {
        let mut stranger = Mosaik::connect(bridge.address);
        stranger.stream.write_all(bytes).expect("taken");
        assert!(stranger.is_closed(), "{bytes:?}");
        bridge.wait_for_report(said);
    }
    let mut cut = Mosaik::connect(bridge.address);
    cut.stream.write_all(b"\0\0\0\x7f[0, 0").expect("taken");
    cut.stream.shutdown(Shutdown::Write).expect("a socket");
    assert!(cut.is_closed());
    let deep = format!(
        r#"["step", [0, {}{}, 9], {{}}]"#,
        "[".repeat(60),
        "]".repeat(60)
    );
    session.fails(&deep);
    let (data, _) = session.step_battery("Battery_0", 0, 1.0);
    assert_eq!(data, r#"{"Battery_0": {"soc": 1.25}}"#);
    // In a session as well, it is the end of it alone.
    session.send_content(b"[0]");
    assert!(session.is_closed());
    bridge.wait_for_report("this is not mosaik's protocol");
}

#[test]
fn long_frames_are_refused_before_there_is_memory_for_them() {
    let bridge = Bridge::start(&[]);
    let memory = || peak_memory(bridge.pid()).unwrap_or_default();
    let before = memory();
    let mut strangers: Vec<Mosaik> = (0..50).map(|_| Mosaik::connect(bridge.address)).collect();
    for stranger in &mut strangers {
        // A megabyte is the most before 'init'.
        stranger.stream.write_all(&[0, 0x10, 0, 1]).expect("taken");
        assert!(stranger.is_closed());
    }
    let mut session = Mosaik::with_battery(bridge.address);
    session.stream.write_all(&[4, 0, 0, 1]).expect("taken");
    assert!(session.is_closed());
    let grown = memory() - before;
    assert!(grown < 32 << 20, "{grown} bytes more");
}
