//! The file of a card that says which node it is.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use settings::{Entry, Setting};
use shared::wire::Key;

/// The name of the file.
pub const FILE: &str = "illuminator.toml";

/// The most bytes that it may have.
pub const LONGEST: u64 = 64 << 10;

/// Which node a card is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The name of the machine: `pi1` is found as `pi1.local`.
    pub name: String,
    /// The key of the cluster; without it the node lets nobody in, unless it is told to be `insecure`.
    pub key: Option<Key>,
    /// The address of the machine; the network is asked for one where nothing is said.
    pub address: Option<Network>,
    /// The way to other networks, for an address that is given.
    pub gateway: Option<Ipv4Addr>,
    /// Whether whoever holds the key may update the node; so it is where nothing is said.
    pub updates: bool,
    /// The configuration of the node, as `/etc/illuminator/node.toml` has it elsewhere.
    pub node: String,
}

/// What is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FILE}:{}: {}", self.line, self.message)
    }
}

impl std::error::Error for SettingsError {}

/// An address, and how many of its bits are the network's: `192.168.0.11/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The address of the machine.
    pub address: Ipv4Addr,
    /// Bits of the network, from 1 to 30.
    pub prefix: u8,
}

impl Network {
    /// The bits that all addresses of the network have in common.
    pub fn mask(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(u32::MAX << (32 - u32::from(self.prefix)))
    }

    /// Where all machines of the network listen.
    pub fn broadcast(self) -> Ipv4Addr {
        self.address | !self.mask()
    }

    /// The address so many after this one, if that is one for a machine of the same network.
    pub fn after(self, count: u32) -> Option<Self> {
        let next = Self {
            address: Ipv4Addr::from_bits(self.address.to_bits().checked_add(count)?),
            ..self
        };
        (next.broadcast() == self.broadcast() && next.is_for_a_machine()).then_some(next)
    }

    fn is_for_a_machine(self) -> bool {
        self.address != self.broadcast()
            && self.address != self.address & self.mask()
            && !self.address.is_loopback()
            && !self.address.is_multicast()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (address, prefix) = text.split_once('/')?;
            let network = Self {
                address: address.parse().ok()?,
                prefix: prefix
                    .parse()
                    .ok()
                    .filter(|prefix| (1..=30).contains(prefix))?,
            };
            network.is_for_a_machine().then_some(network)
        };
        parse().ok_or_else(|| {
            format!(
                "'{text}' is no address of a machine with the bits of its network, such as 192.168.0.11/24"
            )
        })
    }
}

/// Checks that a machine can be called so in a network.
///
/// # Errors
/// What is wrong with the name.
pub fn check_name(name: &str) -> Result<(), String> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=63).contains(&name.len())
        && name.bytes().all(is_fine)
        && !name.starts_with('-')
        && !name.ends_with('-')
    {
        return Ok(());
    }
    Err(format!(
        "'{}' is no name of a machine: it has up to 63 letters, digits and '-', such as pi1",
        name.escape_debug()
    ))
}

impl Settings {
    /// Reads the text of the file. What it does not know is for the node, in the same lines.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let wrong = |(line, message): (usize, String)| SettingsError { line, message };
        let (mut name, mut key, mut address, mut gateway) = (None, None, None, None);
        let mut updates = true;
        let mut own = Vec::new();
        for Entry {
            key: path,
            line,
            value,
        } in settings::entries(text).map_err(wrong)?
        {
            let fault = |message| wrong((line, message));
            match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                [called @ "name"] => name = Some(set(called, value, name_of).map_err(fault)?),
                [called @ "key"] => key = Some(set(called, value, key_of).map_err(fault)?),
                [called @ "address"] => {
                    address = Some(set(called, value, str::parse).map_err(fault)?);
                }
                [called @ "gateway"] => {
                    gateway = Some(set(called, value, gateway_of).map_err(fault)?);
                }
                [called @ "updates"] => {
                    let Setting::Flag(flag) = value else {
                        let message = format!("'{called}' must be true or false, not {value}");
                        return Err(fault(message));
                    };
                    updates = flag;
                }
                _ => continue,
            }
            own.push(line);
        }
        let lines = text.lines().enumerate();
        let node = lines.map(|(number, line)| {
            if own.contains(&(number + 1)) {
                ""
            } else {
                // Of several, `lines` takes one away, and of those in a last line without an end none.
                line.trim_end_matches('\r')
            }
        });
        Ok(Self {
            name: name.ok_or_else(|| {
                wrong((
                    1,
                    "the Pi has no name; write name = \"pi1\", say".to_owned(),
                ))
            })?,
            key,
            address,
            gateway,
            updates,
            node: node.flat_map(|line| [line, "\n"]).collect(),
        })
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let quoted = |key: &str, value: Option<String>, example: &str| match value {
            Some(value) => format!("{key} = \"{value}\"\n"),
            None => format!("#{key} = \"{example}\"\n"),
        };
        let key = self.key.as_ref().map(|key| key.to_text().trim().to_owned());
        [
            "# Which node of an Illuminator cluster this Raspberry Pi is. It reads this file when it is switched on and\n\
             # never writes to it. Any editor may change it.\n\n\
             # The name of the Pi: it is found as NAME.local.\n",
            &quoted("name", Some(self.name.clone()), ""),
            "\n# The key of the cluster. Whoever holds this card can read it.\n",
            &quoted("key", key, "64 hexadecimal digits, from 'controller key new'"),
            "\n# The address of the Pi. Where none is given it asks the network for one (DHCP), and takes one that begins\n\
             # with 169.254 where nobody answers.\n",
            &quoted("address", self.address.map(|address| address.to_string()), "192.168.0.11/24"),
            &quoted("gateway", self.gateway.map(|gateway| gateway.to_string()), "192.168.0.1"),
            "\n# Whether 'controller deploy' may update this Pi over the network, with the key of the cluster.\n",
            if self.updates { "#updates = false\n" } else { "updates = false\n" },
            "\n# All below is as in the configuration of any node, /etc/illuminator/node.toml.\n\n",
            &self.node,
        ]
        .concat()
    }
}

/// What a text of the file stands for.
fn set<T>(
    key: &str,
    value: Setting,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, String> {
    match value {
        Setting::Text(text) => parse(&text).map_err(|what| format!("'{key}': {what}")),
        other => Err(format!("'{key}' must be a text in quotes, not {other}")),
    }
}

fn name_of(text: &str) -> Result<String, String> {
    check_name(text).map(|()| text.to_owned())
}

/// The text of a key is a secret, so a wrong one is not shown.
fn key_of(text: &str) -> Result<Key, String> {
    Key::parse(text).ok_or_else(|| {
        "this is no key of a cluster: it has 64 hexadecimal digits, as 'controller key new' writes them".to_owned()
    })
}

fn gateway_of(text: &str) -> Result<Ipv4Addr, String> {
    let gateway = text.parse();
    gateway.map_err(|_| format!("'{text}' is no address such as 192.168.0.1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            name: "pi1".to_owned(),
            key: Key::random().ok(),
            address: Some("192.168.0.11/24".parse().expect("an address")),
            gateway: Some(Ipv4Addr::new(192, 168, 0, 1)),
            updates: true,
            node: "listen = [\"[::]:5123\"]\n\n[leds]\nready = 17\n".to_owned(),
        }
    }

    fn error(text: &str) -> String {
        let parsed = Settings::parse(text);
        parsed.expect_err("wrong").to_string()
    }

    #[test]
    fn what_is_written_is_read() {
        for settings in [
            settings(),
            Settings {
                key: None,
                address: None,
                gateway: None,
                updates: false,
                ..settings()
            },
        ] {
            let text = settings.to_text();
            let read = Settings::parse(&text).expect("right");
            assert!(read.node.ends_with(&settings.node), "{}", read.node);
            assert_eq!(
                Settings {
                    node: settings.node.clone(),
                    ..read
                },
                settings
            );
        }
    }

    #[test]
    fn the_file_of_an_image_names_no_cluster() {
        let read = Settings::parse(include_str!("../card/illuminator.toml")).expect("right");
        assert_eq!((read.key, read.address, read.updates), (None, None, true));
        assert!(settings::entries(&read.node).expect("right").is_empty());
    }

    #[test]
    fn an_editor_may_write_other_ends_of_lines_and_a_mark() {
        let text = format!("\u{feff}{}", settings().to_text().replace('\n', "\r\n"));
        let read = Settings::parse(&text).expect("right");
        assert_eq!(
            (read.name, read.key),
            (settings().name, Settings::parse(&text).expect("right").key)
        );
    }

    #[test]
    fn of_other_ends_of_lines_none_is_left_for_the_node() {
        let read = Settings::parse("name = 'a'\r\nquiet = true\r\r\n# A\r\r").expect("right");
        assert_eq!(read.node, "\nquiet = true\n# A\n");
        let again = Settings::parse(&read.to_text()).expect("right");
        assert!(again.node.ends_with(&read.node), "{:?}", again.node);
    }

    #[test]
    fn what_is_for_the_node_stays_in_its_line() {
        let read =
            Settings::parse("listen = [\"[::]:1\"]\nname = 'pi2'\nquiet = true\n").expect("right");
        assert_eq!(read.node, "listen = [\"[::]:1\"]\n\nquiet = true\n");
        assert_eq!(read.key, None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        assert_eq!(
            error("quiet = true\n"),
            "illuminator.toml:1: the Pi has no name; write name = \"pi1\", say"
        );
        assert!(
            error("\nname = 'pi 1'").starts_with("illuminator.toml:2: 'name': 'pi 1' is no name")
        );
        assert!(error("name = 1").ends_with("must be a text in quotes, not 1"));
        assert!(
            error("name = 'a'\naddress = '192.168.0.0/24'")
                .starts_with("illuminator.toml:2: 'address'")
        );
        assert!(error("name = 'a'\naddress = '192.168.0.1'").contains("192.168.0.11/24"));
        assert!(error("name = 'a'\ngateway = 'b'").contains("no address such as"));
        assert!(
            error("name = 'a'\nupdates = 1").ends_with("'updates' must be true or false, not 1")
        );
        assert!(error("name = ").contains("no TOML"));
        let secret = error("name = 'a'\nkey = 'abc'");
        assert!(
            secret.contains("64 hexadecimal digits") && !secret.contains("abc"),
            "{secret}"
        );
    }

    #[test]
    fn addresses_are_counted_within_their_network() {
        let first: Network = "192.168.0.253/24".parse().expect("an address");
        assert_eq!(
            first.after(1).map(|next| next.to_string()).as_deref(),
            Some("192.168.0.254/24")
        );
        assert_eq!(first.after(2), None, "where all listen");
        assert_eq!(first.after(4), None, "another network");
        assert_eq!(first.mask(), Ipv4Addr::new(255, 255, 255, 0));
        for wrong in [
            "192.168.0.255/24",
            "127.0.0.1/8",
            "10.0.0.1/31",
            "10.0.0.1/0",
            "::1/64",
            "a",
        ] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
