//! Listens between a controller and a node, and writes down what they say.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

/// What the two sides of a session sent, preambles included.
#[derive(Clone, Debug)]
pub struct Recording {
    /// From the controller.
    pub to_node: Vec<u8>,
    /// From the node.
    pub to_controller: Vec<u8>,
}

/// Stands between a controller and a node for one session.
#[derive(Debug)]
pub struct Recorder {
    /// Where it listens in the place of the node.
    pub address: SocketAddr,
    thread: JoinHandle<Recording>,
}

impl Recorder {
    /// Listens in the place of this node.
    pub fn before(node: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let thread = thread::spawn(move || {
            let (controller, _) = listener.accept().expect("a controller");
            let node = TcpStream::connect(node).expect("a node");
            thread::scope(|scope| {
                let to_node = scope.spawn(|| copy(&controller, &node));
                let to_controller = scope.spawn(|| copy(&node, &controller));
                Recording {
                    to_node: to_node.join().expect("copied"),
                    to_controller: to_controller.join().expect("copied"),
                }
            })
        });
        Self { address, thread }
    }

    /// Waits for the end of the session.
    pub fn finish(self) -> Recording {
        self.thread.join().expect("recorded")
    }
}

fn copy(mut from: &TcpStream, mut to: &TcpStream) -> Vec<u8> {
    let mut record = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        record.extend_from_slice(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // The other side may have closed the connection already.
    let _ = to.shutdown(Shutdown::Write);
    record
}
