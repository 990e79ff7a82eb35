//! A machine in between that passes on what others send, as long as a test wants.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::wait::wait_for;

/// Listens in the place of others.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    passages: Arc<Mutex<Vec<Passage>>>,
}

/// A connection that goes through.
#[derive(Debug)]
struct Passage {
    ends: [TcpStream; 2],
}

impl Proxy {
    /// Passes the first connection on to the first of these addresses, and so on. Once there are
    /// as many as addresses, nobody listens any more.
    pub fn start(targets: &[SocketAddr]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let passages = Arc::<Mutex<Vec<Passage>>>::default();
        let (targets, made) = (targets.to_vec(), Arc::clone(&passages));
        // It ends with its last connection, or with the test.
        thread::spawn(move || {
            for target in targets {
                let (from, _) = listener.accept().expect("a connection");
                let to = TcpStream::connect(target).expect("the target listens");
                made.lock().expect("no thread panics").push(pass(from, to));
            }
        });
        Self { address, passages }
    }

    /// Cuts the connection with this number, from 0 on, once it is there.
    pub fn cut(&self, number: usize) {
        wait_for("the connection through the proxy", || {
            let passages = self.passages.lock().expect("no thread panics");
            passages.get(number).map(Passage::cut)
        });
    }
}

impl Passage {
    fn cut(&self) {
        for end in &self.ends {
            // It may have ended already.
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Ok(passages) = self.passages.lock() {
            passages.iter().for_each(Passage::cut);
        }
    }
}

/// Passes on what comes on either side.
fn pass(from: TcpStream, to: TcpStream) -> Passage {
    let clone = |stream: &TcpStream| {
        stream.set_nodelay(true).expect("an open socket");
        stream.try_clone().expect("a file descriptor is free")
    };
    for (mut source, mut sink) in [(clone(&from), clone(&to)), (clone(&to), clone(&from))] {
        thread::spawn(move || {
            let mut bytes = [0; 16 * 1024];
            while let Ok(count @ 1..) = source.read(&mut bytes) {
                if sink.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            let _ = sink.shutdown(Shutdown::Both);
        });
    }
    Passage { ends: [from, to] }
}
