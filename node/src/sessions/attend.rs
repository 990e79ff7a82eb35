//! What a session needs of the thread that serves all connections.

use std::future::pending;
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use session::SessionError;
use shared::wire::ToNode;
use smol::channel::{Receiver, unbounded};
use smol::future::or;
use transport::Connection;

use super::session::{Ended, Request, Resources, Session};
use super::shown::Shown;
use crate::executor::Executor;
use crate::inbox::{Event, Sender, inbox};
use crate::lights::Fault;
use crate::peers::{AwaitedLinks, Caller};
use crate::reports::Reports;

/// The sessions of a node.
pub(crate) struct Sessions {
    pub(crate) executor: Rc<Executor>,
    /// Closes when the node is being stopped.
    pub(crate) stopped: Receiver<()>,
    pub(crate) resources: Resources,
    pub(crate) reports: Rc<Reports>,
    pub(crate) caller: Rc<Caller>,
    pub(crate) links: Rc<AwaitedLinks>,
}

impl Sessions {
    /// Has a session run in a thread of its own, and does for it what is to be done here; ready when
    /// it is over. How far it is comes into `shown`.
    pub(crate) async fn attend(
        &self,
        peer: SocketAddr,
        connection: Connection<TcpStream>,
        shown: &Arc<Shown>,
    ) -> Result<Ended, SessionError> {
        let _shown = self.resources.lights.session();
        let ends = inbox().and_then(|inbox| Ok((inbox, connection.stream().local_addr()?)));
        let ((sender, inbox), here) = match ends {
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
        let session = Session::new(
            &self.resources,
            connection,
            sender.clone(),
            inbox,
            requests,
            Arc::clone(shown),
        );
        let thread = thread::Builder::new().name("session".to_owned());
        let thread = thread
            .spawn(|| session.run())
            .map_err(SessionError::System)?;
        let stop = async {
            // Nothing is ever sent: it is the end of the channel that counts.
            let _ = self.stopped.recv().await;
            sender.send(Event::Stop);
            pending::<()>().await;
        };
        or(self.serve((here, peer), &sender, &asked, shown), stop).await;
        let ended = thread.join();
        ended.map_err(|_| SessionError::System(std::io::Error::other("a fault of the node itself")))
    }

    /// Does what a session between these addresses asks for, until it is over.
    async fn serve(
        &self,
        (here, peer): (SocketAddr, SocketAddr),
        session: &Sender,
        asked: &Receiver<Request>,
        shown: &Arc<Shown>,
    ) {
        let mut awaited = Vec::new();
        let mut calls = Vec::new();
        while let Ok(request) = asked.recv().await {
            match request {
                Request::Wanted(session::Event::Await {
                    token,
                    callers,
                    is_alone,
                }) => {
                    if !is_alone {
                        shown.state().run = token.mark();
                    }
                    awaited.push(self.links.wait(token, callers, session.clone()));
                }
                Request::Wanted(session::Event::Call {
                    token,
                    from,
                    site,
                    address,
                    received,
                }) => {
                    let (caller, session) = (Rc::clone(&self.caller), session.clone());
                    let call = async move {
                        let hello = match received {
                            None => ToNode::Link { token, from },
                            Some(received) => ToNode::Reconnect {
                                token,
                                from,
                                received,
                            },
                        };
                        let answer = caller.call(here, address, &hello).await;
                        session.send(Event::Called(site, answer));
                    };
                    // A call ends with the session.
                    calls.push(self.executor.spawn(call));
                }
                Request::Wanted(session::Event::Failed) => {
                    self.resources.lights.fault(Fault::Model);
                }
                Request::Models(models, site) => {
                    self.reports.session(peer, format_args!("{models} models"));
                    let mut state = shown.state();
                    (state.models, state.site) = (models, site);
                }
            }
        }
    }
}
