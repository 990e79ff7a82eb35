//! An `InfluxDB`, and its address.

use std::path::PathBuf;
use std::str::FromStr;

use super::address::Address;

/// An `InfluxDB`, and where in it rows go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfluxServer {
    /// Such as `http://localhost:8086`.
    pub(crate) url: String,
    pub(crate) bucket: Bucket,
    /// The file with what the server wants to know who writes.
    pub(crate) token_file: Option<PathBuf>,
}

/// Where in an `InfluxDB`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// Version 1: the name of a database.
    Database(String),
    /// Version 2: an organisation, and a bucket of it.
    Bucket { org: String, bucket: String },
}

impl Bucket {
    /// What a scenario or an address says of it.
    pub(crate) fn of(
        db: Option<&str>,
        org: Option<&str>,
        bucket: Option<&str>,
    ) -> Result<Self, String> {
        match (db, org, bucket) {
            (Some(db), None, None) => Ok(Self::Database(db.to_owned())),
            (None, Some(org), Some(bucket)) => Ok(Self::Bucket {
                org: org.to_owned(),
                bucket: bucket.to_owned(),
            }),
            _ => Err(
                "give 'db' for InfluxDB 1, or 'org' and 'bucket' for InfluxDB 2, and not both"
                    .to_owned(),
            ),
        }
    }
}

/// An address of the command line: `http://localhost:8086?db=NAME`, or with `?org=NAME&bucket=NAME`.
impl FromStr for InfluxServer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let url = influx_url(address)?;
        let (mut db, mut org, mut bucket) = (None, None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match key {
                "db" => &mut db,
                "org" => &mut org,
                "bucket" => &mut bucket,
                other => {
                    return Err(format!(
                        "there may be 'db', or 'org' and 'bucket', not '{other}'"
                    ));
                }
            };
            if value.is_empty() || value.contains(['%', '+']) {
                return Err(format!(
                    "'{key}' needs a name; one with blanks or the like can be given under 'influx' in the scenario"
                ));
            }
            *place = Some(value);
        }
        Ok(Self {
            url,
            bucket: Bucket::of(db, org, bucket)
                .map_err(|remedy| format!("{remedy}: http://localhost:8086?db=NAME"))?,
            token_file: None,
        })
    }
}

/// The address of an `InfluxDB`, without a slash at its end.
pub(crate) fn influx_url(text: &str) -> Result<String, String> {
    let address = Address::of(text, &["http", "https"], "http://localhost:8086")?;
    if address.scheme == "https" {
        return Err(
            "there is no TLS here; give the http address of a tunnel, such as http://localhost:8086 of \
             'ssh -N -L 8086:localhost:8086 USER@HOST', or of a proxy on this machine, such as stunnel, that adds it"
                .to_owned(),
        );
    }
    if address.user.is_some() {
        return Err(
            "an address is no place for a name and a password; put them into a file, see 'token_file'"
                .to_owned(),
        );
    }
    if text.contains('?') {
        return Err(
            "what follows the question mark has keys of its own: 'db', or 'org' and 'bucket'"
                .to_owned(),
        );
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_what() {
        let one: InfluxServer = "http://localhost:8086?db=house".parse().expect("good");
        assert_eq!(one.url, "http://localhost:8086");
        assert_eq!(one.bucket, Bucket::Database("house".into()));
        let two: InfluxServer = "http://[::1]:8086/proxy/?org=lab&bucket=table"
            .parse()
            .expect("good");
        assert_eq!(two.url, "http://[::1]:8086/proxy");
    }

    #[test]
    fn one_that_cannot_be_used_is_refused_with_what_would_be_right() {
        for (text, said) in [
            ("localhost:8086?db=x", "http://"),
            ("", "http://localhost:8086"),
            ("http://?db=x", "is no address"),
            ("http://a:x?db=x", "is no address"),
            ("http://[a]?db=x", "is no address"),
            ("http://a b?db=x", "is no address"),
            ("https://a?db=x", "no TLS"),
            ("http://me:secret@a?db=x", "token_file"),
            ("http://me:secret@a:x?db=x", "is no address"),
            ("me:secret@a?db=x", "is no address"),
            ("http://a", "'org' and 'bucket'"),
            ("http://a?db=x&org=y", "not both"),
            ("http://a?org=y", "'org' and 'bucket'"),
            ("http://a?token=secret", "not 'token'"),
            ("http://a?db=", "needs a name"),
        ] {
            let error = text.parse::<InfluxServer>().expect_err(text);
            assert!(error.contains(said), "{text}: {error}");
            assert!(!error.contains("secret"), "{text}: {error}");
        }
    }
}
