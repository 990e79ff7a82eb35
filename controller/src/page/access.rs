//! Who may see the page, and who may do something there.

use std::net::{IpAddr, SocketAddr};

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, ORIGIN};

/// Whom the page serves.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) address: SocketAddr,
    /// What has to be in the address of every request; `None` for a page that this machine alone can reach.
    pub(super) token: Option<String>,
    /// Commands are taken.
    pub(super) takes_commands: bool,
}

/// Where the files of the page are.
pub(super) const FILES: &str = "/page/";

/// Why a request is not met.
pub(super) type Refused = (StatusCode, String);

impl Access {
    /// Lets a request for a path in, with the token that it has. The files of the page say nothing of a run, and ask for each
    /// other without one.
    pub(super) fn admit(
        &self,
        path: &str,
        headers: &HeaderMap,
        token: Option<&str>,
    ) -> Result<(), Refused> {
        let forbidden = |why: &str| (StatusCode::FORBIDDEN, why.to_owned());
        if let Some(right) = &self.token
            && !path.starts_with(FILES)
            && !token.is_some_and(|given| is_same(given, right))
        {
            return Err(forbidden(
                "the address lacks its token: use the one that the controller has printed, with all that follows '?token='",
            ));
        }
        // A page of somebody else, whose name leads here, could ask as well as this one does.
        if self.address.ip().is_loopback() && !text(headers, HOST).is_some_and(is_this_machine) {
            return Err(forbidden("this page is for 127.0.0.1 or localhost alone"));
        }
        let origin = text(headers, ORIGIN);
        let own = |origin: &str| {
            let host = text(headers, HOST).unwrap_or_default();
            origin.strip_prefix("http://") == Some(host)
        };
        if origin.is_some_and(|origin| !own(origin)) {
            return Err(forbidden("a page of somebody else asks for this"));
        }
        Ok(())
    }

    /// Lets a command in, beyond that.
    pub(super) fn admit_command(&self, headers: &HeaderMap) -> Result<(), Refused> {
        if !self.takes_commands {
            let why = "this page is for looking: start the controller with --page-control to let it do something";
            return Err((StatusCode::FORBIDDEN, why.to_owned()));
        }
        is_json(headers)
    }
}

/// A form of another page cannot send this kind of content.
pub(super) fn is_json(headers: &HeaderMap) -> Result<(), Refused> {
    let kind = text(headers, CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let why = "send 'Content-Type: application/json'";
    Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, why.to_owned()))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Whether the host of a request is a name of this machine for itself.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Compares in a time that does not tell how much of it is right.
fn is_same(given: &str, right: &str) -> bool {
    let differences = given.bytes().zip(right.bytes()).map(|(a, b)| a ^ b);
    given.len() == right.len() && differences.fold(0, |all, one| all | one) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(entries: &[(HeaderName, &str)]) -> HeaderMap {
        let entry =
            |(name, value): &(HeaderName, &str)| (name.clone(), value.parse().expect("a value"));
        entries.iter().map(entry).collect()
    }

    fn access(address: &str, token: Option<&str>) -> Access {
        Access {
            address: address.parse().expect("an address"),
            token: token.map(str::to_owned),
            takes_commands: false,
        }
    }

    #[test]
    fn on_this_machine_only_its_own_names_and_its_own_page_are_let_in() {
        let access = access("127.0.0.1:5180", None);
        for host in [
            "127.0.0.1:5180",
            "localhost:5180",
            "LOCALHOST",
            "[::1]:5180",
            "127.0.0.1",
        ] {
            assert!(
                access.admit("/", &headers(&[(HOST, host)]), None).is_ok(),
                "{host}"
            );
        }
        for host in [
            "evil.example:5180",
            "localhost.evil.example",
            "192.168.0.1:5180",
            "",
        ] {
            assert!(
                access.admit("/", &headers(&[(HOST, host)]), None).is_err(),
                "{host}"
            );
        }
        assert!(access.admit("/", &headers(&[]), None).is_err());
        let from = |origin| headers(&[(HOST, "localhost:5180"), (ORIGIN, origin)]);
        assert!(
            access
                .admit("/", &from("http://localhost:5180"), None)
                .is_ok()
        );
        for origin in [
            "http://evil.example",
            "https://localhost:5180",
            "http://localhost:81",
            "null",
        ] {
            assert!(access.admit("/", &from(origin), None).is_err(), "{origin}");
        }
    }

    #[test]
    fn elsewhere_the_token_counts() {
        let access = access("192.168.0.9:5180", Some("abc"));
        let headers = headers(&[(HOST, "lecturer.local:5180")]);
        assert!(access.admit("/", &headers, Some("abc")).is_ok());
        assert!(access.admit("/page/start.js", &headers, None).is_ok());
        for wrong in [None, Some(""), Some("ab"), Some("abcd"), Some("abd")] {
            assert!(
                access.admit("/api/run", &headers, wrong).is_err(),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn commands_are_taken_where_that_is_wanted_and_as_json_alone() {
        let mut access = access("127.0.0.1:1", None);
        let json = headers(&[(CONTENT_TYPE, "application/json; charset=utf-8")]);
        assert!(access.admit_command(&json).is_err());
        access.takes_commands = true;
        assert!(access.admit_command(&json).is_ok());
        assert!(
            access
                .admit_command(&headers(&[(CONTENT_TYPE, "text/plain")]))
                .is_err()
        );
        assert!(access.admit_command(&headers(&[])).is_err());
    }
}
