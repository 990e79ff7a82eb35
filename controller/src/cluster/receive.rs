//! What a node says.

use std::net::TcpStream;

use shared::wire::{ConnectionError, ToController, decode};
use transport::Connection;

/// The next message of a node, once it has come, as `take` sees it. Dropped before that, it loses
/// nothing.
pub(super) async fn receive<T>(
    connection: &mut Connection<TcpStream>,
    take: impl FnOnce(ToController<'_>) -> T,
) -> Result<T, ConnectionError> {
    let said = connection.receive(|content| decode(content).map(take));
    said.await
}
