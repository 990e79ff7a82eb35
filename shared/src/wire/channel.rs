//! One side of a connection, without the connection: frames out of bytes, and bytes out of frames.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::frame::{append_confirmation, append_content};
use super::outbox::Outbox;
use super::seal::Seal;
use super::{ConnectionError, FrameBuffer, FrameError, Met, append_frame};

/// A heartbeat that takes longer than this is overdue.
const QUIET: Duration = Duration::from_millis(1500);

/// So many bytes are received until that is confirmed to the peer.
const CONFIRMED: usize = 16 * 1024;

/// So many bytes that have gone are kept at most. That is more than what windows let be under way; with more
/// under way, what is said cannot go on over another connection.
const MOST_KEPT: usize = 1024 * 1024;

/// Frames to and from a peer that has been met.
///
/// It moves no bytes itself. Its owner puts what arrives into [`room`](Self::room) and says how much
/// that was ([`received`](Self::received)), writes what [`transmit`](Self::transmit) has and says how
/// much went ([`sent`](Self::sent)). Nothing is lost where that stops at any byte.
#[derive(Debug)]
pub struct Channel {
    seal: Option<Seal>,
    input: FrameBuffer,
    output: Outbox,
    limit: usize,
    bytes_received: u64,
    bytes_sent: u64,
    last_received: Instant,
    last_sent: Instant,
    /// What is received is confirmed, and was so far.
    confirmed: Option<u64>,
}

impl Channel {
    /// A channel to a peer that has been met at this time, with up to `limit` bytes of content in a
    /// frame.
    pub fn new(met: Met, limit: usize, now: Instant) -> Self {
        Self {
            seal: met.secret.map(Seal::new),
            input: FrameBuffer::new(limit),
            output: Outbox::default(),
            limit,
            bytes_received: 0,
            bytes_sent: 0,
            last_received: now,
            last_sent: now,
            confirmed: None,
        }
    }

    /// Keeps from now on what goes until the peer confirms it, and confirms what comes. Both sides are to do so, and can
    /// then go on over another connection ([`rewind`](Self::rewind)).
    pub fn keep(&mut self) {
        self.confirmed = Some(self.bytes_received);
        self.outgoing().keep(MOST_KEPT, 2 * CONFIRMED);
    }

    /// Goes on over another connection: what has gone and has not been received there goes once more. The peer says how
    /// many bytes it has received in all. `false` where what is missing is not kept.
    pub fn rewind(&mut self, received: u64) -> bool {
        let missing = self.bytes_sent.checked_sub(received);
        let missing = missing.and_then(|missing| usize::try_from(missing).ok());
        let is_kept = missing.is_some_and(|missing| self.outgoing().rewind(missing));
        if is_kept {
            self.bytes_sent = received;
        }
        is_kept
    }

    /// The bytes that go as they are.
    fn outgoing(&mut self) -> &mut Outbox {
        match &mut self.seal {
            None => &mut self.output,
            Some(seal) => &mut seal.leaving,
        }
    }

    /// Changes the limit for the frames to come, in both directions.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.input.set_limit(limit);
    }

    /// Whether the peer has shown the cluster's key, and everything is encrypted.
    pub fn is_secure(&self) -> bool {
        self.seal.is_some()
    }

    /// Appends a message to what is to be sent. On an error nothing is appended.
    pub fn queue(&mut self, message: &impl Serialize) -> Result<(), FrameError> {
        append_frame(&mut self.output.bytes, message, self.limit)
    }

    /// Appends a frame with this content, as it is.
    pub fn queue_content(&mut self, content: &[u8]) {
        append_content(&mut self.output.bytes, content);
    }

    /// Bytes that wait to be sent.
    pub fn unsent(&self) -> usize {
        let sealed = self.seal.as_ref().map_or(0, |s| s.leaving.rest().len());
        self.output.rest().len() + sealed
    }

    /// The bytes that go next; empty where nothing waits. There may be more once they have gone.
    pub fn transmit(&mut self) -> &[u8] {
        match &mut self.seal {
            None => self.output.rest(),
            Some(seal) => {
                if seal.leaving.is_empty() && !self.output.is_empty() {
                    seal.close(&mut self.output);
                }
                seal.leaving.rest()
            }
        }
    }

    /// So many of the bytes of [`transmit`](Self::transmit) have gone.
    pub fn sent(&mut self, count: usize, now: Instant) {
        self.outgoing().advance(count);
        self.bytes_sent += count as u64;
        self.last_sent = now;
    }

    /// Room for what arrives; never empty.
    pub fn room(&mut self) -> &mut [u8] {
        self.arriving().room()
    }

    /// So many bytes have been put into [`room`](Self::room).
    pub fn received(&mut self, count: usize, now: Instant) -> Result<(), ConnectionError> {
        self.arriving().filled(count);
        self.bytes_received += count as u64;
        self.last_received = now;
        if let Some(received) = self.input.take_confirmed() {
            let rest = self.bytes_sent.checked_sub(received);
            if let Some(rest) = rest.and_then(|rest| usize::try_from(rest).ok()) {
                self.outgoing().confirm(rest);
            }
        }
        if let Some(confirmed) = &mut self.confirmed
            && self.bytes_received - *confirmed >= CONFIRMED as u64
        {
            *confirmed = self.bytes_received;
            append_confirmation(&mut self.output.bytes, self.bytes_received);
        }
        match &mut self.seal {
            Some(seal) => Ok(seal.open(&mut self.input)?),
            None => Ok(()),
        }
    }

    fn arriving(&mut self) -> &mut FrameBuffer {
        match &mut self.seal {
            None => &mut self.input,
            Some(seal) => &mut seal.arriving,
        }
    }

    /// What it means that nothing arrives any more, because the peer has closed its side.
    pub fn end(&self) -> ConnectionError {
        let in_packet = self.seal.as_ref().is_some_and(|s| s.arriving.is_in_frame());
        if in_packet || self.input.is_in_frame() {
            ConnectionError::Cut
        } else {
            ConnectionError::Closed
        }
    }

    /// The next frame's content, once it is complete.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, FrameError> {
        self.input.next_frame()
    }

    /// Drops what has arrived and not been taken.
    pub fn clear(&mut self) {
        self.input.clear();
    }

    /// How long nothing has come from the peer.
    pub fn silent_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.last_received)
    }

    /// Whether a heartbeat of the peer is overdue.
    pub fn is_quiet(&self, now: Instant) -> bool {
        self.silent_for(now) > QUIET
    }

    /// How long nothing has gone to the peer.
    pub fn idle_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.last_sent)
    }

    /// Bytes received so far.
    pub fn bytes_received(&self) -> u64 {
        self.bytes_received
    }

    /// Bytes sent so far.
    pub fn bytes_sent(&self) -> u64 {
        self.bytes_sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::secrets;

    fn pair(limit: usize) -> (Channel, Channel) {
        let channel = || Channel::new(Met::unsecured(), limit, Instant::now());
        (channel(), channel())
    }

    fn secure_pair(limit: usize) -> (Channel, Channel) {
        let (a, b) = secrets();
        let channel = |met| Channel::new(met, limit, Instant::now());
        (channel(a), channel(b))
    }

    /// Carries everything over, so many bytes at a time.
    fn carry(from: &mut Channel, to: &mut Channel, most: usize) -> Result<(), ConnectionError> {
        let now = Instant::now();
        loop {
            let bytes = from.transmit();
            let room = to.room();
            let count = bytes.len().min(room.len()).min(most);
            if count == 0 {
                return Ok(());
            }
            room[..count].copy_from_slice(&bytes[..count]);
            from.sent(count, now);
            to.received(count, now)?;
        }
    }

    #[test]
    fn frames_cross_and_their_bytes_are_counted() {
        let (mut a, mut b) = pair(100);
        a.queue(&[1u8, 2, 3]).expect("fits");
        carry(&mut a, &mut b, 1).expect("sound");
        assert_eq!(b.next_frame(), Ok(Some(&[1, 2, 3][..])));
        assert_eq!((a.bytes_sent(), b.bytes_received()), (7, 7));
    }

    /// Frames of both sides, some of which are lost with a connection again and again.
    fn go_on_over_other_connections((mut a, mut b): (Channel, Channel)) {
        let now = Instant::now();
        a.keep();
        b.keep();
        let (mut sent, mut got) = ([0u32; 2], [0u32; 2]);
        let numbers = |channel: &mut Channel, got: &mut u32| {
            while let Some(frame) = channel.next_frame().expect("sound") {
                let (number, _) = postcard::from_bytes::<(u32, Vec<u8>)>(frame).expect("a message");
                assert_eq!(number, *got, "each once, in their order");
                *got += 1;
            }
        };
        for round in 0..200usize {
            for (channel, sent) in [&mut a, &mut b].into_iter().zip(&mut sent) {
                channel
                    .queue(&(*sent, vec![7u8; round * 13]))
                    .expect("fits");
                *sent += 1;
            }
            if round % 3 == 0 {
                // Some of it arrives, and the rest goes and is lost.
                carry(&mut a, &mut b, 1 + round % 7).expect("sound");
                for channel in [&mut a, &mut b] {
                    let gone = channel.transmit().len().min(round * 5);
                    channel.sent(gone, now);
                }
                let (by_a, by_b) = (a.bytes_received(), b.bytes_received());
                assert!(b.rewind(by_a) && a.rewind(by_b));
                a.queue(&(sent[0], vec![0u8; 1])).expect("fits");
                sent[0] += 1;
            }
            carry(&mut a, &mut b, 1000).expect("sound");
            carry(&mut b, &mut a, 1000).expect("sound");
            numbers(&mut a, &mut got[1]);
            numbers(&mut b, &mut got[0]);
        }
        assert_eq!(got, sent);
        let kept = |channel: &mut Channel| channel.outgoing().bytes.len();
        assert!(
            kept(&mut a).max(kept(&mut b)) < 100_000,
            "what is confirmed is not kept"
        );
    }

    #[test]
    fn channels_go_on_over_other_connections_without_a_byte_lost_or_twice() {
        go_on_over_other_connections(pair(10_000));
        go_on_over_other_connections(secure_pair(10_000));
    }

    #[test]
    fn what_is_not_kept_is_not_gone_on_with() {
        let now = Instant::now();
        let (mut a, mut b) = pair(MOST_KEPT * 2);
        a.queue(&[1u8]).expect("fits");
        carry(&mut a, &mut b, 100).expect("sound");
        a.keep();
        assert!(!a.rewind(0), "before it was to be kept");
        assert!(!a.rewind(1000), "has never gone");
        assert!(a.rewind(5));
        a.queue(&vec![0u8; MOST_KEPT]).expect("fits");
        while !a.transmit().is_empty() {
            let count = a.transmit().len();
            a.sent(count, now);
        }
        assert!(!a.rewind(5), "too much is under way");
        // Who confirms what has never gone is not believed.
        append_confirmation(&mut b.output.bytes, u64::MAX);
        append_confirmation(&mut b.output.bytes, 0);
        for _ in 0..2 {
            b.queue(&[2u8]).expect("fits");
            carry(&mut b, &mut a, 13).expect("sound");
            assert!(matches!(a.next_frame(), Ok(Some(_))));
            assert_eq!(a.next_frame(), Ok(None));
        }
        assert!(!a.rewind(5));
    }

    #[test]
    fn what_is_said_at_one_time_is_one_record() {
        let (mut a, mut b) = secure_pair(100);
        a.queue(&[1u8, 2, 3]).expect("fits");
        a.queue(&[4u8]).expect("fits");
        assert_eq!(a.unsent(), 7 + 5);
        carry(&mut a, &mut b, 3).expect("sound");
        assert_eq!(b.next_frame(), Ok(Some(&[1, 2, 3][..])));
        assert_eq!(b.next_frame(), Ok(Some(&[4][..])));
        let length = 4 + 12 + 16;
        assert_eq!((a.bytes_sent(), b.bytes_received()), (length, length));
        b.queue(&[5u8]).expect("fits");
        carry(&mut b, &mut a, 100).expect("sound");
        assert_eq!(a.next_frame(), Ok(Some(&[5][..])));
    }

    #[test]
    fn a_secure_channel_carries_frames_longer_than_a_record_and_hides_them() {
        let (mut a, mut b) = secure_pair(10_000_000);
        let message = vec![7u8; 500_000];
        a.queue(&message).expect("fits");
        assert!(!a.transmit().windows(8).any(|bytes| bytes == [7; 8]));
        carry(&mut a, &mut b, 100_000).expect("sound");
        let got = b.next_frame().expect("sound").expect("complete");
        assert_eq!(postcard::from_bytes::<Vec<u8>>(got), Ok(message));
    }

    #[test]
    fn an_end_in_a_frame_is_told_apart_from_one_between_frames() {
        for (mut a, mut b) in [pair(100), secure_pair(100)] {
            assert!(matches!(b.end(), ConnectionError::Closed));
            a.queue(&[1u8, 2, 3]).expect("fits");
            let first = a.transmit()[0];
            b.room()[0] = first;
            b.received(1, Instant::now()).expect("sound");
            assert!(matches!(b.end(), ConnectionError::Cut));
        }
    }

    #[test]
    fn a_record_that_was_changed_cut_or_repeated_is_not_opened() {
        type Change = fn(&mut Vec<u8>);
        let changes: [(&str, Change); 4] = [
            ("a changed byte", |packet| packet[10] ^= 1),
            ("a changed tag", |packet| {
                *packet.last_mut().expect("bytes") ^= 1;
            }),
            ("shorter than a tag", |packet| {
                *packet = vec![3, 0, 0, 0, 1, 2, 3];
            }),
            ("repeated", |packet| packet.extend_from_within(..)),
        ];
        for (what, change) in changes {
            let (mut a, mut b) = secure_pair(100);
            a.queue(&[1u8, 2, 3]).expect("fits");
            let mut packet = a.transmit().to_vec();
            change(&mut packet);
            b.room()[..packet.len()].copy_from_slice(&packet);
            let end = b.received(packet.len(), Instant::now());
            let end = end.expect_err("refused");
            assert!(matches!(end, ConnectionError::Forged), "{what}: {end}");
        }
    }
}
