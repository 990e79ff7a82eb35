//! Questions about programs, for a bridge: who may use the node may have it start some, and run their units as
//! models.
//!
//! What is asked and answered is the business of whoever has the programs; here are the sockets. A conversation
//! has a thread of its own, because an answer may take as long as a program needs to start.

use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use shared::model::TypeRef;
use shared::wire::{
    ConnectionError, FILE_PIECE, FrameError, Standing, ToController, ToNode, decode,
};
use smol::channel::{Receiver, unbounded};
use transport::{Connection, within};

/// A conversation in which nothing comes for so long is over, with all that it has started: whoever had it has gone
/// without a word. An outage of the network may last a while; then there are as many signs of life as before.
const SILENCE: Duration = Duration::from_secs(300);

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
    /// Answers a question, with as many messages as it likes; each is told whether somebody still listens.
    fn answer(&mut self, question: &[u8], say: &mut dyn FnMut(Vec<u8>) -> bool);
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
            conversation.answer(&question, &mut |answer| said.try_send(answer).is_ok());
        }
    });
    if answering.is_ok() {
        // However it ends, there is nothing more to be done: the thread sees that nobody asks any more.
        let _ = exchange(&mut connection, first, &asked, &answers, SILENCE).await;
    }
}

/// Passes on questions and answers until the connection ends, or nothing comes for so long.
async fn exchange(
    connection: &mut Connection<TcpStream>,
    mut question: Question,
    asked: &mpsc::Sender<Vec<u8>>,
    answers: &Receiver<Vec<u8>>,
    silence: Duration,
) -> Result<(), ConnectionError> {
    loop {
        if question.is_whole {
            // It is there as long as this end is.
            let _ = asked.send(std::mem::take(&mut question).content);
        }
        while let Some(frame) = connection.next_frame()? {
            match decode(frame)? {
                ToNode::Ask { last, content } => question.take(last, content)?,
                ToNode::Alive => connection.queue(&ToController::Alive(Standing::default()))?,
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
        let left = silence.saturating_sub(connection.silent_for());
        let turn = async { connection.turn().await.map(|()| None) };
        let next = within(left, smol::future::or(turn, answer)).await;
        let next = next.ok_or(ConnectionError::TimedOut(silence))?;
        if let Some(answer) = next? {
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

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Instant;

    use shared::wire::{MAX_FRAME, Met};
    use smol::Async;

    use super::*;

    /// Two ends of a connection on this machine.
    fn pair() -> [Connection<TcpStream>; 2] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let near = TcpStream::connect(listener.local_addr().expect("bound")).expect("connected");
        let (far, _) = listener.accept().expect("accepted");
        [near, far].map(|stream| {
            let stream = Async::new(stream).expect("a stream");
            Connection::new(stream, Met::unsecured(), MAX_FRAME)
        })
    }

    #[test]
    fn a_conversation_in_which_nothing_comes_is_over() {
        let [mut near, mut far] = pair();
        let (asked, _questions) = mpsc::channel();
        let (_said, answers) = unbounded();
        let silence = Duration::from_millis(300);
        let since = Instant::now();
        let first = Question::begin(false, b"a");
        let talk = async { exchange(&mut far, first, &asked, &answers, silence).await };
        let life = async {
            // It is there for longer than that, and says so.
            for _ in 0..4 {
                near.queue(&ToNode::Alive).expect("small");
                near.flush().await.expect("written");
                near.turn().await.expect("an answer");
                assert!(matches!(
                    near.next_frame().map(|frame| frame.map(decode)),
                    Ok(Some(Ok(ToController::Alive(_))))
                ));
                smol::Timer::after(silence / 2).await;
            }
        };
        let (end, ()) = smol::block_on(smol::future::zip(talk, life));
        assert!(matches!(end, Err(ConnectionError::TimedOut(_))), "{end:?}");
        assert!(since.elapsed() >= 2 * silence);
    }
}
