//! The protocol between a controller and a node, over any byte stream.
//!
//! 1. Both sides send a [`Preamble`]: who they are and which version they speak. It never changes
//!    its form, so that any two versions can tell each other what to update.
//! 2. Where they have the cluster's [`Key`], they show it to each other ([`Handshake`]), and all that
//!    follows is encrypted.
//! 3. Then frames: the length of the content as a 32-bit little-endian integer, and the content, a
//!    message in postcard ([`ToNode`] or [`ToController`]).
//!
//! Nodes of a run have peer links in the same way: the caller says `Link` instead of `Open`, and
//! then both speak [`OnLink`].
//!
//! A session: `Open` → `Welcome`; `File`s, `Model`s and `Start` → `Ready`; then `Batch`es both ways,
//! until the node says `Finished` and the controller `Close`. Both sides send `Alive` when they
//! have had nothing else to say for [`ALIVE_INTERVAL`].
//!
//! Or, for variants: `Open` → `Welcome`; `File`s, `Model`s and `Variants` → `Ready`; then `Variant` → `Rows`, if they are
//! wanted, and `Came`, of several at a time and as each of them ends, until the controller says `Close`.

mod bytes;
mod channel;
mod error;
mod frame;
mod handshake;
mod key;
mod message;
mod outbox;
mod peer_link;
mod preamble;
mod seal;
mod suite;
#[cfg(test)]
mod tests;
pub mod update;

use std::time::Duration;

pub use channel::Channel;
pub use error::ConnectionError;
pub use frame::{FrameBuffer, FrameError, append_frame};
pub use handshake::{Handshake, HandshakeError, Met, Trust};
pub use key::{KEY_LENGTH, Key, KeyError, KeyFault};
pub use message::{
    NodeStatus, Refusal, SessionStatus, SiteReport, Standing, ToController, ToNode, TypeId,
    WaitedFor, decode,
};
pub use peer_link::{LinkPeer, OnLink, OnReconnect, Token};
pub use preamble::{PREAMBLE_LENGTH, Preamble, PreambleError, Stranger};

/// The version of the protocol. A change of any message or of the meaning of one raises it.
pub const PROTOCOL_VERSION: u16 = 12;

/// The port of a node where nothing else is said.
pub const DEFAULT_PORT: u16 = 5123;

/// The port of a bridge where nothing else is said.
pub const BRIDGE_PORT: u16 = 5124;

/// The longest frame content before a session is open.
pub const MAX_HANDSHAKE_FRAME: usize = 8 * 1024;

/// The longest frame content.
pub const MAX_FRAME: usize = 1024 * 1024;

/// The longest publication that is sent, in bytes.
pub const MAX_PUBLICATION: usize = 64 * 1024;

/// A site sends what it has as soon as it has to wait, and in any case from this size on.
pub const FULL_BATCH: usize = 32 * 1024;

/// The longest batch, in bytes.
pub const MAX_BATCH: usize = FULL_BATCH + MAX_PUBLICATION;

/// The longest frame content on a link: a batch, and a few bytes around it.
pub const MAX_LINK_FRAME: usize = MAX_BATCH + 64;

/// Files travel in pieces of this size.
pub const FILE_PIECE: usize = 64 * 1024;

/// The longest file that a model on a node can read.
pub const MAX_FILE: usize = 32 * 1024 * 1024;

/// The most that all files of a session on a node may take.
pub const MAX_FILES: usize = 64 * 1024 * 1024;

/// The most that the models of a session on a node may take in their messages.
pub const MAX_MODELS: usize = 16 * 1024 * 1024;

/// How long a side may be silent before it gives a heartbeat.
pub const ALIVE_INTERVAL: Duration = Duration::from_secs(1);

/// A node that has made no step for this long says so without waiting for its next sign of life: what it waits for is
/// no moment's wait then.
pub const SETTLED: Duration = Duration::from_millis(500);

/// How much longer than it has to a side waits for a heartbeat: one is due every
/// [`ALIVE_INTERVAL`], and after an outage the system needs this long to send it again.
pub const SILENCE_GRACE: Duration = Duration::from_secs(3);

/// How long a peer may take over the handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a link may take to be opened, and how long its caller takes to say that there is none,
/// whatever the reason.
pub const LINK_TIMEOUT: Duration = Duration::from_secs(5);

/// The most links of a node in a run. What it has for further nodes goes by way of the controller.
pub const MAX_LINKS: usize = 64;

/// How long a node waits for a link that another one opens. The controller says so long before
/// where the other one could not.
pub const LINK_PATIENCE: Duration = Duration::from_secs(15);

/// After so much silence the side that has called tries to go on over another connection: the system may take minutes to
/// try again with what has not arrived on the one that there is.
pub const RECONNECT_AFTER: Duration = Duration::from_secs(3);

/// How long an attempt to do so may take. The system tries to connect at once and a second later, and then in longer and
/// longer intervals; another attempt is quicker.
pub const RECONNECT_TIMEOUT: Duration = Duration::from_secs(2);
