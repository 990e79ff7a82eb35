//! A network whose clock and whose faults are the test's: bytes on their way between two sides.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use shared::wire::{Channel, ConnectionError};

/// Numbers that look random, from a seed.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// A number below the number of sides.
    pub(super) fn throw(&mut self, sides: usize) -> usize {
        // xorshift64*, by S. Vigna
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let thrown = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(thrown).expect("31 bits") % sides.max(1)
    }

    /// A time of up to so many milliseconds.
    pub(super) fn time(&mut self, most: usize) -> Duration {
        Duration::from_micros(self.throw(most * 1000) as u64)
    }
}

/// One direction of a connection. What is sent arrives in its order, in pieces, after some time.
#[derive(Debug)]
pub(super) struct Pipe {
    on_its_way: VecDeque<(Instant, Vec<u8>)>,
    /// When the last of it arrives.
    last: Instant,
    /// The longest that a piece is under way, in ms.
    delay: usize,
    /// The system takes no more than so many bytes that have not arrived.
    room: usize,
    /// Nothing arrives between these times; it is sent again afterwards.
    outages: Vec<(Instant, Instant)>,
    /// Nothing is sent from this time on, and the end arrives instead.
    closed: Option<Instant>,
    /// The longest time until something is sent again after an outage, in ms.
    late: usize,
}

impl Pipe {
    pub(super) fn new(delay: usize, room: usize, late: usize, now: Instant) -> Self {
        Self {
            on_its_way: VecDeque::new(),
            last: now,
            delay,
            room,
            outages: Vec::new(),
            closed: None,
            late,
        }
    }

    /// Another connection takes its place: what is on its way over this one is lost.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        self.on_its_way.clear();
        self.last = now;
    }

    /// Whether something sent now would arrive in its time.
    pub(super) fn works(&self, now: Instant) -> bool {
        let mut outages = self.outages.iter();
        self.closed.is_none() && !outages.any(|&(from, to)| now >= from && now < to)
    }

    pub(super) fn fail_between(&mut self, from: Instant, to: Instant) {
        self.outages.push((from, to));
        // Nor does what is on its way.
        let late = Duration::from_millis(self.late as u64 / 2);
        let mut earliest: Option<Instant> = None;
        for (arrival, _) in &mut self.on_its_way {
            if *arrival >= from && *arrival < to {
                *arrival = to + late;
            }
            // In its order.
            *arrival = earliest.map_or(*arrival, |earliest| earliest.max(*arrival));
            earliest = Some(*arrival);
        }
        self.last = self
            .on_its_way
            .back()
            .map_or(self.last, |(arrival, _)| *arrival);
    }

    pub(super) fn close(&mut self, now: Instant) {
        self.closed.get_or_insert(now);
    }

    /// Takes what a side sends, as far as there is room. Returns whether there was anything.
    pub(super) fn send(&mut self, channel: &mut Channel, now: Instant, dice: &mut Dice) -> bool {
        let mut has_sent = false;
        loop {
            let bytes = channel.transmit();
            if bytes.is_empty() {
                return has_sent;
            }
            let waiting: usize = self.on_its_way.iter().map(|(_, bytes)| bytes.len()).sum();
            let most = bytes.len().min(self.room.saturating_sub(waiting));
            if most == 0 {
                return has_sent;
            }
            let piece = bytes[..=dice.throw(most)].to_vec();
            channel.sent(piece.len(), now);
            has_sent = true;
            if self.closed.is_some() {
                // The system says so in a moment, and takes it all the same.
                continue;
            }
            let mut arrival = self.last.max(now + dice.time(self.delay));
            for &(from, to) in &self.outages {
                if arrival >= from && arrival < to {
                    arrival = to + dice.time(self.late);
                }
            }
            self.last = arrival;
            self.on_its_way.push_back((arrival, piece));
        }
    }

    /// When something arrives next.
    pub(super) fn next_arrival(&self) -> Option<Instant> {
        let first = self.on_its_way.front().map(|(arrival, _)| *arrival);
        first.or(self.closed)
    }

    /// Gives what has arrived to a side; an error is its end. Returns whether there was anything.
    pub(super) fn deliver(
        &mut self,
        channel: &mut Channel,
        now: Instant,
    ) -> Result<bool, ConnectionError> {
        let mut has_come = false;
        while let Some((arrival, piece)) = self.on_its_way.front_mut() {
            if *arrival > now {
                return Ok(has_come);
            }
            let room = channel.room();
            let count = piece.len().min(room.len());
            room[..count].copy_from_slice(&piece[..count]);
            channel.received(count, now)?;
            has_come = true;
            piece.drain(..count);
            if piece.is_empty() {
                self.on_its_way.pop_front();
            }
        }
        match self.closed {
            Some(closed) if closed <= now => Err(channel.end()),
            _ => Ok(has_come),
        }
    }
}
