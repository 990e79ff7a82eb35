//! What becomes of an update: which program arrives, is tried, and is kept. Without processes, sockets and clocks.

use std::env::consts::ARCH;
use std::mem;
use std::time::{Duration, Instant};

use image::slots::{Kept, digest};
use shared::wire::update::{Answer, Digest, MAX_PROGRAM, Request, Running, State, Wanted};

/// How long a program is tried: unless it is to be kept by then, the old one is back.
pub const TRIAL: Duration = Duration::from_secs(60);

/// How long the old one has to pass on that another one will be tried.
const FAREWELL: Duration = Duration::from_millis(500);

/// After so long without a piece somebody else may send a program.
const SILENCE: Duration = Duration::from_secs(10);

/// A program that arrives.
#[derive(Debug)]
struct Arriving {
    conversation: u64,
    length: usize,
    program: Kept,
    last: Instant,
}

/// What is under way.
#[derive(Debug, Default)]
enum Stage {
    /// Nothing.
    #[default]
    Settled,
    /// A program arrives.
    Arriving(Arriving),
    /// It has arrived, and is to be tried from then on.
    Due(Kept, Instant),
    /// It is being tried until then.
    OnTrial(Kept, Instant),
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing.
    Stay,
    /// This program is to be started in place of the one that runs.
    Try(Kept),
    /// The one before is to be started again.
    Back,
}

/// Updates of a node.
#[derive(Debug)]
pub struct Updates {
    stage: Stage,
    /// The program that runs, unless another one is tried.
    digest: Digest,
    release: String,
    /// What became of the last one that was not kept.
    note: String,
    trial: Duration,
}

impl Updates {
    /// Of a node that runs this program, with so long a trial for others.
    pub fn new(digest: Digest, release: String, trial: Duration) -> Self {
        Self {
            stage: Stage::Settled,
            digest,
            release,
            note: String::new(),
            trial,
        }
    }

    /// This program runs now, and why it does.
    pub fn settle(&mut self, digest: Digest, release: String, note: String) {
        (self.digest, self.release, self.note) = (digest, release, note);
    }

    /// The program on trial has ended, or could not be started.
    pub fn failed(&mut self, how: &str) {
        if let Stage::OnTrial(program, _) = mem::take(&mut self.stage) {
            self.note = format!("the node of release {} {how}", program.release);
        }
    }

    /// What is to be done now.
    pub fn turn(&mut self, now: Instant) -> Turn {
        match mem::take(&mut self.stage) {
            Stage::Due(program, at) if now >= at => {
                self.stage = Stage::OnTrial(program.clone(), now + self.trial);
                Turn::Try(program)
            }
            Stage::OnTrial(program, until) if now >= until => {
                self.note = format!(
                    "nobody could use the node of release {} within {} s",
                    program.release,
                    self.trial.as_secs()
                );
                Turn::Back
            }
            stage => {
                self.stage = stage;
                Turn::Stay
            }
        }
    }

    /// The answer to what has come through the node that runs; `None` where that is no request. `keep` makes a program
    /// last.
    pub fn answer(
        &mut self,
        bytes: &[u8],
        now: Instant,
        keep: impl FnOnce(&Kept) -> Result<(), String>,
    ) -> Option<Vec<u8>> {
        let request = Request::read(bytes)?;
        let answer = match request.wanted {
            Wanted::Running => Ok(Answer::Running(self.running(request.sessions))),
            Wanted::Begin { .. } => self.begin(&request, now).map(|()| Answer::Done),
            Wanted::Piece(piece) => self.take(&request, piece, now).map(|()| Answer::Done),
            Wanted::Try => self.complete(&request, now).map(|()| Answer::Done),
            Wanted::Keep(digest) => self.keep(digest, now, keep).map(|()| Answer::Done),
        };
        Some(request.answer(&answer.unwrap_or_else(Answer::Refused)))
    }

    fn running(&self, sessions: u8) -> Running {
        let (state, digest, release) = match &self.stage {
            Stage::OnTrial(program, _) => (State::OnTrial, program.digest, &program.release),
            Stage::Due(..) => (State::Due, self.digest, &self.release),
            _ => (State::Settled, self.digest, &self.release),
        };
        Running {
            state,
            sessions,
            digest,
            processor: ARCH.to_owned(),
            release: release.clone(),
            note: self.note.clone(),
        }
    }

    fn begin(&mut self, request: &Request<'_>, now: Instant) -> Result<(), String> {
        let Wanted::Begin {
            length,
            digest,
            release,
        } = request.wanted
        else {
            return Ok(());
        };
        check_sessions(request)?;
        match &self.stage {
            Stage::Settled => {}
            Stage::Arriving(arriving)
                if arriving.conversation == request.conversation
                    || now.saturating_duration_since(arriving.last) >= SILENCE => {}
            _ => return Err("another update is under way; deploy again in a minute".to_owned()),
        }
        let length = length as usize;
        if length > MAX_PROGRAM {
            return Err(format!(
                "a program of {length} bytes is too long: there is room for {MAX_PROGRAM}"
            ));
        }
        let release = release.to_owned();
        self.stage = Stage::Arriving(Arriving {
            conversation: request.conversation,
            length,
            program: Kept {
                release,
                digest,
                program: Vec::new(),
            },
            last: now,
        });
        Ok(())
    }

    /// The program that arrives in this conversation.
    fn arriving(&mut self, request: &Request<'_>) -> Result<&mut Arriving, String> {
        match &mut self.stage {
            Stage::Arriving(arriving) if arriving.conversation == request.conversation => {
                Ok(arriving)
            }
            _ => Err("no program was announced; deploy again".to_owned()),
        }
    }

    fn take(&mut self, request: &Request<'_>, piece: &[u8], now: Instant) -> Result<(), String> {
        let arriving = self.arriving(request)?;
        arriving.last = now;
        if piece.len() > arriving.length - arriving.program.program.len() {
            self.stage = Stage::Settled;
            return Err("more has come than was announced; deploy again".to_owned());
        }
        arriving.program.program.extend_from_slice(piece);
        Ok(())
    }

    /// Takes a program that has arrived as the one to try, if it is what it should be.
    fn complete(&mut self, request: &Request<'_>, now: Instant) -> Result<(), String> {
        self.arriving(request)?;
        check_sessions(request)?;
        let Stage::Arriving(Arriving {
            length, program, ..
        }) = mem::take(&mut self.stage)
        else {
            return Ok(());
        };
        let come = program.program.len();
        if come < length {
            return Err(format!(
                "of {length} bytes only {come} have come; deploy again"
            ));
        }
        if digest(&program.program) != program.digest {
            return Err("what has come is not what was sent; deploy again".to_owned());
        }
        if !is_for(&program.program, ARCH) {
            return Err(format!(
                "that is no program for the processor there, which is {ARCH}"
            ));
        }
        self.note.clear();
        self.stage = Stage::Due(program, now + FAREWELL);
        Ok(())
    }

    fn keep(
        &mut self,
        digest: Digest,
        now: Instant,
        keep: impl FnOnce(&Kept) -> Result<(), String>,
    ) -> Result<(), String> {
        let Stage::OnTrial(program, until) = &mut self.stage else {
            return Err("that is not being tried any more; deploy again".to_owned());
        };
        if program.digest != digest {
            return Err("another program is being tried; deploy again in a minute".to_owned());
        }
        match keep(program) {
            Ok(()) => {
                self.digest = digest;
                self.release = mem::take(&mut program.release);
                self.stage = Stage::Settled;
                Ok(())
            }
            Err(reason) => {
                // What would be gone with the next start is not to stay until then.
                *until = now;
                Err(reason)
            }
        }
    }
}

fn check_sessions(request: &Request<'_>) -> Result<(), String> {
    match request.sessions {
        sessions if sessions > 0 && !request.force => Err(format!(
            "the node has sessions ({sessions}); wait for the end of that, or end it with --force"
        )),
        _ => Ok(()),
    }
}

/// A flag of programs for ARM with 32 bits that hand floats over in registers for floats.
const HARD_FLOAT: (usize, u8) = (37, 0x04);

/// Whether a file is a program for a processor.
fn is_for(program: &[u8], processor: &str) -> bool {
    let own: (u8, u16) = match processor {
        "aarch64" => (2, 183),
        "arm" => (1, 40),
        _ => (2, 62),
    };
    let [0x7f, b'E', b'L', b'F', class, _, rest @ ..] = program else {
        return false;
    };
    let machine = rest.get(12..14).map(|machine| [machine[0], machine[1]]);
    // Those of ours are for ARMv7, whose instructions a Pi 1 and a Zero do not have; the other ones run on all.
    let is_armv7 = processor == "arm"
        && program
            .get(HARD_FLOAT.0)
            .is_some_and(|flags| flags & HARD_FLOAT.1 != 0);
    (*class, machine) == (own.0, Some(own.1.to_le_bytes())) && !is_armv7
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Updates in virtual time, and what a controller says to them.
    struct Rig {
        updates: Updates,
        now: Instant,
        sessions: u8,
        force: bool,
        kept: Cell<u32>,
        card: Result<(), String>,
    }

    impl Rig {
        fn new() -> Self {
            Self {
                updates: Updates::new([1; 32], "old".to_owned(), TRIAL),
                now: Instant::now(),
                sessions: 0,
                force: false,
                kept: Cell::new(0),
                card: Ok(()),
            }
        }

        fn say(&mut self, conversation: u64, wanted: Wanted<'_>) -> Answer {
            let request = Request {
                sessions: self.sessions,
                force: self.force,
                conversation,
                wanted,
            };
            let answer = self
                .updates
                .answer(&request.to_bytes(), self.now, |_| {
                    self.kept.set(self.kept.get() + 1);
                    self.card.clone()
                })
                .expect("a request");
            request.read_answer(&answer).expect("its answer")
        }

        fn refused(&mut self, conversation: u64, wanted: Wanted<'_>) -> String {
            match self.say(conversation, wanted) {
                Answer::Refused(reason) => reason,
                other => panic!("{other:?}"),
            }
        }

        fn running(&mut self) -> (State, Digest, String) {
            match self.say(9, Wanted::Running) {
                Answer::Running(running) => (running.state, running.digest, running.note),
                other => panic!("{other:?}"),
            }
        }

        fn begin(&mut self, program: &[u8]) -> Answer {
            self.say(1, begin(program, digest(program)))
        }

        fn send(&mut self, program: &[u8]) {
            assert_eq!(self.begin(program), Answer::Done);
            for piece in program.chunks(7) {
                assert_eq!(self.say(1, Wanted::Piece(piece)), Answer::Done);
            }
        }

        /// Sends a program, and has it started.
        fn tried(&mut self) {
            let program = program();
            self.send(&program);
            assert_eq!(self.say(1, Wanted::Try), Answer::Done);
            assert_eq!(self.updates.turn(self.now), Turn::Stay, "it says goodbye");
            assert_eq!(self.running().0, State::Due);
            self.now += FAREWELL;
            let turn = self.updates.turn(self.now);
            assert!(matches!(&turn, Turn::Try(kept) if kept.program == program));
            assert_eq!(self.running().0, State::OnTrial);
        }
    }

    fn begin(program: &[u8], digest: Digest) -> Wanted<'static> {
        Wanted::Begin {
            length: u32::try_from(program.len()).expect("short"),
            digest,
            release: "new",
        }
    }

    /// The beginning of this very test, which is a program for this processor.
    fn program() -> Vec<u8> {
        let own = std::env::current_exe().and_then(std::fs::read);
        own.expect("a program")[..100].to_vec()
    }

    #[test]
    fn a_program_for_armv7_is_none_for_all_pis_with_32_bits() {
        let mut program = [0; 52];
        program[..5].copy_from_slice(b"\x7fELF\x01");
        program[18] = 40;
        program[36..40].copy_from_slice(&0x0500_0200_u32.to_le_bytes());
        assert!(is_for(&program, "arm") && !is_for(&program, "aarch64"));
        program[36..40].copy_from_slice(&0x0500_0400_u32.to_le_bytes());
        assert!(!is_for(&program, "arm"));
    }

    #[test]
    fn a_program_that_is_confirmed_is_kept() {
        let mut rig = Rig::new();
        rig.tried();
        rig.now += TRIAL / 2;
        assert_eq!(rig.updates.turn(rig.now), Turn::Stay);
        let new = digest(&program());
        assert!(
            rig.refused(1, Wanted::Keep([3; 32]))
                .contains("another program")
        );
        assert_eq!(rig.kept.get(), 0);
        assert_eq!(rig.say(2, Wanted::Keep(new)), Answer::Done);
        assert_eq!(rig.kept.get(), 1);
        assert_eq!(rig.running(), (State::Settled, new, String::new()));
        rig.now += TRIAL;
        assert_eq!(rig.updates.turn(rig.now), Turn::Stay);
        rig.updates.failed("has ended");
        assert_eq!(rig.running().1, new);
    }

    #[test]
    fn a_program_that_hangs_gives_way_to_the_old_one_after_a_minute() {
        let mut rig = Rig::new();
        rig.tried();
        rig.now += TRIAL;
        assert_eq!(rig.updates.turn(rig.now), Turn::Back);
        let (state, digest, note) = rig.running();
        assert_eq!((state, digest), (State::Settled, [1; 32]));
        assert_eq!(note, "nobody could use the node of release new within 60 s");
        let keep = Wanted::Keep(super::digest(&program()));
        assert!(rig.refused(1, keep).contains("not being tried any more"));
        assert_eq!(rig.kept.get(), 0);
        rig.tried();
    }

    #[test]
    fn a_program_that_ends_gives_way_to_the_old_one_at_once() {
        let mut rig = Rig::new();
        rig.tried();
        rig.updates.failed("has ended (exit status: 1)");
        let (state, digest, note) = rig.running();
        assert_eq!((state, digest), (State::Settled, [1; 32]));
        assert_eq!(note, "the node of release new has ended (exit status: 1)");
        rig.now += TRIAL;
        assert_eq!(rig.updates.turn(rig.now), Turn::Stay);
    }

    #[test]
    fn what_the_card_does_not_take_does_not_stay() {
        let mut rig = Rig::new();
        rig.card = Err("the card is broken".to_owned());
        rig.tried();
        let reason = rig.refused(1, Wanted::Keep(digest(&program())));
        assert_eq!(reason, "the card is broken");
        assert_eq!(rig.updates.turn(rig.now), Turn::Back);
        assert_eq!(rig.running().1, [1; 32]);
    }

    #[test]
    fn what_is_not_what_was_announced_is_never_tried() {
        let mut rig = Rig::new();
        let program = program();
        assert!(rig.refused(1, Wanted::Try).contains("no program"));
        assert!(rig.refused(1, Wanted::Piece(b"x")).contains("no program"));
        rig.begin(&program);
        rig.say(1, Wanted::Piece(&program[..50]));
        assert!(rig.refused(1, Wanted::Try).contains("only 50 have come"));
        rig.send(&program);
        assert!(
            rig.refused(1, Wanted::Piece(b"x"))
                .contains("more has come")
        );
        assert!(rig.refused(1, Wanted::Try).contains("no program"));
        rig.say(1, begin(&program, [3; 32]));
        rig.say(1, Wanted::Piece(&program));
        assert!(rig.refused(1, Wanted::Try).contains("not what was sent"));
        for (at, byte) in [(0, 0), (4, 1), (18, 99)] {
            let mut other = program.clone();
            other[at] = byte;
            rig.send(&other);
            assert!(rig.refused(1, Wanted::Try).contains("no program for"));
        }
        rig.send(b"");
        assert!(rig.refused(1, Wanted::Try).contains("no program for"));
        let long = vec![0; MAX_PROGRAM + 1];
        assert!(matches!(rig.begin(&long), Answer::Refused(why) if why.contains("too long")));
        rig.now += TRIAL;
        assert_eq!(rig.updates.turn(rig.now), Turn::Stay);
        assert!(rig.updates.answer(b"x", rig.now, |_| Ok(())).is_none());
    }

    #[test]
    fn a_program_that_is_sent_by_one_is_not_mixed_with_that_of_another() {
        let mut rig = Rig::new();
        let program = program();
        rig.begin(&program);
        let other = begin(&program, digest(&program));
        assert!(rig.refused(2, other).contains("under way"));
        assert!(rig.refused(2, Wanted::Piece(b"x")).contains("no program"));
        rig.now += SILENCE;
        assert_eq!(rig.say(2, other), Answer::Done);
        assert!(rig.refused(1, Wanted::Piece(b"x")).contains("no program"));
        let mut rig = Rig::new();
        rig.tried();
        assert!(rig.refused(2, other).contains("under way"));
    }

    #[test]
    fn sessions_are_ended_by_force_only() {
        let mut rig = Rig::new();
        rig.sessions = 2;
        let program = program();
        let begin = begin(&program, digest(&program));
        assert!(rig.refused(1, begin).contains("(2); wait for the end"));
        rig.sessions = 0;
        rig.send(&program);
        rig.sessions = 1;
        assert!(
            rig.refused(1, Wanted::Try)
                .contains("(1); wait for the end")
        );
        rig.force = true;
        assert_eq!(rig.say(1, Wanted::Try), Answer::Done);
    }
}
