//! Updates: what a controller says to whoever has started a node, to put another program in its place.
//!
//! A controller whose preamble says that it has come for this, and that has shown the cluster's key, says
//! [`Request`]s in frames, and gets an [`Answer`] to each. The node understands none of it but [`SESSIONS`], a byte
//! that it sets: it passes on what comes. This form never changes, so any two versions can update each other.

/// What each request and each answer begins with. No message of any version begins with it, so a node that knows
/// nothing of updates ends the connection.
const MARK: u8 = 0xfe;

/// The byte of a request in which the node says how many sessions it has; a controller says 0.
pub const SESSIONS: usize = 1;

/// The bytes of a request by which its answer is known: they are the same in both.
pub const NAMED: std::ops::Range<usize> = 2..HEADER;

/// The longest answer.
pub const MAX_ANSWER: usize = 1024;

/// The longest piece of a program.
pub const MAX_PIECE: usize = 8000;

/// The longest program.
pub const MAX_PROGRAM: usize = 7 << 20;

/// The longest name of a release.
pub const MAX_RELEASE: usize = 64;

/// Mark, sessions or outcome, what is wanted, flag, and the number of the conversation.
const HEADER: usize = 12;

/// The SHA-256 of a program.
pub type Digest = [u8; 32];

/// Something that a controller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// How many sessions the node has, as it has said itself.
    pub sessions: u8,
    /// Whether these may be ended.
    pub force: bool,
    /// The conversation: a random number. Answers repeat it.
    pub conversation: u64,
    /// What is wanted.
    pub wanted: Wanted<'a>,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// To know what runs there: [`Running`].
    Running,
    /// To send a program.
    Begin {
        /// Its length.
        length: u32,
        /// Its digest.
        digest: Digest,
        /// Its release.
        release: &'a str,
    },
    /// To send the next piece of it.
    Piece(&'a [u8]),
    /// To have it tried, since this is all.
    Try,
    /// To have it kept that is being tried.
    Keep(Digest),
}

impl Wanted<'_> {
    const fn number(&self) -> u8 {
        match self {
            Self::Running => 0,
            Self::Begin { .. } => 1,
            Self::Piece(_) => 2,
            Self::Try => 3,
            Self::Keep(_) => 4,
        }
    }
}

impl<'a> Request<'a> {
    /// The bytes of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, force) = (self.wanted.number(), u8::from(self.force));
        let mut bytes = vec![MARK, self.sessions, kind, force];
        bytes.extend_from_slice(&self.conversation.to_le_bytes());
        match self.wanted {
            Wanted::Running | Wanted::Try => {}
            Wanted::Begin {
                length,
                digest,
                release,
            } => {
                bytes.extend_from_slice(&length.to_le_bytes());
                bytes.extend_from_slice(&digest);
                bytes.extend_from_slice(release.as_bytes());
            }
            Wanted::Piece(piece) => bytes.extend_from_slice(piece),
            Wanted::Keep(digest) => bytes.extend_from_slice(&digest),
        }
        bytes
    }

    /// Reads one; `None` where it is none that this side knows.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (header, body) = bytes.split_first_chunk::<HEADER>()?;
        let &[MARK, sessions, kind, force, ref conversation @ ..] = header else {
            return None;
        };
        let wanted = match kind {
            0 => Wanted::Running,
            1 => {
                let (length, body) = body.split_first_chunk()?;
                let (&digest, release) = body.split_first_chunk()?;
                let release = str::from_utf8(release).ok();
                Wanted::Begin {
                    length: u32::from_le_bytes(*length),
                    digest,
                    release: release.filter(|release| release.len() <= MAX_RELEASE)?,
                }
            }
            2 => Wanted::Piece(body),
            3 => Wanted::Try,
            4 => Wanted::Keep(*body.first_chunk()?),
            _ => return None,
        };
        Some(Self {
            sessions,
            force: force != 0,
            conversation: u64::from_le_bytes(*conversation),
            wanted,
        })
    }

    /// The bytes of an answer to this request.
    pub fn answer(&self, answer: &Answer) -> Vec<u8> {
        let mut bytes = self.to_bytes();
        bytes.truncate(HEADER);
        match answer {
            Answer::Refused(reason) => {
                bytes[1] = 1;
                bytes.extend_from_slice(reason.as_bytes());
            }
            Answer::Done => bytes[1] = 0,
            Answer::Running(running) => {
                bytes[1] = 0;
                bytes.extend_from_slice(&[running.state as u8, running.sessions]);
                bytes.extend_from_slice(&running.digest);
                let texts = [&running.processor, &running.release, &running.note];
                bytes.extend(texts.map(|text| text.replace('\n', " ")).join("\n").bytes());
            }
        }
        bytes.truncate(MAX_ANSWER);
        bytes
    }

    /// Reads the answer to this request; `None` where it is none.
    pub fn read_answer(&self, bytes: &[u8]) -> Option<Answer> {
        let (header, body) = bytes.split_first_chunk::<HEADER>()?;
        let own = self.to_bytes();
        if header[0] != MARK || own.get(NAMED) != header.get(NAMED) {
            return None;
        }
        if header[1] != 0 {
            return Some(Answer::Refused(String::from_utf8_lossy(body).into_owned()));
        }
        if !matches!(self.wanted, Wanted::Running) {
            return Some(Answer::Done);
        }
        let (&[state, sessions], body) = body.split_first_chunk()?;
        let (&digest, texts) = body.split_first_chunk()?;
        let texts = String::from_utf8_lossy(texts);
        // Another version may have more to say.
        let mut texts = texts.split('\n').map(str::to_owned);
        Some(Answer::Running(Running {
            state: match state {
                0 => State::Settled,
                1 => State::Due,
                _ => State::OnTrial,
            },
            sessions,
            digest,
            processor: texts.next()?,
            release: texts.next()?,
            note: texts.next()?,
        }))
    }
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is not done, for this reason.
    Refused(String),
    /// It is done.
    Done,
    /// What runs there.
    Running(Running),
}

/// What runs there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// Whether that is to stay.
    pub state: State,
    /// How many sessions the node has.
    pub sessions: u8,
    /// The program.
    pub digest: Digest,
    /// For which processor programs have to be, such as `aarch64`.
    pub processor: String,
    /// The release of the program.
    pub release: String,
    /// What became of the last program that was tried, and was not kept.
    pub note: String,
}

/// Whether what runs is to stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It is.
    #[default]
    Settled,
    /// Another program is about to be tried in its place.
    Due,
    /// It is being tried, and ends unless it is to be kept.
    OnTrial,
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONVERSATION: u64 = 0x0102_0304_0506_0708;

    fn request(wanted: Wanted<'_>) -> Request<'_> {
        Request {
            sessions: 0,
            force: false,
            conversation: CONVERSATION,
            wanted,
        }
    }

    #[test]
    fn each_request_has_its_bytes() {
        let named = [8, 7, 6, 5, 4, 3, 2, 1];
        let begin = Wanted::Begin {
            length: 258,
            digest: [9; 32],
            release: "0.2",
        };
        let begun = [&[2, 1, 0, 0][..], &[9; 32], b"0.2"].concat();
        for (wanted, kind, body) in [
            (Wanted::Running, 0, &[][..]),
            (begin, 1, &begun),
            (Wanted::Piece(&[1, 2, 3]), 2, &[1, 2, 3]),
            (Wanted::Try, 3, &[]),
            (Wanted::Keep([7; 32]), 4, &[7; 32]),
        ] {
            let bytes = [&[0xfe, 0, kind, 0][..], &named, body].concat();
            assert_eq!(request(wanted).to_bytes(), bytes);
            assert_eq!(Request::read(&bytes), Some(request(wanted)));
        }
        let forced = Request {
            sessions: 3,
            force: true,
            ..request(Wanted::Try)
        };
        let bytes = [&[0xfe, 3, 3, 1][..], &named].concat();
        assert_eq!(forced.to_bytes(), bytes);
        assert_eq!(Request::read(&bytes), Some(forced));
    }

    #[test]
    fn each_answer_has_its_bytes() {
        let running = Running {
            state: State::OnTrial,
            sessions: 2,
            digest: [5; 32],
            processor: "aarch64".to_owned(),
            release: "0.1.0".to_owned(),
            note: "it ended".to_owned(),
        };
        let named = [8, 7, 6, 5, 4, 3, 2, 1];
        let body = [&[2, 2][..], &[5; 32], b"aarch64\n0.1.0\nit ended"].concat();
        for (wanted, kind, outcome, answer, body) in [
            (
                Wanted::Running,
                0,
                0,
                Answer::Running(running),
                body.as_slice(),
            ),
            (Wanted::Try, 3, 0, Answer::Done, &[]),
            (
                Wanted::Try,
                3,
                1,
                Answer::Refused("no".to_owned()),
                &b"no"[..],
            ),
        ] {
            let request = request(wanted);
            let bytes = [&[0xfe, outcome, kind, 0][..], &named, body].concat();
            assert_eq!(request.answer(&answer), bytes);
            assert_eq!(request.read_answer(&bytes), Some(answer));
            for length in 0..HEADER {
                assert_eq!(request.read_answer(&bytes[..length]), None);
            }
        }
    }

    #[test]
    fn what_is_no_request_and_no_answer_to_it_is_known() {
        let bytes = request(Wanted::Keep([7; 32])).to_bytes();
        for length in 0..bytes.len() {
            assert_eq!(Request::read(&bytes[..length]), None);
        }
        let mut other = request(Wanted::Try).to_bytes();
        other[2] = 5;
        assert_eq!(Request::read(&other), None);
        other[0] = 0;
        assert_eq!(Request::read(&other), None);
        let late = Request {
            conversation: 1,
            ..request(Wanted::Try)
        };
        assert_eq!(
            request(Wanted::Try).read_answer(&late.answer(&Answer::Done)),
            None
        );
        let long = Wanted::Begin {
            length: 1,
            digest: [0; 32],
            release: &"x".repeat(MAX_RELEASE + 1),
        };
        assert_eq!(Request::read(&request(long).to_bytes()), None);
        let reason = Answer::Refused("x".repeat(2 * MAX_ANSWER));
        assert_eq!(request(Wanted::Try).answer(&reason).len(), MAX_ANSWER);
    }
}
