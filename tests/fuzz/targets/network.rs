//! What others in the network say to a Pi that started from a card: replies of DHCP, frames that claim its address, and
//! questions for its name. The first byte says which of them.

#![no_main]

use std::net::Ipv4Addr;
use std::time::Duration;

use init::network::{Mac, dhcp, link_local, names};
use libfuzzer_sys::fuzz_target;

const MAC: Mac = [0xb8, 0x27, 0xeb, 1, 2, 3];
const NUMBER: u32 = 0x0102_0304;
const ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 7, 9);

fuzz_target!(|bytes: &[u8]| {
    let Some((&kind, packet)) = bytes.split_first() else {
        return;
    };
    match kind {
        dhcp::OFFER | dhcp::ACKNOWLEDGE => reply(packet, kind),
        0 => question(packet),
        _ => {
            if link_local::claims(packet, MAC, ADDRESS) {
                assert_ne!(packet[22..28], MAC, "it is its own frame");
            }
        }
    }
});

fn reply(packet: &[u8], kind: u8) {
    let reply = dhcp::reply(packet, kind, NUMBER, MAC);
    let Some(lease) = reply.and_then(|reply| reply.lease()) else {
        return;
    };
    let again = lease.network.to_string().parse();
    assert_eq!(again, Ok(lease.network), "a machine can have it");
    assert!(lease.time >= Duration::from_secs(60));
    assert_ne!(lease.gateway, Some(Ipv4Addr::UNSPECIFIED));
}

fn question(packet: &[u8]) {
    let name = names::dns_name("pi1");
    let Some(question) = names::asked(packet, &name) else {
        return;
    };
    assert_eq!(question.len(), name.len() + 4);
    let answer = names::response(7, Some(question), &name, ADDRESS);
    // No more than a name and what is said of it.
    assert!(answer.len() < 200);
}
