use proptest::prelude::*;
use serde_json::Value;
use shared::cable::Picture;

use super::*;
use crate::picture::{REST, pack};

const FRAME: [u8; 5] = [128, 1, 127, 128, 0];

/// A board that acknowledges bytes, without time.
struct ByteBoard {
    at: usize,
    frame: [u8; 5],
    id: u8,
    role: u8,
}

impl ByteBoard {
    fn new(waits_for: usize, id: u8, role: u8) -> Self {
        let frame = [0, 0, 10, 10, 10];
        let at = waits_for - 1;
        Self {
            at,
            frame,
            id,
            role,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        for &byte in bytes {
            self.frame[self.at] = byte;
            self.at += 1;
            answer.push(u8::try_from(self.at).expect("1 to 5"));
            if self.at == 5 {
                self.at = 0;
                answer.extend([self.id, self.role]);
            }
        }
        answer
    }
}

/// One exchange, in which each answer takes 10 ms: what was written, and what was heard.
fn exchange(
    board: &mut Board,
    wanted: u64,
    now: &mut Millis,
    mut peer: impl FnMut(&[u8]) -> Vec<u8>,
) -> (Vec<u8>, Vec<Heard>) {
    let (mut written, mut heard) = (Vec::new(), Vec::new());
    *now = (*now).max(board.due());
    heard.extend(board.advance(wanted, PERIOD, *now));
    while !board.is_free() {
        let unsent = board.unsent().to_vec();
        let answer = if unsent.is_empty() {
            Vec::new()
        } else {
            peer(&unsent)
        };
        board.sent(unsent.len(), *now);
        written.extend(unsent);
        *now = if answer.is_empty() {
            board.due()
        } else {
            *now + 10
        };
        heard.extend(board.received(&answer, *now));
        if !board.is_free() && board.unsent().is_empty() {
            heard.extend(board.advance(wanted, PERIOD, *now));
        }
    }
    (written, heard)
}

fn text_cable(character: u8) -> Heard {
    Heard::Answer(Found::text(character))
}

fn byte_cable(id: u8, role: u8) -> Heard {
    Heard::Answer(Found::bytes(id, role))
}

fn strange(answer: &[u8]) -> Heard {
    Heard::Answer(Found::strange(answer))
}

const NOTHING: Heard = Heard::Answer(Found::SILENT);

fn acknowledging() -> Board {
    Board {
        kind: Kind::Bytes,
        ..Board::default()
    }
}

/// Asked for the first time at 0, after these bytes had come; then these come.
fn hears(early: &[u8], answer: &[u8]) -> Heard {
    let mut board = Board::default();
    assert_eq!(board.received(early, 0), None);
    assert_eq!(board.advance(pack(Picture::Text(*b"3g1")), PERIOD, 0), None);
    assert_eq!(board.unsent(), b"3g1\n");
    board.sent(4, 0);
    for (now, byte) in (20..).step_by(5).zip(answer) {
        assert_eq!(board.received(&[*byte], now), None);
    }
    board.advance(REST, PERIOD, 1000).expect("it is over")
}

#[test]
fn an_id_is_the_only_printable_character_of_an_answer() {
    for answer in [&b"3"[..], b"3\n", b"\r\n3\r\n"] {
        assert_eq!(hears(b"", answer), text_cable(b'3'), "{answer:?}");
    }
    for answer in [
        &b"12"[..],
        b"33",
        b"\n",
        b" ",
        b"\x80",
        b"3\xff",
        b"\x003",
        b"OK, what?",
    ] {
        let heard = hears(b"", answer);
        assert_eq!(heard, strange(answer), "{answer:?}");
    }
    assert_eq!(hears(b"", b""), NOTHING);
}

#[test]
fn what_came_before_counts_if_nothing_comes() {
    assert_eq!(hears(b"58", b""), text_cable(b'8'));
    assert_eq!(hears(b"8", b"3"), text_cable(b'3'));
    assert_eq!(hears(b"8", b"\xff"), strange(b"\xff"));
    assert_eq!(hears(b"\n", b""), NOTHING);
}

#[test]
fn an_answer_may_take_seven_tenths_of_a_second() {
    let mut board = Board::default();
    assert_eq!(board.advance(REST, PERIOD, 0), None);
    board.sent(4, 0);
    assert_eq!(board.received(b"3", 699), None);
    assert_eq!(board.due(), 700);
    assert_eq!(board.advance(REST, PERIOD, 700), Some(text_cable(b'3')));
    // One that is later than that counts for the next exchange, if nothing comes in it.
    board.advance(REST, PERIOD, 700);
    board.sent(4, 700);
    assert_eq!(board.advance(REST, PERIOD, 1400), Some(NOTHING));
    assert_eq!(board.received(b"4", 1410), None);
    board.advance(REST, PERIOD, 1410);
    board.sent(4, 1410);
    assert_eq!(board.advance(REST, PERIOD, 2110), Some(text_cable(b'4')));
}

#[test]
fn something_else_is_told_at_once_and_the_same_after_a_while() {
    let mut board = Board::default();
    let other = pack(Picture::Text(*b"4r0"));
    board.advance(REST, PERIOD, 0);
    board.sent(4, 0);
    // It has not read the last one.
    assert_eq!(board.advance(other, PERIOD, 5), None);
    assert_eq!(board.unsent(), b"");
    board.received(b"3", 20);
    assert_eq!(board.advance(other, PERIOD, 50), Some(text_cable(b'3')));
    board.advance(other, PERIOD, 50);
    assert_eq!(board.unsent(), b"4r0\n");
    board.sent(4, 50);
    board.received(b"3", 70);
    board.advance(other, PERIOD, 100);
    assert!(board.knows(other));
    assert_eq!(board.due(), 50 + PERIOD);
    board.advance(other, PERIOD, 50 + PERIOD - 1);
    assert_eq!(board.unsent(), b"");
    board.advance(other, PERIOD, 50 + PERIOD);
    assert_eq!(board.unsent(), b"4r0\n");
}

#[test]
fn a_write_may_take_a_second() {
    let mut board = Board::default();
    board.advance(REST, PERIOD, 0);
    board.sent(2, 900);
    assert_eq!(board.advance(REST, PERIOD, 999), None);
    assert_eq!(board.unsent(), b"0\n");
    assert_eq!(board.advance(REST, PERIOD, 1000), Some(Heard::Stuck));
}

#[test]
fn a_board_that_acknowledges_bytes_is_known_by_its_first_answer() {
    for waits_for in 1..=5 {
        let mut peer = ByteBoard::new(waits_for, 51, 1);
        let (mut board, mut now) = (Board::default(), 0);
        let wanted = pack(Picture::Bytes(FRAME));
        let (written, heard) = exchange(&mut board, wanted, &mut now, |bytes| peer.take(bytes));
        assert_eq!(&written[..4], b"2g1\n");
        assert_eq!(heard.last(), Some(&byte_cable(51, 1)));
        assert_eq!((peer.at, peer.frame), (0, FRAME));
        assert!(board.knows(wanted));
    }
}

#[test]
fn a_frame_reaches_a_board_wherever_it_was_left() {
    let cases: Value = serde_json::from_str(include_str!("frames.json")).expect("JSON");
    let cases = cases.as_array().expect("a list");
    assert_eq!(cases.len(), 11);
    for case in cases {
        let name = &case["name"];
        let number =
            |value: &Value| u8::try_from(value.as_u64().expect("a number")).expect("a byte");
        let list = |value: &Value| -> Vec<u8> {
            let list = value.as_array().expect("a list");
            list.iter().map(number).collect()
        };
        let frame: [u8; 5] = list(&case["frame"]).try_into().expect("five");
        let (id, role) = (number(&case["id"]), number(&case["role"]));
        let waits_for = usize::from(number(&case["board_waits_for"]));
        let mut peer = ByteBoard::new(waits_for.max(1), id, role);
        let answers = case["answers"].as_str().expect("a text");
        let (mut board, mut now) = (acknowledging(), 0);
        let wanted = pack(Picture::Bytes(frame));
        let (written, heard) = exchange(&mut board, wanted, &mut now, |bytes| match answers {
            "bytes" => peer.take(bytes),
            "3" => b"3".to_vec(),
            _ => Vec::new(),
        });
        assert_eq!(written, list(&case["written"]), "{name}");
        let expected = match case["expect"].as_str() {
            Some("nothing") => NOTHING,
            Some(_) => strange(b"3"),
            None => byte_cable(id, role),
        };
        assert_eq!(heard.last(), Some(&expected), "{name}");
        if answers == "bytes" {
            assert_eq!((peer.at, peer.frame), (0, frame), "{name}");
        }
    }
}

#[test]
fn who_acknowledges_without_sense_is_no_board() {
    let wanted = pack(Picture::Bytes(FRAME));
    for answer in [&[2_u8][..], &[6], &[0], &[1, 1], &[5, 7, 3]] {
        let (mut board, mut now) = (acknowledging(), 0);
        let (written, heard) = exchange(&mut board, wanted, &mut now, |_| answer.to_vec());
        let last = answer[answer.len() - 1];
        assert_eq!(heard.last(), Some(&strange(&[last])), "{answer:?}");
        assert!(written.len() <= usize::from(MOST_BYTES), "{answer:?}");
        // It may be one that reads text after all.
        let (_, heard) = exchange(&mut board, wanted, &mut now, |_| b"3".to_vec());
        assert_eq!(heard, [text_cable(b'3')], "{answer:?}");
    }
}

proptest! {
    /// Whatever comes whenever: nothing breaks, no text follows another one before its answer or its time,
    /// and there is always something due.
    #[test]
    fn no_bytes_confuse_it(
        events in prop::collection::vec((0_u64..400, prop::collection::vec(any::<u8>(), 0..6)), 0..60)
    ) {
        let (mut board, mut now, mut sent_at, mut has_heard) = (Board::default(), 0, None, true);
        for (count, (time, bytes)) in (0_u64..).zip(events) {
            now += time;
            board.advance(pack(Picture::Bytes([1, 0, u8::try_from(count).expect("few"), 9, 0])), PERIOD, now);
            let length = board.unsent().len();
            if length == 4 {
                let is_late = sent_at.is_none_or(|before| now >= before + PATIENCE);
                prop_assert!(has_heard || is_late);
                sent_at = Some(now);
                has_heard = false;
            }
            board.sent(length, now);
            prop_assert!(board.due() <= now + PATIENCE);
            board.received(&bytes, now);
            has_heard |= !bytes.is_empty();
        }
    }
}
