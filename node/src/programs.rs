//! Questions about programs, for a bridge: who may use the node may have it start some, and run their units as
//! models.
//!
//! What is asked and answered is the business of whoever has the programs; here are the sockets. A conversation
//! has a thread of its own, because an answer may take as long as a program needs to start.

use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;

use shared::model::TypeRef;
use shared::wire::{ConnectionError, FILE_PIECE, FrameError, ToController, ToNode, decode};
use smol::channel::{Receiver, unbounded};
use transport::Connection;

/// The longest question, in bytes.
const MAX_QUESTION: usize = 64 * 1024 * 1024;

/// Programs that models can be made of.
pub trait Programs: Send + Sync {
    /// The types of the units that can be run now.
    fn units(&self) -> Vec<TypeRef>;

    /// Begins a conversation with somebody who may use the node.
    fn converse(&self) -> Box<dyn Conversation>;
}

/// A conversation about programs. What it has started ends with it, as far as no session has it.
pub trait Conversation: Send {
    /// Answers a question, with as many messages as it likes.
    fn answer(&mut self, question: &[u8], say: &mut dyn FnMut(Vec<u8>));
}

/// A question that arrives in pieces.
#[derive(Default)]
pub(crate) struct Question {
    content: Vec<u8>,
    is_whole: bool,
}

impl Question {
    /// A question that begins with this piece.
    pub(crate) fn begin(last: bool, content: &[u8]) -> Self {
        Self {
            content: content.to_vec(),
            is_whole: last,
        }
    }

    /// Takes the next piece.
    fn take(&mut self, last: bool, content: &[u8]) -> Result<(), ConnectionError> {
        if self.content.len() + content.len() > MAX_QUESTION {
            return Err(FrameError::Malformed.into());
        }
        self.content.extend_from_slice(content);
        self.is_whole = last;
        Ok(())
    }
}

/// Has a conversation over a connection, to its end.
pub(crate) async fn converse(
    programs: &dyn Programs,
    mut connection: Connection<TcpStream>,
    first: Question,
) {
    let (asked, questions) = mpsc::channel();
    let (said, answers) = unbounded();
    let mut conversation = programs.converse();
    let answering = thread::Builder::new().name("programs".to_owned());
    let answering = answering.spawn(move || {
        while let Ok(question) = questions.recv() {
            let question: Vec<u8> = question;
            // Where the other side has gone, nobody wants to hear it.
            conversation.answer(&question, &mut |answer| drop(said.try_send(answer)));
        }
    });
    if answering.is_ok() {
        // However it ends, there is nothing more to be done: the thread sees that nobody asks any more.
        let _ = exchange(&mut connection, first, &asked, &answers).await;
    }
}

/// Passes on questions and answers until the connection ends.
async fn exchange(
    connection: &mut Connection<TcpStream>,
    mut question: Question,
    asked: &mpsc::Sender<Vec<u8>>,
    answers: &Receiver<Vec<u8>>,
) -> Result<(), ConnectionError> {
    loop {
        if question.is_whole {
            // It is there as long as this end is.
            let _ = asked.send(std::mem::take(&mut question).content);
        }
        while let Some(frame) = connection.next_frame()? {
            match decode(frame)? {
                ToNode::Ask { last, content } => question.take(last, content)?,
                ToNode::Alive => {}
                ToNode::Close => return Ok(()),
                _ => return Err(FrameError::Malformed.into()),
            }
            if question.is_whole {
                break;
            }
        }
        if question.is_whole {
            continue;
        }
        let answer = async { Ok(answers.recv().await.ok()) };
        let turn = async { connection.turn().await.map(|()| None) };
        if let Some(answer) = smol::future::or(turn, answer).await? {
            queue(connection, &answer)?;
        }
    }
}

/// Queues an answer in pieces.
fn queue(connection: &mut Connection<TcpStream>, answer: &[u8]) -> Result<(), FrameError> {
    let mut pieces = answer.chunks(FILE_PIECE).peekable();
    while let Some(content) = pieces.next() {
        let last = pieces.peek().is_none();
        connection.queue(&ToController::Answer { last, content })?;
    }
    Ok(())
}
