//! Letting others in that call for a run: another node for a link, and whoever goes on over another connection.

use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;

use shared::plan::SiteId;
use shared::wire::{HANDSHAKE_TIMEOUT, MAX_LINK_FRAME, OnLink, OnReconnect, Token};
use transport::{Connection, within};

use super::awaited::AwaitedLinks;
use crate::inbox::Event;
use crate::reports::Reports;

/// Gives a link from a site to the run that waits for it; refuses it where none does.
pub(crate) async fn admit(
    (links, reports): (&AwaitedLinks, &Rc<Reports>),
    peer: SocketAddr,
    mut connection: Connection<TcpStream>,
    token: Token,
    from: SiteId,
) {
    // The other node may be quicker than the controller.
    let found = within(HANDSHAKE_TIMEOUT, links.find(token, from)).await;
    let Some(session) = found.flatten() else {
        reports.session(
            peer,
            format_args!("no run waits for a link from site {from}"),
        );
        if connection.queue(&OnLink::Refused).is_ok() {
            connection.take_leave().await;
        }
        return;
    };
    connection.set_limit(MAX_LINK_FRAME);
    // Where this does not reach the caller, the run finds the connection at its end.
    if connection.queue(&OnLink::Joined).is_ok() && connection.write().is_ok() {
        session.send(Event::Arrived(from, connection));
    }
}

/// Gives a connection to the session that is to go on over it, as this site has received so many bytes; refuses it where
/// there is none.
pub(crate) async fn reconnect(
    links: &AwaitedLinks,
    mut connection: Connection<TcpStream>,
    token: Token,
    (from, received): (SiteId, u64),
) {
    match links.session(token) {
        Some(session) => session.send(Event::Reconnects(from, received, connection)),
        None => {
            if connection.queue(&OnReconnect::Refused).is_ok() {
                connection.take_leave().await;
            }
        }
    }
}
