//! Finding nodes on the local network, where Avahi answers for them (DNS-SD over multicast DNS).

use std::io;
use std::net::IpAddr;
use std::process::{Output, Stdio};
use std::time::Duration;

use smol::Timer;
use smol::process::Command;

use super::endpoint::Endpoint;

/// What nodes announce themselves as.
const SERVICE: &str = "_illuminator._tcp";

/// How long Avahi may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The nodes that announce themselves.
pub(crate) async fn discover() -> Result<Vec<Endpoint>, String> {
    let browse = Command::new("avahi-browse")
        .args(["--parsable", "--resolve", "--terminate", SERVICE])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let limit = async {
        Timer::after(LIMIT).await;
        Err(io::ErrorKind::TimedOut.into())
    };
    match smol::future::or(browse, limit).await {
        Ok(Output { status, stdout, .. }) if status.success() => {
            Ok(parse(&String::from_utf8_lossy(&stdout)))
        }
        Ok(Output { stderr, .. }) => {
            let said = String::from_utf8_lossy(&stderr);
            Err(format!(
                "Avahi cannot look for nodes: {}; name them instead",
                said.trim()
            ))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(
            "there is no Avahi here to look for nodes with ('apt install avahi-utils' brings it); \
             name them instead"
                .to_owned(),
        ),
        Err(error) => Err(format!(
            "Avahi cannot look for nodes: {error}; name them instead"
        )),
    }
}

/// Reads `=;interface;protocol;name;type;domain;host;address;port;text` lines. A node is often there
/// several times, by its interfaces; the first IPv4 address counts.
fn parse(lines: &str) -> Vec<Endpoint> {
    let mut found: Vec<(String, Endpoint)> = Vec::new();
    for line in lines.lines() {
        let fields: Vec<&str> = line.split(';').collect();
        let ["=", _, _, _, _, _, name, address, port, ..] = fields[..] else {
            continue;
        };
        let (Ok(ip), Ok(port)) = (address.parse::<IpAddr>(), port.parse::<u16>()) else {
            continue;
        };
        // An address that is valid on one interface only does not say which.
        let is_local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        let host = if is_local { name } else { address };
        let endpoint = Endpoint {
            host: host.to_owned(),
            port,
        };
        match found
            .iter_mut()
            .find(|(known, at)| known == name && at.port == port)
        {
            Some((_, known))
                if ip.is_ipv4() && known.host.parse::<std::net::Ipv4Addr>().is_err() =>
            {
                *known = endpoint;
            }
            Some(_) => {}
            None => found.push((name.to_owned(), endpoint)),
        }
    }
    found.into_iter().map(|(_, endpoint)| endpoint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_counts_once_however_many_interfaces_it_has() {
        let lines = "+;eth0;IPv6;Illuminator node on pi3;_illuminator._tcp;local\n\
            =;eth0;IPv6;Illuminator node on pi3;_illuminator._tcp;local;pi3.local;fe80::1;5123;\"version=0.1.0\"\n\
            =;eth0;IPv4;Illuminator node on pi3;_illuminator._tcp;local;pi3.local;192.168.0.3;5123;\n\
            =;wlan0;IPv4;Illuminator node on pi3;_illuminator._tcp;local;pi3.local;10.0.0.3;5123;\n\
            =;eth0;IPv6;Illuminator node on pi4;_illuminator._tcp;local;pi4.local;fe80::2;5124;\n\
            =;eth0;IPv4;half a line\n";
        let found: Vec<String> = parse(lines).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.168.0.3:5123", "pi4.local:5124"]);
    }
}
