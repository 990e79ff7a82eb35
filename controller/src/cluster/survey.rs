//! Asking nodes how they are, without a session.

use std::net::TcpStream;

use shared::wire::{ConnectionError, HANDSHAKE_TIMEOUT, NodeStatus, ToController, ToNode};
use transport::{Connection, within};

use super::dial::{all, attempt};
use super::endpoint::Endpoint;
use super::open::{no_word, out_of_order};
use super::receive::receive;
use super::service::Service;
use super::unusable::{Unusable, Who};
use crate::key::Keyring;

/// What a node answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) endpoint: Endpoint,
    /// How it is, and whether the connection was encrypted; or why it cannot be said.
    pub(crate) status: Result<(NodeStatus, bool), String>,
}

/// Asks all nodes at the same time; `Status` or `Identify`.
pub(crate) async fn survey(
    endpoints: Vec<Endpoint>,
    keyring: &Keyring,
    question: &ToNode<'_>,
) -> Vec<Answer> {
    all(endpoints.into_iter().map(async |endpoint| {
        let status = match attempt(&endpoint, keyring).await {
            Ok((_, connection)) => ask(endpoint.service, connection, question).await,
            Err(unusable) => Err(unusable.reason),
        };
        Answer { endpoint, status }
    }))
    .await
}

/// What a look at an endpoint came to.
#[derive(Debug)]
pub(crate) enum Visit {
    /// A node of this cluster, and how it is.
    Node(NodeStatus),
    /// A node that has another key, and what that means.
    OtherKey(String),
    /// Something that cannot be talked to, and why.
    Unusable(String),
    /// Nothing answers, and why.
    NoAnswer(String),
}

/// Looks whether a node is at an endpoint, and how it is.
pub(crate) async fn visit(endpoint: Endpoint, keyring: &Keyring) -> Visit {
    let service = endpoint.service;
    let Unusable { reason, who, .. } = match attempt(&endpoint, keyring).await {
        Ok((_, connection)) => {
            return match ask(service, connection, &ToNode::Status).await {
                Ok((status, _)) => Visit::Node(status),
                Err(reason) => Visit::Unusable(reason),
            };
        }
        Err(unusable) => unusable,
    };
    match who {
        Who::Nobody => Visit::NoAnswer(reason),
        Who::OtherKey => Visit::OtherKey(reason),
        Who::Somebody => Visit::Unusable(reason),
    }
}

async fn ask(
    service: Service,
    mut connection: Connection<TcpStream>,
    question: &ToNode<'_>,
) -> Result<(NodeStatus, bool), String> {
    let is_secure = connection.is_secure();
    let answer = async {
        connection.queue(question)?;
        let answer = receive(&mut connection, |answer| match answer {
            ToController::Status(status) => Ok((status, is_secure)),
            ToController::Refused(refusal) => Err(Unusable::refused(&refusal, service).reason),
            _ => Err(out_of_order().reason),
        });
        answer.await
    };
    let late = || Err(ConnectionError::TimedOut(HANDSHAKE_TIMEOUT));
    let answer = within(HANDSHAKE_TIMEOUT, answer).await.unwrap_or_else(late);
    let answer = answer.unwrap_or_else(|error| Err(no_word(service, &error).reason));
    if answer.is_ok() && connection.queue(&ToNode::Close).is_ok() {
        // The node also notices that the connection is gone.
        let _ = connection.write();
    }
    answer
}
