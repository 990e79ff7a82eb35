//! What readers see of a source, and how far it may be ahead.

use super::*;
use crate::wiring::{GroupId, Publisher, Reader, SourceId};
use shared::memory::Pool;

/// A source with one reader, and what is there of it.
struct Trial {
    source: Source,
    publications: Publications,
    cursors: Table<ReaderId, Cursor>,
}

impl Trial {
    /// With a reader that looks at this tick.
    fn new(window: usize, look: i64) -> Self {
        let mut source = Source::new(Publisher::Local(GroupId(0)), 1, window);
        source.readers.push(ReaderId(0));
        let reader = Reader {
            source: SourceId(0),
            shifted: false,
        };
        let mut cursor = Cursor::new(&reader);
        cursor.look = look;
        Self {
            source,
            publications: Publications::new(1, 0),
            cursors: vec![cursor].into(),
        }
    }

    fn publish(&mut self, tick: Tick, next: Tick) {
        let value = i64::try_from(tick).expect("small");
        self.publish_value(Value::Int(value), (tick, next), &mut Account::unlimited());
    }

    fn publish_value(&mut self, value: Value, (tick, next): (Tick, Tick), account: &mut Account) {
        let places = self.publications.push(tick, next, account);
        places.expect("memory")[0] = value;
    }

    fn has_room(&mut self) -> bool {
        self.publications.has_room(&self.source, &mut self.cursors)
    }

    fn look(&mut self, tick: i64) {
        self.cursors[ReaderId(0)].look = tick;
    }

    fn is_final(&self) -> bool {
        self.publications.is_final_for(&self.cursors[ReaderId(0)])
    }

    fn seen(&mut self) -> &Value {
        assert!(self.is_final());
        let cursor = &mut self.cursors[ReaderId(0)];
        self.publications.seek(cursor);
        self.publications.value(cursor, Position(0))
    }
}

#[test]
fn a_reader_gets_the_newest_publication_at_or_before_its_tick() {
    let mut trial = Trial::new(8, 0);
    assert!(!trial.is_final());
    trial.publish(0, 4);
    for tick in 0..4 {
        trial.look(tick);
        assert_eq!(*trial.seen(), Value::Int(0));
    }
    trial.look(4);
    assert!(!trial.is_final());
    trial.publish(4, 8);
    assert_eq!(*trial.seen(), Value::Int(4));
}

#[test]
fn a_look_before_the_start_is_final_and_moves_nobody() {
    let mut trial = Trial::new(8, -1);
    assert!(trial.is_final());
    trial.publish(0, 1);
    trial.publish(1, 2);
    let cursor = &mut trial.cursors[ReaderId(0)];
    trial.publications.seek(cursor);
    assert_eq!(cursor.publication, 0);
}

#[test]
fn a_slow_reader_does_not_hold_what_it_will_never_look_at() {
    let mut trial = Trial::new(2, 100);
    for tick in 0..100 {
        assert!(trial.has_room());
        trial.publish(tick, tick + 1);
    }
    assert!(trial.publications.len() <= 2);
    trial.publish(100, 101);
    assert_eq!(*trial.seen(), Value::Int(100));
}

#[test]
fn publications_keep_their_values_while_the_ring_grows() {
    let mut trial = Trial::new(64, 0);
    let mut tick = 0;
    for read in 0..40 {
        // Two steps forward, one back.
        for _ in 0..2 {
            if trial.has_room() {
                trial.publish(tick, tick + 1);
                tick += 1;
            }
        }
        trial.look(read);
        assert_eq!(*trial.seen(), Value::Int(read));
    }
}

#[test]
fn a_source_stops_a_window_ahead_and_is_woken_once() {
    let mut trial = Trial::new(6, 0);
    let mut tick = 0;
    while trial.has_room() {
        trial.publish(tick, tick + 1);
        tick += 1;
    }
    assert_eq!(tick, 6);
    trial.look(1);
    assert!(trial.publications.take_wait(), "the source waits");
    assert!(trial.has_room());
    assert!(!trial.publications.take_wait(), "and is woken once");
}

#[test]
fn what_is_held_is_booked_and_given_back_when_it_is_replaced() {
    let mut account = Account::of(&Pool::new(10_000_000), 10_000_000);
    let mut trial = Trial::new(8, 0);
    let large = Value::text(&"x".repeat(100_000));
    let mut most = 0;
    for tick in 0..100 {
        trial.look(i64::try_from(tick).expect("small"));
        assert!(trial.has_room());
        trial.publish_value(large.clone(), (tick, tick + 1), &mut account);
        let weighed = trial.publications.weigh(&mut account);
        weighed.expect("memory");
        most = most.max(account.taken());
    }
    assert!((400_000..1_000_000).contains(&most), "{most}");
    for tick in 100..104 {
        trial.look(i64::try_from(tick).expect("small"));
        assert!(trial.has_room());
        trial.publish_value(Value::Null, (tick, tick + 1), &mut account);
        let weighed = trial.publications.weigh(&mut account);
        weighed.expect("memory");
    }
    assert!(account.taken() < 1000, "{}", account.taken());
}

#[test]
fn more_values_than_there_is_memory_for_take_none() {
    let mut account = Account::of(&Pool::new(1_000_000), 1_000_000);
    for stride in [1_000_000, usize::MAX / 4, usize::MAX] {
        let mut publications = Publications::new(stride, 0);
        assert!(publications.push(0, 1, &mut account).is_err());
        assert_eq!(account.taken(), 0);
    }
}
