//! An `InfluxDB` of version 1.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use rig::{PATIENCE, Run, wait_for};
use tempfile::TempDir;

/// A server with a database `house`.
pub(crate) struct Database {
    pub(crate) server: Run,
    pub(crate) address: String,
    /// Name and password, as its query wants them.
    login: &'static str,
    folder: TempDir,
}

/// Who may do everything in one that wants to know.
pub(crate) const ADMIN: &str = "admin:sesame open";

impl Database {
    /// One that lets everybody write.
    pub(crate) fn start() -> Self {
        Self::start_at("127.0.0.1:0")
    }

    /// The same, at this address.
    pub(crate) fn start_at(address: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::with(folder, address, "")
    }

    /// One that wants to know who writes: [`ADMIN`].
    pub(crate) fn start_with_users() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::with(folder, "127.0.0.1:0", "&u=admin&p=sesame%20open")
    }

    fn with(folder: TempDir, address: &str, login: &'static str) -> Self {
        let (server, address) = serve(folder.path(), address, !login.is_empty());
        let database = Self {
            server,
            address,
            login,
            folder,
        };
        if !login.is_empty() {
            let create = "q=CREATE+USER+admin+WITH+PASSWORD+'sesame%20open'+WITH+ALL+PRIVILEGES";
            database.ask("POST", create);
        }
        database.ask("POST", "q=CREATE+DATABASE+house");
        database
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        self.server.signal("KILL");
        wait_for("the end of the server", || {
            self.server.is_over().then_some(())
        });
    }

    /// Starts it again where it was, with what it had.
    pub(crate) fn restart(&mut self) {
        let (folder, address) = (self.folder.path(), &self.address);
        (self.server, _) = serve(folder, address, !self.login.is_empty());
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}?db=house", self.address)
    }

    /// What it answers, as CSV.
    pub(crate) fn ask(&self, method: &str, query: &str) -> String {
        let target = format!("/query?{query}{}", self.login);
        http(&self.address, method, &target)
    }

    /// How many points there are of a field.
    pub(crate) fn count(&self, field: &str) -> u64 {
        let query = format!("db=house&q=SELECT+COUNT(%22{field}%22)+FROM+energy_metrics");
        let answer = self.ask("GET", &query);
        let last = answer
            .lines()
            .nth(1)
            .and_then(|line| line.rsplit(',').next());
        last.map_or(0, |count| count.parse().expect("a number"))
    }
}

/// Starts the program; returns it with the address at which it listens.
fn serve(folder: &Path, address: &str, with_users: bool) -> (Run, String) {
    let log = folder.join("log");
    let mut command = Command::new("influxd");
    command.args(["-config", "/dev/null"]);
    for (name, value) in [
        ("HTTP_BIND_ADDRESS", address),
        ("HTTP_AUTH_ENABLED", &with_users.to_string()),
        ("BIND_ADDRESS", "127.0.0.1:0"),
        ("REPORTING_DISABLED", "true"),
        ("MONITOR_STORE_ENABLED", "false"),
    ] {
        command.env(format!("INFLUXDB_{name}"), value);
    }
    for name in ["META_DIR", "DATA_DIR", "DATA_WAL_DIR"] {
        command.env(format!("INFLUXDB_{name}"), folder.join(name));
    }
    let stderr = File::create(&log).expect("created");
    let server = Run::start_with_streams(&mut command, Stdio::null(), stderr.into());
    let address = wait_for("an InfluxDB that listens", || {
        let log = fs::read_to_string(&log).ok()?;
        let line = log
            .lines()
            .find(|line| line.contains("Listening on HTTP"))?;
        let (_, address) = line.split_once(" addr=")?;
        Some(address.split_whitespace().next()?.to_owned())
    });
    (server, address)
}

/// The body of a good answer, as CSV where there is a choice.
pub(crate) fn http(address: &str, method: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    let request =
        format!("{method} {target} HTTP/1.0\r\nHost: influx\r\nAccept: application/csv\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains(" 200 "), "{answer}");
    body.to_owned()
}
