//! Peers that do what a test says: in the place of a controller, or in the place of a node.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use serde::Serialize;
use shared::wire::{
    FrameBuffer, MAX_FRAME, PREAMBLE_LENGTH, Preamble, Refusal, ToController, ToNode, TypeId,
    append_frame, decode,
};

use crate::wait::PATIENCE;

/// Waits until a node has said so many times that it is there, as it does once a second in a session that
/// has no plan yet.
pub fn wait_for_heartbeats(address: SocketAddr, count: usize) {
    let mut session = Peer::with_session(address, &["Load"]);
    for _ in 0..count {
        let said = session.receive().expect("a heartbeat");
        let said = decode(&said);
        assert!(matches!(said, Ok(ToController::Alive { .. })), "{said:?}");
    }
}

/// One end of a connection, in the hands of a test.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    buffer: FrameBuffer,
}

impl Peer {
    /// Connects to a node and says nothing yet.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, PATIENCE);
        Self::over(stream.unwrap_or_else(|error| panic!("{address}: {error}")))
    }

    /// Connects to a node and exchanges preambles.
    pub fn greeted(address: SocketAddr) -> Self {
        let mut peer = Self::connect(address);
        peer.greet();
        peer
    }

    /// Opens a session on a node, as a controller that wants these types.
    pub fn with_session(address: SocketAddr, types: &[&str]) -> Self {
        let mut peer = Self::greeted(address);
        let others = peer.open(&type_ids(types));
        others.unwrap_or_else(|refusal| panic!("{address}: {refusal:?}"));
        peer
    }

    /// The end of a connection that there is already.
    pub fn over(stream: TcpStream) -> Self {
        stream
            .set_read_timeout(Some(PATIENCE))
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
            .and_then(|()| stream.set_nodelay(true))
            .expect("an open socket has options");
        let buffer = FrameBuffer::new(MAX_FRAME);
        Self { stream, buffer }
    }

    /// Exchanges preambles.
    pub fn greet(&mut self) {
        let ours = Preamble::ours(false);
        self.send_raw(&ours.to_bytes())
            .expect("the other side listens");
        let theirs = self.preamble().expect("a preamble");
        assert_eq!(Preamble::accept(&theirs), Ok(ours));
    }

    /// Asks a node for a session; returns how many others it has.
    pub fn open(&mut self, types: &[TypeId]) -> Result<u16, Refusal> {
        self.send(&ToNode::Open {
            release: "test",
            scenario: "test",
            types: types.to_vec(),
        });
        let answer = self.receive().expect("an answer");
        match decode(&answer) {
            Ok(ToController::Welcome { sessions, .. }) => Ok(sessions),
            Ok(ToController::Refused(refusal)) => Err(refusal),
            other => panic!("neither welcome nor refusal: {other:?}"),
        }
    }

    /// As a node, takes the preamble and the wish of a controller, and welcomes it.
    pub fn welcome(&mut self) {
        self.greet();
        let wish = self.receive().expect("a wish");
        assert!(matches!(decode(&wish), Ok(ToNode::Open { .. })), "{wish:?}");
        self.send(&ToController::Welcome {
            release: "test",
            processor: "test",
            sessions: 0,
        });
    }

    /// As a node, welcomes a controller and takes its plan, if it has one: it may have looked whether anybody is
    /// there, and be gone again.
    pub fn takes_a_plan(&mut self) -> bool {
        let ours = Preamble::ours(false).to_bytes();
        let greets = self.preamble().is_some() && self.send_raw(&ours).is_ok();
        if !greets || self.receive().is_none() {
            return false;
        }
        self.send(&ToController::Welcome {
            release: "test",
            processor: "test",
            sessions: 0,
        });
        while let Some(message) = self.receive() {
            if let Ok(ToNode::Start { .. }) = decode(&message) {
                self.send(&ToController::Ready);
                return true;
            }
        }
        false
    }

    /// As a node, takes the plan of a controller and says that it is ready.
    pub fn take_plan(&mut self) {
        while let Some(message) = self.receive() {
            if let Ok(ToNode::Start { .. }) = decode(&message) {
                return self.send(&ToController::Ready);
            }
        }
        panic!("no start");
    }

    /// Sends a message. If the other side has gone, nothing happens: what it said before is still
    /// to be read.
    pub fn send(&mut self, message: &impl Serialize) {
        let mut frame = Vec::new();
        append_frame(&mut frame, message, MAX_FRAME).expect("fits a frame");
        // See above.
        let _ = self.stream.write_all(&frame);
    }

    /// Sends bytes.
    pub fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Ends its own side of the connection.
    pub fn finish_sending(&self) {
        // The other side may have closed the connection already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Reads the preamble of the other side; `None` where it closes without one.
    pub fn preamble(&mut self) -> Option<[u8; PREAMBLE_LENGTH]> {
        let mut bytes = [0; PREAMBLE_LENGTH];
        self.stream.read_exact(&mut bytes).ok().map(|()| bytes)
    }

    /// All bytes that the other side sends until it closes.
    pub fn receive_raw(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Closed with something unread is closed as well.
        let _ = self.stream.read_to_end(&mut bytes);
        bytes
    }

    /// The content of the next frame; `None` at the end of the connection.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        loop {
            let frame = self.buffer.next_frame().expect("frames of the other side");
            if let Some(frame) = frame {
                return Some(frame.to_vec());
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Option<()> {
        loop {
            match (&self.stream).read(self.buffer.room()) {
                Ok(0) => return None,
                Ok(count) => {
                    self.buffer.filled(count);
                    return Some(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    panic!("the other side said nothing for {PATIENCE:?}")
                }
                Err(_) => return None,
            }
        }
    }

    /// Reads to the end of the connection.
    pub fn wait_for_end(&mut self) {
        while self.fill().is_some() {
            self.buffer.clear();
        }
    }

    /// What a node says to the session's end, without its signs of life.
    pub fn answers(&mut self) -> Vec<Vec<u8>> {
        let mut answers = Vec::new();
        while let Some(answer) = self.receive() {
            if !matches!(decode(&answer), Ok(ToController::Alive { .. })) {
                answers.push(answer);
            }
        }
        answers
    }

    /// Why a node ends the session; `None` if it closes the connection without a reason.
    pub fn refusal(&mut self) -> Option<Refusal> {
        while let Some(answer) = self.receive() {
            if let Ok(ToController::Refused(refusal)) = decode(&answer) {
                return Some(refusal);
            }
        }
        None
    }
}

/// Types of the catalogue as a controller asks for them.
pub fn type_ids(names: &[&str]) -> Vec<TypeId> {
    let id = |name: &&str| TypeId {
        name: (*name).to_owned(),
        fingerprint: models::CATALOGUE
            .find(name)
            .expect("a known type")
            .fingerprint(),
    };
    names.iter().map(id).collect()
}

/// Something that listens in the place of a node.
#[derive(Debug)]
pub struct FakeNode {
    /// Where it listens.
    pub address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl FakeNode {
    /// Listens on 127.0.0.1, and plays its part with everyone who connects, one after the other.
    pub fn start(play: impl FnMut(Peer) + Send + 'static) -> Self {
        Self::start_at("127.0.0.1", play)
    }

    /// Likewise, on another address of loopback.
    pub fn start_at(ip: &str, mut play: impl FnMut(Peer) + Send + 'static) -> Self {
        let listener = TcpListener::bind((ip, 0)).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let stopped = Arc::new(AtomicBool::new(false));
        let is_stopped = Arc::clone(&stopped);
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if is_stopped.load(Ordering::SeqCst) {
                    break;
                }
                play(Peer::over(stream.expect("a connection")));
            }
        });
        Self {
            address,
            stopped,
            thread: Some(thread),
        }
    }
}

impl Drop for FakeNode {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener; where that has ended, there is nobody to wake.
        let _ = TcpStream::connect(self.address);
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            assert!(
                !matches!(ended, Some(Err(_))),
                "the fake node could not play its part"
            );
        }
    }
}
