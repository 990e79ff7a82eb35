//! A session of a node, from the preamble over the plan to the steps: a node in this process serves a
//! peer that says anything.

#![no_main]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use argh::FromArgs;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut peer = connect(address());
    // A node that has enough closes before it has everything, or goes on reading to the end.
    let _ = peer.write_all(bytes);
    let _ = peer.shutdown(Shutdown::Write);
    let mut said = [0; 4096];
    while matches!(peer.read(&mut said), Ok(1..)) {}
});

/// Where the node is that all input goes to.
fn address() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    *ADDRESS.get_or_init(|| {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("bound");
        drop(free);
        thread::spawn(move || {
            let listen = address.to_string();
            let command = [
                "serve",
                "--quiet",
                "--led-output",
                "none",
                "--listen",
                &listen,
            ];
            let arguments = node::Arguments::from_args(&["illuminator-node"], &command);
            let code = node::run(&arguments.expect("a command line"));
            panic!("the node has ended: {code:?}");
        });
        address
    })
}

/// Connects to the node, which may not listen yet.
fn connect(address: SocketAddr) -> TcpStream {
    for _ in 0..1000 {
        if let Ok(peer) = TcpStream::connect(address) {
            let limit = Some(Duration::from_secs(60));
            peer.set_read_timeout(limit).expect("an open socket");
            peer.set_write_timeout(limit).expect("an open socket");
            return peer;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("the node does not listen");
}
