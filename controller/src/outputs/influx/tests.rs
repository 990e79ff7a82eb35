use super::super::sink::header;
use super::*;
use shared::time::WallTime;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

fn grid() -> TimeGrid {
    TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
        resolution: 900,
        ticks: 1_000_000,
    }
}

fn to(address: SocketAddr) -> Influx {
    within(LIMITS, address)
}

fn within(limits: Limits, address: SocketAddr) -> Influx {
    let server = format!("http://{address}?db=house");
    let server = server.parse().expect("an address");
    let mut influx = Influx::within(limits, &server, &grid()).expect("a thread");
    influx.begin(&header(grid(), &["A.x", "A.y"]));
    influx
}

/// Takes one request; returns its first line and its body.
fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("set");
    let (mut text, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let shown = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = shown.split_once("\r\n\r\n") {
            let lengths = head.lines().filter_map(|line| line.split_once(':'));
            let mut lengths =
                lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length: usize = lengths.next()?.1.trim().parse().ok()?;
            if body.len() >= length {
                return Some((head.lines().next()?.to_owned(), body.to_owned()));
            }
        }
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => text.extend_from_slice(&piece[..count]),
            _ => return None,
        }
    }
}

/// A server that gives these answers, each over a connection of its own; returns what it was asked.
fn server(answers: &'static [&'static str]) -> (SocketAddr, JoinHandle<Vec<(String, String)>>) {
    server_that_says(answers, "why?", 4)
}

/// The same, with these words below each of them, and so many bytes of them promised.
fn server_that_says(
    answers: &'static [&'static str],
    words: impl Into<String>,
    promised: usize,
) -> (SocketAddr, JoinHandle<Vec<(String, String)>>) {
    let words = words.into();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let serve = move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a client");
            // Wine does not always tell who sends that the other has gone.
            let patience = Some(Duration::from_secs(10));
            stream.set_write_timeout(patience).expect("set");
            asked.extend(request(&mut stream));
            let head = format!(
                "HTTP/1.1 {answer}\r\nConnection: close\r\nContent-Length: {promised}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).expect("sent");
            // Who has heard enough goes before the end.
            let _ = stream.write_all(words.as_bytes());
        }
        asked
    };
    (address, thread::spawn(serve))
}

/// What is said of a row that a server does not take.
fn refused(address: SocketAddr) -> String {
    let mut influx = to(address);
    influx
        .row(0, &[Value::Int(1), Value::Null])
        .expect("never fails");
    influx.end(Ending::Complete).expect("never fails");
    let notes = influx.finish().join("\n");
    let said = format!("influx: 1 of 1 rows were not delivered to http://{address}: ");
    let why = notes.strip_prefix(&said);
    why.unwrap_or_else(|| panic!("{notes}")).to_owned()
}

fn give(influx: &mut Influx, ticks: std::ops::Range<Tick>) {
    for tick in ticks {
        let values = [
            Value::Int(tick.try_into().expect("small")),
            Value::text("on"),
        ];
        influx.row(tick, &values).expect("never fails");
    }
}

/// Takes one request, without an answer.
fn take(listener: &TcpListener) -> (TcpStream, String, String) {
    let (mut stream, _) = listener.accept().expect("a client");
    let (first, body) = request(&mut stream).expect("a request");
    (stream, first, body)
}

fn agree(mut stream: TcpStream) {
    let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    stream.write_all(answer).expect("sent");
}

#[test]
fn rows_that_wait_go_together_and_what_is_left_out_is_said_once() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut influx = to(listener.local_addr().expect("an address"));
    give(&mut influx, 0..2);
    influx.flush().expect("never fails");
    let (stream, first, body) = take(&listener);
    assert_eq!(first, "POST /write?db=house&precision=ns HTTP/1.1");
    assert_eq!(body.lines().count(), 2);
    // More than may wait, a row at a time, while the server thinks.
    let more = 2 + 3 * Tick::try_from(LIMITS.waiting).expect("small");
    for tick in 2..more {
        give(&mut influx, tick..tick + 1);
        influx.flush().expect("never fails");
    }
    agree(stream);
    let server = thread::spawn(move || {
        let mut rows = Vec::new();
        while (rows.len() as u64) < more - 2 {
            let (stream, _, body) = take(&listener);
            rows.extend(body.lines().map(str::to_owned));
            agree(stream);
        }
        rows
    });
    // The last of them go once there is room for them.
    while influx.batch.rows > 0 {
        thread::sleep(Duration::from_millis(5));
        influx.flush().expect("never fails");
    }
    influx.end(Ending::Complete).expect("never fails");
    let notes = influx.finish();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(
        notes[0].contains("numbers only") && notes[0].contains("A.y"),
        "{notes:?}"
    );
    let rows = server.join().expect("served");
    let expected = (2..more).map(|tick| {
        let seconds = 1_325_376_000 + 900 * tick;
        format!("energy_metrics,source=illuminator A.x={tick} {seconds}000000000")
    });
    assert_eq!(rows, expected.collect::<Vec<_>>());
}

#[test]
fn a_server_that_is_away_for_a_moment_gets_all_and_one_that_refuses_is_not_asked_again() {
    let (address, one) = server(&["503 Service Unavailable", "204 No Content"]);
    let mut influx = to(address);
    influx
        .row(0, &[Value::Int(1), Value::Null])
        .expect("never fails");
    influx.end(Ending::Complete).expect("never fails");
    assert_eq!(influx.finish(), Vec::<String>::new());
    let asked = one.join().expect("served");
    assert_eq!(asked[0], asked[1]);

    let (address, other) = server(&["404 Not Found"]);
    assert_eq!(refused(address), "it answers 404 Not Found: why?");
    other.join().expect("served");
}

#[test]
fn of_a_long_answer_the_beginning_is_told_and_of_one_that_stops_what_came() {
    let page = "<html>\n".repeat(1_000_000);
    let promised = page.len();
    let (address, one) = server_that_says(&["404 Not Found"], page, promised);
    let said = refused(address);
    assert!(
        said.starts_with("it answers 404 Not Found: <html>\\n<html>") && said.ends_with('…'),
        "{said}"
    );
    assert!(said.len() < 500, "{said}");
    one.join().expect("served");

    let (address, other) = server_that_says(&["404 Not Found"], "why?", 9);
    assert_eq!(refused(address), "it answers 404 Not Found: why?");
    other.join().expect("served");
}

#[test]
fn a_server_that_has_moved_says_where_to() {
    let (address, server) = server(&["301 Moved Permanently\r\nLocation: https://there/write"]);
    let said = "it answers 301 Moved Permanently: go to https://there/write";
    assert_eq!(refused(address), said);
    server.join().expect("served");
}

#[test]
fn a_server_that_never_answers_takes_no_time_of_the_run_and_a_moment_at_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let limits = Limits {
        waiting: 1,
        answer: Duration::from_millis(100),
    };
    let mut influx = within(limits, listener.local_addr().expect("an address"));
    let begun = Instant::now();
    // One batch is on its way, one waits, and there are more.
    give(&mut influx, 0..20_000);
    assert_eq!(influx.rows(), 20_000);
    influx.end(Ending::Complete).expect("never fails");
    let notes = influx.finish().join("\n");
    let said = "20,000 of 20,000 rows were not delivered";
    assert!(notes.contains(said), "{notes}");
    assert!(begun.elapsed() < Duration::from_secs(60));
    drop(listener);
}
