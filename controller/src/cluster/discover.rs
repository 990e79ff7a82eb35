//! Finding nodes on the local network by what they announce (DNS-SD over multicast DNS). Nothing else
//! needs to be installed for it here; on a Pi, Avahi answers for the node, or the node for itself.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use mdns_sd::{Error, ResolvedService, ServiceDaemon, ServiceEvent};

use super::endpoint::Endpoint;
use super::service::Service;

/// What nodes announce themselves as.
const SERVICE: &str = "_illuminator._tcp.local.";

/// How long is listened: machines answer within a second, and the question may get lost once.
const LISTENING: Duration = Duration::from_millis(2500);

/// The nodes that announce themselves, by their names.
pub(crate) async fn discover() -> Result<Vec<Endpoint>, String> {
    let found = smol::unblock(listen).await;
    found.map_err(|error| format!("cannot look for nodes: {error}; name them instead"))
}

fn listen() -> Result<Vec<Endpoint>, Error> {
    let daemon = ServiceDaemon::new()?;
    let events = daemon.browse(SERVICE)?;
    let end = Instant::now() + LISTENING;
    // A node is told of again when more of its addresses are known.
    let mut found = BTreeMap::new();
    while let Ok(event) = events.recv_timeout(end.saturating_duration_since(Instant::now())) {
        match event {
            ServiceEvent::ServiceResolved(service) => {
                if let Some(endpoint) = endpoint_of(&service) {
                    found.insert(service.fullname, endpoint);
                }
            }
            ServiceEvent::ServiceRemoved(_, name) => {
                found.remove(&name);
            }
            _ => {}
        }
    }
    // Its thread ends by itself.
    let _ = daemon.shutdown();
    Ok(found.into_values().collect())
}

/// Where a node is called: an IPv4 address before one of IPv6, and last of all one that is valid on one
/// interface only, with that interface.
fn endpoint_of(service: &ResolvedService) -> Option<Endpoint> {
    let rank = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => (u8::from(ip.is_link_local()), ip.is_loopback()),
        IpAddr::V6(ip) => (2 + u8::from(ip.is_unicast_link_local()), ip.is_loopback()),
    };
    let addresses = service.addresses.iter();
    let best = addresses.min_by_key(|address| {
        let ip = address.to_ip_addr();
        (rank(ip), ip)
    })?;
    let host = match best.to_ip_addr() {
        IpAddr::V6(ip) if ip.is_unicast_link_local() => best.to_string(),
        ip => ip.to_string(),
    };
    Some(Endpoint {
        host,
        port: service.port,
        service: Service::Node,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdns_sd::ServiceInfo;

    fn found(addresses: &str) -> Option<String> {
        let service = ServiceInfo::new(SERVICE, "pi3", "pi3.local.", addresses, 5123, None);
        let service = service.expect("a service").as_resolved_service();
        endpoint_of(&service).map(|endpoint| endpoint.to_string())
    }

    #[test]
    fn a_node_counts_once_however_many_addresses_it_has() {
        for (addresses, endpoint) in [
            ("fe80::1,192.168.0.3,10.0.0.3", "10.0.0.3:5123"),
            ("169.254.7.7,192.168.0.3", "192.168.0.3:5123"),
            ("fe80::1,fd00::3", "[fd00::3]:5123"),
        ] {
            assert_eq!(found(addresses).as_deref(), Some(endpoint), "{addresses}");
        }
        assert_eq!(found(""), None);
    }
}
