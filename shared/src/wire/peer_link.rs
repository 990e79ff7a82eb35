//! Peer links: what two nodes of a run say to each other.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::bytes;
use crate::plan::SiteId;

/// What the nodes of a run know each other by. The controller makes one a run.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token(pub [u8; 16]);

impl Token {
    /// A new token, from the system's random source.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(io::Error::from)?;
        Ok(Self(bytes))
    }

    /// What tells runs apart without giving a way into them: 32 bits, which leave 96 of the token unknown. Never 0.
    pub fn mark(&self) -> u32 {
        let (words, _) = self.0.as_chunks();
        let words = words.iter().map(|&word| u32::from_le_bytes(word));
        words.fold(0, |mark, word| mark ^ word).max(1)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A node that another one exchanges values with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPeer {
    /// Its site.
    pub site: SiteId,
    /// Where to call it; `None` where it will call.
    pub call: Option<SocketAddr>,
}

/// What nodes say on a peer link, once the caller has said [`ToNode::Link`](super::ToNode::Link).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnLink<'a> {
    /// The answer of the one who is called, and then the caller's word that it has got it.
    Joined,
    /// No run here waits for this link.
    Refused,
    /// Records of the sender's site for the receiver's.
    Batch {
        /// The batch.
        #[serde(with = "bytes", borrow)]
        batch: &'a [u8],
    },
    /// The sender is there.
    Alive,
}

/// The answer to [`ToNode::Reconnect`](super::ToNode::Reconnect). What is said then goes on where the other side has not received
/// it, the caller first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnReconnect {
    /// So many bytes have been received in all.
    Received(u64),
    /// There is no such session, or it does not have any more what was not received.
    Refused,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode;

    #[test]
    fn each_message_on_a_link_has_its_bytes() {
        let batch = &[9, 8];
        for (message, bytes) in [
            (OnLink::Joined, &[0][..]),
            (OnLink::Refused, &[1]),
            (OnLink::Batch { batch }, &[2, 2, 9, 8]),
            (OnLink::Alive, &[3]),
        ] {
            let written = postcard::to_stdvec(&message).expect("serializes");
            assert_eq!(written, bytes, "{message:?}");
            assert_eq!(decode(bytes), Ok(message));
        }
    }

    #[test]
    fn each_answer_to_who_goes_on_has_its_bytes() {
        for (answer, bytes) in [
            (OnReconnect::Received(300), &[0, 0xac, 2][..]),
            (OnReconnect::Refused, &[1]),
        ] {
            let written = postcard::to_stdvec(&answer).expect("serializes");
            assert_eq!(written, bytes, "{answer:?}");
            assert_eq!(decode(bytes), Ok(answer));
        }
    }

    #[test]
    fn a_token_is_another_one_each_time_and_is_not_shown() {
        let token = Token::random().expect("random");
        assert_ne!(token, Token::random().expect("random"));
        assert_eq!(format!("{token:?}"), "Token(…)");
    }
}
