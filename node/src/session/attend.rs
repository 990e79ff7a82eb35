//! What a session needs of the thread that serves all connections.

use std::future::pending;
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::thread;

use session::SessionError;
use smol::channel::{Receiver, unbounded};
use smol::future::or;
use transport::Connection;

use super::mailbox::{Event, Mailbox, Request, mailbox};
use super::{Ended, Session};
use crate::lights::Fault;
use crate::links::call_node;
use crate::server::Node;

/// Has a session run in a thread of its own, and does for it what is to be done here; ready when
/// it is over.
pub(crate) async fn attend(
    node: &Rc<Node>,
    id: u64,
    peer: SocketAddr,
    connection: Connection<TcpStream>,
) -> Result<Ended, SessionError> {
    let _shown = node.lights.session();
    let ends = mailbox().and_then(|mailbox| Ok((mailbox, connection.stream().local_addr()?)));
    let ((mailbox, events), here) = match ends {
        Ok(ends) => ends,
        Err(error) => {
            return Ok(Ended {
                connection,
                result: Err(SessionError::System(error)),
                steps: 0,
            });
        }
    };
    let (requests, asked) = unbounded();
    let session = Session::new(node, connection, events, requests);
    let thread = thread::Builder::new().name("session".to_owned());
    let thread = thread
        .spawn(|| session.run())
        .map_err(SessionError::System)?;
    let stop = async {
        // Nothing is ever sent: it is the end of the channel that counts.
        let _ = node.stopped.recv().await;
        mailbox.post(Event::Stop);
        pending::<()>().await;
    };
    or(serve(node, id, (here, peer), &mailbox, &asked), stop).await;
    let ended = thread.join();
    ended.map_err(|_| SessionError::System(std::io::Error::other("a fault of the node itself")))
}

/// Does what a session between these addresses asks for, until it is over.
async fn serve(
    node: &Rc<Node>,
    id: u64,
    (here, peer): (SocketAddr, SocketAddr),
    mailbox: &Mailbox,
    asked: &Receiver<Request>,
) {
    let mut doors = Vec::new();
    let mut calls = Vec::new();
    while let Ok(request) = asked.recv().await {
        match request {
            Request::Wanted(session::Event::Await(token, sites)) => {
                doors.push(node.lobby.open(token, sites, mailbox.clone()));
            }
            Request::Wanted(session::Event::Call {
                token,
                from,
                site,
                address,
            }) => {
                let (caller, mailbox) = (Rc::clone(node), mailbox.clone());
                let call = async move {
                    let answer = call_node(&caller, here, address, token, from).await;
                    mailbox.post(Event::Called(site, answer));
                };
                // A call ends with the session.
                calls.push(node.spawn(call));
            }
            Request::Wanted(session::Event::Failed) => node.lights.fault(Fault::Model),
            Request::Models(count) => {
                node.report(peer, format_args!("{count} models"));
                node.table.borrow_mut().set_models(id, count);
            }
        }
    }
}
