//! One connection: requests are read and answered, one after the other.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use controller::chain;
use foreign::wire::{Call, FrameError, MAX_FRAME, Message, append_frame, read_frame_up_to};
use thiserror::Error;

use super::connections::{Admitted, MAX_SESSIONS};
use super::refusal::{Kind, refuse};
use super::serving::Serving;
use super::session::Session;
use crate::log;

/// The longest frame of somebody who has not said `init`.
const FIRST_FRAME: usize = 1024 * 1024;

/// How long one may be there without having said it.
const FIRST_WORD: Duration = Duration::from_secs(30);

/// What is read at a time, and about the most that is written at a time.
const PIECE: usize = 64 * 1024;

/// Why a connection ends that should go on.
#[derive(Debug, Error)]
enum Broken {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("this is not mosaik's protocol: {0}")]
    Nonsense(String),
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
}

/// Serves a connection to its end. One that the table knows has limits until it has begun.
pub(super) fn attend(
    serving: &Serving,
    stream: &TcpStream,
    who: &str,
    admitted: Option<&Admitted>,
) {
    let mut session = Session::new(serving, who.to_owned());
    let ended = talk(&mut session, stream, admitted);
    match ended {
        Err(broken) if !session.has_begun() => {
            serving
                .strangers
                .say(format_args!("{who}: {}", chain(&broken)));
        }
        _ if serving.is_quiet || !session.has_begun() => {}
        Err(broken) => log::say(format_args!(
            "{who}: {}; {}",
            chain(&broken),
            session.summary()
        )),
        Ok(()) => log::say(format_args!(
            "{who}: the session is over: {}",
            session.summary()
        )),
    }
}

fn talk(
    session: &mut Session<'_>,
    stream: &TcpStream,
    admitted: Option<&Admitted>,
) -> Result<(), Broken> {
    // What follows each other is sent at once. Where the system does not know that, it is slower.
    let _ = stream.set_nodelay(true);
    stream.set_read_timeout(Some(FIRST_WORD))?;
    let mut reader = BufReader::with_capacity(PIECE, stream);
    let (mut text, mut out) = (String::new(), Vec::new());
    loop {
        let Some(frame) = next_frame(&mut reader, session.has_begun())? else {
            return Ok(());
        };
        let (id, call) = request(&frame)?;
        if call.function == "stop" {
            return Ok(());
        }
        let had_begun = session.has_begun();
        let mut answer = session.answer(&call);
        let begins = session.has_begun() && !had_begun;
        let is_full = begins && admitted.is_some_and(|own| !own.begin_session());
        if is_full {
            let message = format!("there are {MAX_SESSIONS} sessions, and no more at a time");
            answer = refuse(Kind::Runtime, message);
        } else if begins {
            stream.set_read_timeout(None)?;
            // A machine that is switched off says nothing more; where the system does not look, it stays.
            let _ = rustix::net::sockopt::set_socket_keepalive(stream, true);
        }
        let message = match answer {
            Ok(value) => Message::Success(id, value),
            Err(failed) => Message::Failure(id, failed),
        };
        text.clear();
        message.append(&mut text);
        append_frame(text.as_bytes(), &mut out);
        // Requests that came together get their answers together, as far as there is no end of them.
        if is_full || reader.buffer().is_empty() || out.len() > PIECE {
            (&mut &*stream).write_all(&out)?;
            out.clear();
        }
        if is_full {
            return Ok(());
        }
    }
}

/// The request in a frame, and its number.
fn request(frame: &[u8]) -> Result<(u64, Call), Broken> {
    match Message::read(frame) {
        Ok(Message::Request(id, call)) => Ok((id, call)),
        Ok(_) => Err(Broken::Nonsense(
            "an answer, and nothing was asked".to_owned(),
        )),
        Err(error) => Err(Broken::Nonsense(chain(&error))),
    }
}

/// The next frame, within the limits of a session that has begun or has not.
fn next_frame(reader: &mut impl Read, has_begun: bool) -> Result<Option<Vec<u8>>, Broken> {
    let limit = if has_begun { MAX_FRAME } else { FIRST_FRAME };
    match read_frame_up_to(reader, limit) {
        Ok(frame) => Ok(frame),
        Err(FrameError::TooLong(length)) => Err(Broken::Nonsense(format!(
            "a frame of {length} bytes, and {limit} are the most"
        ))),
        Err(FrameError::Broken(cause)) if is_late(&cause) => Err(Broken::Nonsense(format!(
            "nothing was asked for within {} s",
            FIRST_WORD.as_secs()
        ))),
        Err(error) => Err(error.into()),
    }
}

fn is_late(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
