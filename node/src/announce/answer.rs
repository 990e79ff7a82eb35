//! What a node says of itself: all of it in each packet.

use super::names::{LOCAL, Names, SERVICE, SERVICES};
use super::networks::Network;
use super::query::Query;
use super::record::{Kind, PTR_TTL};

/// For how many seconds it holds where the service is.
const HOST_TTL: u32 = 120;

/// For how many seconds an answer to one asker only may hold.
const MAX_UNICAST_TTL: u32 = 10;

/// The class of all that is said: the Internet's.
const INTERNET: u16 = 1;

/// ...and what was said under this name before does not hold any more.
const FLUSH: u16 = 0x8000;

/// An answer, by whom it is meant to come from.
const RESPONSE: u16 = 0x8400;

/// Whom a packet is for.
#[derive(Clone, Copy)]
pub(super) enum To<'a> {
    /// All in the network.
    All,
    /// All in the network: the node goes.
    AllGoodbye,
    /// Somebody who asks like a client of ordinary DNS.
    One(&'a Query<'a>),
}

/// What a node of these names says in a network.
pub(super) fn write(names: &Names, network: &Network, to: To<'_>) -> Vec<u8> {
    let (id, question, flush, limit) = match to {
        To::All => (0, &[][..], FLUSH, PTR_TTL),
        To::AllGoodbye => (0, &[][..], FLUSH, 0),
        To::One(query) => (query.id, query.question, 0, MAX_UNICAST_TTL),
    };
    // Other nodes go on offering the service, so its being listed is not taken back.
    let is_listed = limit > 0;
    let mut out = Writer(Vec::with_capacity(320));
    let questions = u16::from(!question.is_empty());
    for number in [id, RESPONSE, questions, 4 + u16::from(is_listed), 0, 0] {
        out.number(number);
    }
    out.0.extend_from_slice(question);

    let service = out.0.len();
    let local = service + SERVICE.len() - LOCAL.len();
    out.0.extend_from_slice(SERVICE);
    out.head(Kind::Ptr, 0, PTR_TTL.min(limit));
    let instance = out.content(|out| out.short(&names.instance, SERVICE, service));

    out.pointer(instance);
    out.head(Kind::Srv, flush, HOST_TTL.min(limit));
    let target = out.content(|out| {
        // Priority and weight.
        out.number(0);
        out.number(0);
        out.number(network.port);
        out.short(&names.host, LOCAL, local);
    });

    out.pointer(instance);
    out.head(Kind::Txt, flush, PTR_TTL.min(limit));
    out.content(|out| {
        let text = concat!("version=", env!("CARGO_PKG_VERSION"));
        out.0.push(u8::try_from(text.len()).unwrap_or(0));
        out.0.extend_from_slice(text.as_bytes());
    });

    out.pointer(target + 6);
    out.head(Kind::A, flush, HOST_TTL.min(limit));
    out.content(|out| out.0.extend_from_slice(&network.address.octets()));

    if is_listed {
        out.short(SERVICES, LOCAL, local);
        out.head(Kind::Ptr, 0, PTR_TTL.min(limit));
        out.content(|out| out.pointer(service));
    }
    out.0
}

/// A packet that grows.
struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u16) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    /// A name that stands there already.
    fn pointer(&mut self, at: usize) {
        self.number(0xc000 | u16::try_from(at).unwrap_or(0));
    }

    /// A name whose end stands there already.
    fn short(&mut self, name: &[u8], end: &[u8], at: usize) {
        self.0.extend_from_slice(&name[..name.len() - end.len()]);
        self.pointer(at);
    }

    /// What stands between the name of a record and its content.
    fn head(&mut self, kind: Kind, flush: u16, ttl: u32) {
        self.number(kind as u16);
        self.number(flush | INTERNET);
        self.0.extend_from_slice(&ttl.to_be_bytes());
    }

    /// The content of a record, with its length before; returns where it begins.
    fn content(&mut self, write: impl FnOnce(&mut Self)) -> usize {
        let start = self.0.len() + 2;
        self.number(0);
        write(self);
        let length = u16::try_from(self.0.len() - start).unwrap_or(0);
        self.0[start - 2..start].copy_from_slice(&length.to_be_bytes());
        start
    }
}
