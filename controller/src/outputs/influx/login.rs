//! What a server wants to know of who writes, and that nobody else learns it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::super::secret::{MAX_LENGTH, secret};
use crate::output::printable_line;
use crate::places::{Bucket, InfluxServer};

/// The variable of the environment with it, as the server's own tools have it.
const TOKEN: &str = "INFLUX_TOKEN";

/// Who writes, in the words of a request.
pub(super) struct Login {
    /// The value of the header `Authorization`.
    header: String,
    /// What no message may have.
    secrets: Vec<String>,
    /// Where it is from, for messages.
    source: String,
}

impl Login {
    /// What there is for this server: from its file, else from the environment.
    pub(super) fn of(server: &InfluxServer) -> Result<Option<Self>, String> {
        let file = server.token_file.as_deref();
        let Some(token) = secret(file, TOKEN)? else {
            return Ok(None);
        };
        let source = file.map_or_else(|| TOKEN.to_owned(), |path| format!("'{}'", path.display()));
        Self::with(token, source, &server.bucket).map(Some)
    }

    fn with(token: String, source: String, bucket: &Bucket) -> Result<Self, String> {
        let user_and_password = match bucket {
            Bucket::Database(_) => token.split_once(':'),
            Bucket::Bucket { .. } => None,
        };
        if let Some((_, password)) = user_and_password {
            let encoded = BASE64_STANDARD.encode(&token);
            return Ok(Self {
                header: format!("Basic {encoded}"),
                secrets: vec![password.to_owned(), encoded],
                source,
            });
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "{source} has letters that no token has; for InfluxDB 1 write USER:PASSWORD"
            ));
        }
        // A server of version 2 takes its tokens where databases are asked for as well.
        Ok(Self {
            header: format!("Token {token}"),
            secrets: vec![token],
            source,
        })
    }

    pub(super) fn header(&self) -> &str {
        &self.header
    }

    /// Whether a server repeats what nobody else may learn.
    fn is_in(&self, said: &str) -> bool {
        let mut secrets = self.secrets.iter();
        secrets.any(|secret| !secret.is_empty() && said.contains(&**secret))
    }
}

/// So much of an answer is read: a secret that begins in what is shown of it is seen as a whole.
pub(super) const READ: u64 = 4 * SHOWN as u64 + 2 * MAX_LENGTH;

/// So many letters of it are shown.
const SHOWN: usize = 300;

/// What a message has of the words of a server that did not take a request, with what to do where it did not
/// like who writes.
pub(super) fn refusal(status: u16, said: &str, login: Option<&Login>) -> String {
    let is_unwanted = matches!(status, 401 | 403);
    match login {
        Some(login) if login.is_in(said) => format!(
            ", in words that are not shown because they repeat the secret; look into {}",
            login.source
        ),
        Some(login) if is_unwanted => format!("{}; look into {}", shown(said), login.source),
        None if is_unwanted => format!(
            "{}; put the token, for InfluxDB 1 USER:PASSWORD, into {TOKEN}, or name a file with it as 'token_file'",
            shown(said)
        ),
        _ => shown(said),
    }
}

/// The beginning of what a server says, on one line.
fn shown(said: &str) -> String {
    let end = said.char_indices().nth(SHOWN);
    let begin = end.map_or(said, |(end, _)| &said[..end]).trim();
    if begin.is_empty() {
        return String::new();
    }
    let more = if end.is_some() { "…" } else { "" };
    format!(": {}{more}", printable_line(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(token: &str, bucket: &Bucket) -> Result<Login, String> {
        Login::with(token.to_owned(), "'a.token'".to_owned(), bucket)
    }

    fn database() -> Bucket {
        Bucket::Database("house".to_owned())
    }

    fn bucket() -> Bucket {
        Bucket::Bucket {
            org: "lab".to_owned(),
            bucket: "table".to_owned(),
        }
    }

    #[test]
    fn a_user_has_a_password_and_a_bucket_has_a_token() {
        for (token, place, header) in [
            ("me:söcret: 1", database(), "Basic bWU6c8O2Y3JldDogMQ=="),
            ("abc==", database(), "Token abc=="),
            ("a:b", bucket(), "Token a:b"),
        ] {
            let login = login(token, &place).expect("good");
            assert_eq!(login.header(), header);
        }
        for (token, place) in [("abc d", database()), ("tökên", bucket())] {
            let wrong = login(token, &place).err().expect("no token");
            assert!(
                wrong.contains("'a.token'") && !wrong.contains(token),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_repeats_a_secret_is_not_shown() {
        let user = login("me:sesame", &database()).expect("good");
        let token = login("sesame", &bucket()).expect("good");
        for (login, said) in [
            (&user, "no password \"sesame\""),
            (&user, "no 'Basic bWU6c2VzYW1l'"),
            (&token, "no auth token \"Token sesame\""),
        ] {
            let words = refusal(400, said, Some(login));
            assert!(
                words.contains("'a.token'") && !words.contains("no "),
                "{words}"
            );
        }
        assert_eq!(refusal(400, "no user me", Some(&user)), ": no user me");
        let open = login("me:", &database()).expect("no password");
        assert_eq!(refusal(404, "what?", Some(&open)), ": what?");
        assert_eq!(refusal(404, "", None), "");
    }

    #[test]
    fn who_is_not_wanted_learns_where_it_is_said_who_writes() {
        let token = login("abc", &bucket()).expect("good");
        assert_eq!(
            refusal(401, "unauthorized", Some(&token)),
            ": unauthorized; look into 'a.token'"
        );
        let nobody = refusal(403, "", None);
        assert!(
            nobody.contains(TOKEN) && nobody.contains("token_file"),
            "{nobody}"
        );
        let long = refusal(400, &"ä".repeat(2000), None);
        assert_eq!(long.chars().count(), SHOWN + 3);
        assert_eq!(refusal(400, " no\nway\r\n", None), ": no\\nway");
    }
}
