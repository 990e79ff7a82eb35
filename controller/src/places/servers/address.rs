//! An address, in its parts.

/// The parts of an address.
pub(super) struct Address<'a> {
    pub(super) scheme: &'a str,
    pub(super) user: Option<&'a str>,
    /// Without brackets.
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
    /// What follows the first slash after the host.
    pub(super) path: &'a str,
}

impl<'a> Address<'a> {
    /// Reads `SCHEME://USER@HOST:PORT/PATH`, of which user, port and path may be missing.
    pub(super) fn of(text: &'a str, schemes: &[&str], example: &str) -> Result<Self, String> {
        // What stands before it may be a password.
        let shown = text.rfind('@').map_or(text, |at| &text[at..]);
        let wrong = || format!("'{shown}' is no address; write it as {example}");
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        if !schemes.contains(&scheme) {
            return Err(wrong());
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let (host, port) = match place.strip_prefix('[') {
            Some(inside) => {
                let (host, port) = inside.split_once(']').ok_or_else(wrong)?;
                host.parse::<std::net::Ipv6Addr>().map_err(|_| wrong())?;
                (host, port)
            }
            None => place.split_at(place.find(':').unwrap_or(place.len())),
        };
        let port = match port.strip_prefix(':') {
            Some(number) => Some(number.parse().map_err(|_| wrong())?),
            None if port.is_empty() => None,
            None => return Err(wrong()),
        };
        let is_odd = |letter: char| letter.is_whitespace() || letter.is_control();
        if host.is_empty() || text.contains(is_odd) || host.contains(['?', '#', '%', '\\']) {
            return Err(wrong());
        }
        Ok(Self {
            scheme,
            user,
            host,
            port,
            path,
        })
    }
}
