use super::super::sink::header;
use super::*;
use shared::time::{TimeGrid, WallTime};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn to(address: &str) -> Mqtt {
    let server = address.parse().expect("an address");
    let mut mqtt = Mqtt::new(&server, "house").expect("no secret");
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
        resolution: 900,
        ticks: 1_000_000,
    };
    mqtt.begin(&header(grid, &["A.x"]));
    mqtt
}

/// The next packet: its kind and its content.
fn packet(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut byte = [0];
    stream.read_exact(&mut byte).ok()?;
    let kind = byte[0];
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        stream.read_exact(&mut byte).ok()?;
        length |= usize::from(byte[0] & 0x7f) << shift;
        shift += 7;
        if byte[0] < 0x80 {
            break;
        }
    }
    let mut content = vec![0; length];
    stream.read_exact(&mut content).ok()?;
    Some((kind, content))
}

/// A client of this listener, whose first packet has been answered.
fn welcomed(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().expect("a client");
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("set");
    let (kind, _) = packet(&mut stream).expect("a packet");
    assert_eq!(kind, 0x10);
    stream.write_all(&[0x20, 2, 0, 0]).expect("sent");
    stream
}

/// Topics and payloads of publications, up to the goodbye.
fn heard(stream: &mut TcpStream) -> Vec<(String, String)> {
    let mut all = Vec::new();
    while let Some((kind, content)) = packet(stream) {
        if kind == 0x31 {
            let length = usize::from(content[0]) << 8 | usize::from(content[1]);
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
            all.push((text(&content[2..2 + length]), text(&content[2 + length..])));
        } else if kind == 0xc0 {
            stream.write_all(&[0xd0, 0]).expect("sent");
        } else if kind == 0xe0 {
            break;
        }
    }
    all
}

#[test]
fn a_run_that_is_over_in_a_blink_tells_its_last_values() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut mqtt = to(&format!(
        "mqtt://{}",
        listener.local_addr().expect("an address")
    ));
    for tick in 0..100_000_u32 {
        let value = Value::Int(tick.into());
        mqtt.row(tick.into(), &[value]).expect("never fails");
    }
    let server = thread::spawn(move || heard(&mut welcomed(&listener)));
    assert_eq!(mqtt.finish(), Vec::<String>::new());
    let all = server.join().expect("served");
    let told: Vec<(&str, &str)> = all.iter().map(|(t, p)| (t.as_str(), p.as_str())).collect();
    assert_eq!(told[0], ("illuminator/house/availability", "online"));
    assert_eq!(
        told[1].0,
        "homeassistant/sensor/illuminator_house/A_x/config"
    );
    let last = &told[told.len() - 2..];
    assert_eq!(
        last,
        [
            ("illuminator/house/A/x", "99999"),
            ("illuminator/house/availability", "offline")
        ]
    );
    assert!(told.len() < 20, "only what is newest: {}", told.len());
}

#[test]
fn who_comes_back_is_told_everything_anew() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut mqtt = to(&format!(
        "mqtt://{}",
        listener.local_addr().expect("an address")
    ));
    mqtt.row(0, &[Value::Float(0.5)]).expect("never fails");
    drop(welcomed(&listener));
    let server = thread::spawn(move || heard(&mut welcomed(&listener)));
    assert_eq!(mqtt.finish(), Vec::<String>::new());
    let all = server.join().expect("served");
    assert_eq!(all.len(), 4, "{all:?}");
    assert_eq!(all[2].1, "0.5");
}

#[test]
fn a_server_that_is_not_there_or_says_no_is_named_at_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let mut mqtt = to(&format!("mqtt://{address}"));
    mqtt.row(0, &[Value::Int(1)]).expect("never fails");
    let note = mqtt.finish().join("\n");
    assert!(
        note.starts_with(&format!(
            "mqtt: the last values were not delivered to mqtt://{address}: "
        )),
        "{note}"
    );
}
