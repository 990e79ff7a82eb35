//! What is done for an interface as long as it is there: it is switched on, and has an address while it has a cable.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use image::{Network, Settings};

use super::interface::Interface;
use super::names::Responder;
use super::{dhcp, link_local, rtnetlink};
use crate::said::say;

/// How often is looked whether there is a cable.
const LOOK: Duration = Duration::from_millis(200);

/// How often is asked again where nobody gave an address, and where nobody prolongs it.
const AGAIN: Duration = Duration::from_secs(60);

/// So often is asked for the first address, which takes 1 s, 2 s and 4 s; and so often later, when others wait.
const FIRST: u32 = 3;
const LATER: u32 = 1;

/// An address that the interface has.
#[derive(Clone, Copy, Debug)]
struct Held {
    network: Network,
    gateway: Option<Ipv4Addr>,
    /// When it is asked for again, and when it is not to be used any more.
    again: Option<Instant>,
    end: Option<Instant>,
}

/// Looks after an interface until it is pulled.
pub(super) fn tend(interface: &Interface, settings: &Settings, connected: &AtomicUsize) {
    let mut held: Option<Held> = None;
    let mut is_counted = false;
    let mut count = |is_connected: bool| {
        match (is_counted, is_connected) {
            (false, true) => connected.fetch_add(1, Ordering::Relaxed),
            (true, false) => connected.fetch_sub(1, Ordering::Relaxed),
            _ => return,
        };
        is_counted = is_connected;
    };
    while interface.is_there() {
        // What is on already stays so.
        let _ = rtnetlink::switch_on(interface.index);
        if !interface.has_carrier() {
            count(false);
            sleep(LOOK);
            continue;
        }
        let Some(next) = obtain(interface, settings, held) else {
            sleep(LOOK);
            continue;
        };
        apply(interface, held, next);
        count(true);
        held = Some(next);
        hold(interface, &settings.name, next);
    }
    count(false);
    say(format_args!("{} is gone", interface.name));
}

/// An address for an interface: that of the card, one that the network gives, the one that it has, or one of its own.
/// Without a cable it keeps what it has, so that connections live on if the cable comes back.
fn obtain(interface: &Interface, settings: &Settings, held: Option<Held>) -> Option<Held> {
    if let Some(network) = settings.address {
        return Some(Held {
            network,
            gateway: settings.gateway,
            again: None,
            end: None,
        });
    }
    let had = held.map(|held| held.network.address);
    let times = if held.is_some() { LATER } else { FIRST };
    let given = dhcp::ask(
        interface,
        &settings.name,
        had.filter(|had| !had.is_link_local()),
        times,
    );
    let given = given.unwrap_or_else(|error| {
        say(format_args!(
            "{}: cannot ask for an address: {error}",
            interface.name
        ));
        None
    });
    let now = Instant::now();
    if let Some(lease) = given {
        return Some(Held {
            network: lease.network,
            gateway: lease.gateway,
            again: Some(now + lease.time / 2),
            end: Some(now + lease.time),
        });
    }
    let again = Some(now + AGAIN);
    if let Some(held) = held.filter(|held| held.end.is_none_or(|end| now < end)) {
        return Some(Held { again, ..held });
    }
    let network = link_local::find(interface).unwrap_or_else(|error| {
        say(format_args!(
            "{}: no address of its own: {error}",
            interface.name
        ));
        None
    })?;
    Some(Held {
        network,
        gateway: None,
        again,
        end: None,
    })
}

/// Gives an interface its address, in place of another one.
fn apply(interface: &Interface, held: Option<Held>, next: Held) {
    let Interface { name, index, .. } = interface;
    if let Some(held) = held.filter(|held| held.network != next.network) {
        let _ = rtnetlink::remove(*index, held.network);
    }
    if held.is_none_or(|held| held.network != next.network) {
        say(format_args!("{name} has the address {}", next.network));
    }
    let added = rtnetlink::add(*index, next.network);
    let led = added.and_then(|()| {
        next.gateway
            .map_or(Ok(()), |by| rtnetlink::lead_by(*index, by))
    });
    if let Err(error) = led {
        say(format_args!("{name}: {error}"));
    }
}

/// Answers for the name of the machine until the address is to be asked for again, or the cable is pulled.
fn hold(interface: &Interface, name: &str, held: Held) {
    let responder = Responder::new(interface, name, held.network.address);
    if let Err(error) = &responder {
        say(format_args!(
            "{}: nobody finds {name}.local: {error}",
            interface.name
        ));
    }
    while interface.has_carrier() && held.again.is_none_or(|again| Instant::now() < again) {
        match &responder {
            Ok(responder) => responder.serve(LOOK),
            Err(_) => sleep(LOOK),
        }
    }
}
