//! Which board it is that is plugged in, and what is wrong with it.

use std::time::Duration;

/// A board that is to be plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Its program.
    pub kind: Kind,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// The program of a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reads a text, answers its id.
    Text {
        /// What it answers.
        id: String,
    },
    /// Acknowledges five bytes, then says its id and its role.
    Bytes {
        /// What it says.
        id: u8,
        /// 2 if it drives the strip, 1 if not.
        role: u8,
    },
    /// Answers the same to everything.
    Scripted {
        /// What it answers.
        answer: Vec<u8>,
        /// What is there before it was asked.
        at_open: Vec<u8>,
        /// How long an answer takes.
        after: Duration,
    },
}

/// What is wrong with a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It reads and shows, and never answers.
    Silent,
    /// It reads nothing, so that writing stops.
    Deaf,
    /// An answer takes so much longer.
    Slow(Duration),
    /// It answers bytes without sense.
    Garbage,
    /// It is pulled when it has read a command, before it answers.
    GoneMidway,
}

impl Setup {
    /// A board that reads text.
    pub fn text(id: &str) -> Self {
        Self::of(Kind::Text { id: id.to_owned() })
    }

    /// A board that acknowledges bytes, and drives the strip.
    pub fn bytes(id: u8) -> Self {
        Self::of(Kind::Bytes { id, role: 2 })
    }

    /// A board that answers the same to everything.
    pub fn scripted(answer: &[u8]) -> Self {
        Self::of(Kind::Scripted {
            answer: answer.to_vec(),
            at_open: Vec::new(),
            after: Duration::from_millis(12),
        })
    }

    fn of(kind: Kind) -> Self {
        Self { kind, fault: None }
    }

    /// What it says it is; nothing where that is none of its business.
    pub(crate) fn id(&self) -> String {
        match &self.kind {
            Kind::Text { id } => id.clone(),
            Kind::Bytes { id, .. } => id.to_string(),
            Kind::Scripted { .. } => String::new(),
        }
    }

    /// The same with a fault.
    #[must_use]
    pub fn with(self, fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..self
        }
    }
}
