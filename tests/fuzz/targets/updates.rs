//! Requests of updates, as they come to the first process of a Pi: what is understood is written again and means the
//! same, and whatever comes in whatever order, what is tried and kept is what was sent.
//!
//! The first byte of a step says what happens, the second one how many bytes of the rest belong to it.

#![no_main]

use std::time::{Duration, Instant};

use image::slots::digest;
use init::{TRIAL, Turn, Updates};
use libfuzzer_sys::fuzz_target;
use shared::wire::update::{
    Answer, MAX_ANSWER, MAX_PROGRAM, MAX_RELEASE, Request, Running, State, Wanted,
};

const OLD: [u8; 32] = [1; 32];

fuzz_target!(|bytes: &[u8]| {
    let mut pi = Pi {
        updates: Updates::new(OLD, "old".to_owned(), TRIAL),
        now: Instant::now(),
        on_trial: None,
    };
    let mut rest = bytes;
    while let [happens, length, more @ ..] = rest {
        let (content, more) = more.split_at(more.len().min(usize::from(*length)));
        match happens % 5 {
            0 => pi.hear(content),
            1 => pi.send_whole(content, happens & 0x80 != 0),
            2 => pi.confirm(content),
            3 => pi.wait(Duration::from_secs(u64::from(*length))),
            _ => {
                pi.updates.failed("has ended");
                pi.on_trial = None;
            }
        }
        rest = more;
    }
});

/// A Pi in virtual time.
struct Pi {
    updates: Updates,
    now: Instant,
    /// The digest of what is tried.
    on_trial: Option<[u8; 32]>,
}

impl Pi {
    /// A packet comes.
    fn hear(&mut self, packet: &[u8]) {
        let understood = Request::read(packet);
        let (on_trial, mut kept) = (self.on_trial, false);
        let answer = self.updates.answer(packet, self.now, |program| {
            assert_eq!(Some(program.digest), on_trial, "only what is tried is kept");
            kept = true;
            Ok(())
        });
        if kept {
            self.on_trial = None;
        }
        assert_eq!(answer.is_some(), understood.is_some());
        let (Some(request), Some(answer)) = (understood, answer) else {
            return;
        };
        assert_eq!(Request::read(&request.to_bytes()), Some(request));
        assert!(answer.len() <= MAX_ANSWER);
        match request.read_answer(&answer).expect("its answer") {
            Answer::Running(running) => self.check(&running),
            Answer::Done | Answer::Refused(_) => {}
        }
        // The other side hears anything as well.
        let _ = request.read_answer(packet);
    }

    fn check(&self, running: &Running) {
        let is_on_trial = running.state == State::OnTrial;
        assert_eq!(is_on_trial, self.on_trial.is_some());
        assert!(running.release.len() <= MAX_RELEASE);
        if let Some(digest) = self.on_trial {
            assert_eq!(running.digest, digest);
        }
    }

    fn say(&mut self, wanted: Wanted<'_>) {
        let request = Request {
            sessions: 0,
            force: false,
            conversation: 7,
            wanted,
        };
        self.hear(&request.to_bytes());
    }

    /// A program comes, with what programs for this processor begin with, or without.
    fn send_whole(&mut self, content: &[u8], is_program: bool) {
        let mut program = Vec::new();
        if is_program {
            program.extend_from_slice(b"\x7fELF\x02\x01");
            program.resize(18, 0);
            program.extend_from_slice(&[62, 0]);
        }
        program.extend_from_slice(content);
        self.say(Wanted::Begin {
            length: u32::try_from(program.len()).expect("short"),
            digest: digest(&program),
            release: "new",
        });
        for piece in program.chunks(100) {
            self.say(Wanted::Piece(piece));
        }
        self.say(Wanted::Try);
    }

    /// What is tried is to be kept, or something else.
    fn confirm(&mut self, content: &[u8]) {
        let other = content.first_chunk().copied();
        let digest = other.or(self.on_trial).unwrap_or(OLD);
        self.say(Wanted::Keep(digest));
    }

    /// Time passes.
    fn wait(&mut self, time: Duration) {
        self.now += time;
        match self.updates.turn(self.now) {
            Turn::Stay => {}
            Turn::Try(program) => {
                assert!(program.program.len() <= MAX_PROGRAM);
                assert_eq!(digest(&program.program), program.digest);
                self.on_trial = Some(program.digest);
            }
            Turn::Back => assert!(self.on_trial.take().is_some(), "nothing was tried"),
        }
        self.say(Wanted::Running);
    }
}
