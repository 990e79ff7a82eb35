//! How ssh gets to a host, as its configuration says, and what to do where it does not.

use super::system::System;
use super::words::last_words;

/// How ssh gets to a host.
#[derive(Debug)]
pub(super) struct Route {
    /// What the user calls it.
    pub(super) host: String,
    /// The user as the command line has it.
    user: Option<String>,
    /// Its settings, `name value` each.
    settings: Vec<(String, String)>,
}

impl Route {
    /// Reads what `ssh -G` prints.
    pub(super) fn read(host: &str, user: Option<&str>, settings: &str) -> Self {
        let pair = |line: &str| {
            let (name, value) = line.split_once(' ')?;
            Some((name.to_owned(), value.trim().to_owned()))
        };
        Self {
            host: host.to_owned(),
            user: user.map(str::to_owned),
            settings: settings.lines().filter_map(pair).collect(),
        }
    }

    fn setting(&self, name: &str) -> Option<&str> {
        let found = self.settings.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether this machine's ssh knows of a setting.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.setting(name).is_some()
    }

    /// The address or name that ssh connects to, where that is another one than the user's.
    pub(super) fn alias_of(&self) -> Option<&str> {
        let hostname = self.setting("hostname")?;
        (!hostname.eq_ignore_ascii_case(&self.host)).then_some(hostname)
    }

    /// What ssh goes through, if it does not go straight.
    pub(super) fn jump(&self) -> Option<&str> {
        let jump = self.setting("proxyjump").or(self.setting("proxycommand"))?;
        (jump != "none").then_some(jump)
    }

    /// How the user would log in by hand.
    fn at(&self) -> String {
        match &self.user {
            Some(user) => format!("{user}@{}", self.host),
            None => self.host.clone(),
        }
    }

    /// What `known_hosts` calls the host.
    fn known_as(&self) -> String {
        if let Some(alias) = self.setting("hostkeyalias") {
            return alias.to_owned();
        }
        let hostname = self.setting("hostname").unwrap_or(&self.host);
        match self.setting("port") {
            None | Some("22") => hostname.to_owned(),
            Some(port) => format!("[{hostname}]:{port}"),
        }
    }
}

/// Why the ssh of this machine could not log in, and what to do about it.
pub(super) fn why_not_connected(stderr: &str, route: &Route) -> String {
    why_not_connected_from(System::HERE, stderr, route)
}

/// Likewise from this system.
fn why_not_connected_from(system: System, stderr: &str, route: &Route) -> String {
    let at = route.at();
    let last = match last_words(stderr) {
        last if last.is_empty() => "ssh gives no reason".to_owned(),
        last => last,
    };
    if stderr.contains("HOST IDENTIFICATION HAS CHANGED") {
        return format!(
            "ssh cannot log in: the key of this host has changed since ssh last met it. Its card may \
             have been written anew: then have ssh forget the old key with 'ssh-keygen -R {}', and \
             connect once with 'ssh {at}'. If not, another machine answers in its place",
            forget(stderr, &route.known_as())
        );
    }
    let remedy = if stderr.contains("Permission denied") {
        format!(
            "put your key there with {}, or name user and key with --user and --identity",
            system.bring_key(&at)
        )
    } else if stderr.contains("Host key verification failed") {
        format!("connect once with 'ssh {at}' and compare the host's key")
    } else {
        format!("see whether it is switched on and 'ssh {at}' works")
    };
    format!("ssh cannot log in: {last}; {remedy}")
}

/// The end of the command that forgets a key: whose, and in which file if ssh says that.
fn forget(stderr: &str, name: &str) -> String {
    let name = if name.starts_with('[') {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    };
    let file = stderr.lines().find_map(|line| {
        let (_, place) = line.strip_prefix("Offending ")?.split_once(" key in ")?;
        Some(place.rsplit_once(':')?.0)
    });
    match file {
        Some(file) if !file.ends_with("/.ssh/known_hosts") => format!("{name} -f {file}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(settings: &str) -> Route {
        Route::read("pi1", None, settings)
    }

    #[test]
    fn what_to_do_about_a_login_depends_on_why_it_failed() {
        for (said, remedy) in [
            ("pi@pi1: Permission denied (publickey).", "ssh-copy-id pi1"),
            (
                "Host key verification failed.",
                "connect once with 'ssh pi1'",
            ),
            (
                "ssh: connect to host pi1 port 22: No route to host",
                "switched on",
            ),
            ("", "ssh gives no reason"),
        ] {
            let route = route("hostname pi1\nport 22\n");
            let text = why_not_connected_from(System::Unix, said, &route);
            assert!(text.contains(remedy) && text.contains(said), "{text}");
        }
    }

    #[test]
    fn windows_has_another_way_for_a_key_and_other_ends_of_lines() {
        let route = Route::read("pi1", Some("pi"), "hostname pi1\nport 22\n");
        let said = "pi@pi1: Permission denied (publickey).";
        let text = why_not_connected_from(System::Windows, said, &route);
        assert!(
            text.contains("| ssh pi@pi1 ") && !text.contains("ssh-copy-id"),
            "{text}"
        );
        let route = Route::read("pi1", None, "hostname pi1\r\nport 22\r\nproxyjump none\r\n");
        assert_eq!((route.alias_of(), route.jump()), (None, None));
    }

    #[test]
    fn a_key_that_has_changed_is_told_apart_from_one_that_is_not_known() {
        let said = "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nOffending ED25519 key in \
                    /home/me/.ssh/known_hosts:3\nHost key verification failed.\n";
        for (settings, remedy) in [
            ("hostname 10.0.0.1\nport 22", "'ssh-keygen -R 10.0.0.1'"),
            (
                "hostname 10.0.0.1\nport 2222",
                "'ssh-keygen -R \"[10.0.0.1]:2222\"'",
            ),
            ("hostname 10.0.0.1\nhostkeyalias lab", "'ssh-keygen -R lab'"),
        ] {
            let text = why_not_connected(said, &route(settings));
            assert!(
                text.contains("has changed") && text.contains(remedy),
                "{text}"
            );
        }
        let elsewhere = said.replace("/home/me/.ssh/known_hosts", "/etc/ssh/known");
        let text = why_not_connected(&elsewhere, &route("hostname pi1\nport 22"));
        assert!(
            text.contains("'ssh-keygen -R pi1 -f /etc/ssh/known'"),
            "{text}"
        );
    }

    #[test]
    fn the_way_is_what_ssh_says() {
        let straight = route("hostname PI1\nstdinnull no\nproxyjump none\n");
        assert_eq!((straight.alias_of(), straight.jump()), (None, None));
        assert!(straight.knows("stdinnull") && !straight.knows("sessiontype"));
        let other = route("hostname 10.0.0.1\nproxyjump me@gate\n");
        assert_eq!(other.alias_of(), Some("10.0.0.1"));
        assert_eq!(other.jump(), Some("me@gate"));
    }
}
