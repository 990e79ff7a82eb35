//! Taking connections as they come.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::time::Duration;

use smol::{Async, Timer};

use super::listen::plain;
use super::node::Node;
use super::peer;
use super::table::Entry;

/// Takes connections at an address, without end.
pub(crate) async fn accept(node: Rc<Node>, listener: Async<TcpListener>, address: SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                admit(&node, stream, plain(peer));
                // However many come, those that are there go on.
                smol::future::yield_now().await;
            }
            Err(error) => {
                // Out of file descriptors, say: what is there goes on.
                node.sessions
                    .reports
                    .refused(address, format_args!("cannot accept a connection: {error}"));
                Timer::after(Duration::from_millis(100)).await;
            }
        }
    }
}

fn admit(node: &Rc<Node>, stream: Async<TcpStream>, peer: SocketAddr) {
    let mut table = node.table.borrow_mut();
    let id = table.next_id();
    let serving = peer::serve(Rc::clone(node), id, stream, peer);
    table.insert(Entry {
        id,
        from: peer.ip(),
        session: None,
        task: node.sessions.executor.spawn(serving),
    });
}
