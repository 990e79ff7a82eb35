//! The interface of version 2, as `VictoriaMetrics` has it, behind its proxy that wants a token.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use rig::{Run, Trial, wait_for};
use tempfile::TempDir;

use super::super::{has, scenario};
use super::database::http;

/// A store, and the proxy before it.
struct Metrics {
    _store: Run,
    _proxy: Run,
    store: String,
    proxy: String,
    _folder: TempDir,
}

/// What the proxy wants to hear.
const TOKEN: &str = "sesame-open==";

impl Metrics {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("victoria-metrics");
        command.arg(format!(
            "-storageDataPath={}",
            folder.path().join("data").display()
        ));
        // Or it drops what was measured in 2012.
        command.arg("-retentionPeriod=100y");
        let (store, at) = serve(command, folder.path(), "store.log");
        let rules = folder.path().join("auth.yml");
        let text = format!("users:\n- bearer_token: '{TOKEN}'\n  url_prefix: 'http://{at}/'\n");
        fs::write(&rules, text).expect("written");
        let mut command = Command::new("vmauth");
        command.arg(format!("-auth.config={}", rules.display()));
        let (proxy, before) = serve(command, folder.path(), "proxy.log");
        Self {
            _store: store,
            _proxy: proxy,
            store: at,
            proxy: before,
            _folder: folder,
        }
    }

    /// How many values it has of an item.
    fn count(&self, item: &str) -> usize {
        http(&self.store, "GET", "/internal/force_flush");
        let query = format!(
            "/api/v1/export?match[]=%7B__name__%3D%22energy_metrics_{item}%22%2Csource%3D%22illuminator%22%7D"
        );
        let lines = http(&self.store, "GET", &query);
        let values = lines.lines().map(|line| {
            let series: serde_json::Value = serde_json::from_str(line).expect("JSON");
            series["values"].as_array().map_or(0, Vec::len)
        });
        values.sum()
    }
}

/// Starts one of its programs at a free port.
fn serve(mut command: Command, folder: &Path, log: &str) -> (Run, String) {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    command.arg(format!("-httpListenAddr={address}"));
    let log = File::create(folder.join(log)).expect("created");
    let server = Run::start_with_streams(&mut command, Stdio::null(), log.into());
    wait_for("a server that listens", || {
        TcpStream::connect(&address).ok()
    });
    (server, address)
}

#[test]
fn a_bucket_gets_the_rows_of_who_has_its_token_and_no_message_has_one() {
    if !has("victoria-metrics") || !has("vmauth") {
        return;
    }
    let metrics = Metrics::start();
    let trial = Trial::new(&scenario(20, "dates: short"));
    let url = format!("http://{}?org=lab&bucket=table", metrics.proxy);
    let right = trial.run_with(&[("INFLUX_TOKEN", TOKEN)], &["--influx", &url]);
    right.assert(0, &["20 of 20 rows"]);
    assert!(!right.stderr.contains("influx:"), "{}", right.stderr);
    assert_eq!(metrics.count("Cell.soc"), 20);

    // This server repeats the token that it does not know.
    let wrong = trial.run_with(&[("INFLUX_TOKEN", "hidden")], &["--influx", &url]);
    wrong.assert(0, &["20 of 20 rows"]);
    let record = fs::read_to_string(trial.path("out.run.json")).expect("a record");
    for text in [&wrong.stderr, &record] {
        assert!(
            text.contains("20 of 20 rows were not delivered")
                && text.contains("look into INFLUX_TOKEN"),
            "{text}"
        );
        assert!(!text.contains("hidden"), "{text}");
    }
    trial.assert_whole_loop(20);
    assert_eq!(metrics.count("Cell.soc"), 20);
}

#[test]
fn an_address_may_have_a_path() {
    if !has("victoria-metrics") || !has("vmauth") {
        return;
    }
    let metrics = Metrics::start();
    let trial = Trial::new(&scenario(20, "dates: short"));
    let url = format!("http://{}/influx/?org=lab&bucket=table", metrics.store);
    let ended = trial.run(&["--influx", &url]);
    ended.assert(0, &["20 of 20 rows"]);
    assert!(!ended.stderr.contains("influx:"), "{}", ended.stderr);
    assert_eq!(metrics.count("Cell.soc"), 20);
}
