//! A server that wants to know who writes, and what nobody else learns.

use std::fs;

use rig::{Ended, Trial};

use super::super::{has, scenario};
use super::Database;
use super::database::ADMIN;

/// A run that has gone well, of which no row was taken; nothing that it leaves has the secret.
fn assert_refused(trial: &Trial, ended: &Ended, secret: &str, why: &[&str]) {
    ended.assert(0, &["20 of 20 rows"]);
    let lost = "influx: 20 of 20 rows were not delivered to http://127.0.0.1:";
    for said in [&[lost], why].concat() {
        assert!(ended.stderr.contains(said), "no '{said}': {}", ended.stderr);
    }
    trial.assert_whole_loop(20);
    let record = fs::read_to_string(trial.path("out.run.json")).expect("a record");
    assert!(record.contains("20 of 20 rows were not delivered"));
    for text in [&record, &ended.stderr, &ended.stdout] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn who_has_a_password_writes_and_nobody_else_and_no_run_fails_by_it() {
    if !has("influxd") {
        return;
    }
    let database = Database::start_with_users();
    let trial = Trial::new(&scenario(20, "dates: short"));
    let influx = ["--influx", &database.url()];
    let nobody = trial.run_with(&[("INFLUX_TOKEN", "")], &influx);
    let said = [
        "401 Unauthorized",
        "USER:PASSWORD, into INFLUX_TOKEN",
        "'token_file'",
    ];
    assert_refused(&trial, &nobody, "sesame", &said);
    let other = trial.run_with(&[("INFLUX_TOKEN", "admin:hidden")], &influx);
    let said = ["authorization failed", "look into INFLUX_TOKEN"];
    assert_refused(&trial, &other, "hidden", &said);
    let token = trial.run_with(&[("INFLUX_TOKEN", "hidden")], &influx);
    let said = ["401 Unauthorized", "look into INFLUX_TOKEN"];
    assert_refused(&trial, &token, "hidden", &said);
    assert_eq!(database.count("Cell.soc"), 0);

    let admin = trial.run_with(&[("INFLUX_TOKEN", ADMIN)], &influx);
    admin.assert(0, &["20 of 20 rows"]);
    assert!(!admin.stderr.contains("influx:"), "{}", admin.stderr);
    assert_eq!(database.count("Cell.soc"), 20);

    // The file counts where there is one.
    let file = trial.path("influx.token");
    let place = format!(
        "influx: {{url: 'http://{}', db: house, token_file: '{}'}}",
        database.address,
        file.display()
    );
    let trial = Trial::new(&scenario(40, &place));
    fs::write(&file, format!("{ADMIN}\r\n")).expect("written");
    let admin = trial.run_with(&[("INFLUX_TOKEN", "admin:hidden")], &[]);
    admin.assert(0, &["40 of 40 rows"]);
    assert!(!admin.stderr.contains("influx:"), "{}", admin.stderr);
    assert_eq!(database.count("Cell.soc"), 40);
}

#[test]
fn a_secret_that_cannot_be_is_refused_before_the_run_and_not_repeated() {
    let trial = Trial::new(&scenario(20, "dates: short"));
    let place = "influx: {url: 'http://127.0.0.1:9', db: house, token_file: influx.token}";
    for (text, said) in [
        (None, "influx: cannot read 'influx.token'"),
        (Some(""), "influx: 'influx.token' must have one line"),
        (Some("hidden\nhidden"), "'influx.token' must have one line"),
        (
            Some("hidden hidden"),
            "'influx.token' has letters that no token has",
        ),
    ] {
        let trial = Trial::new(&scenario(20, place));
        if let Some(text) = text {
            fs::write(trial.path("influx.token"), text).expect("written");
        }
        let ended = trial.run(&[]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains(said), "no '{said}': {}", ended.stderr);
        assert!(!ended.stderr.contains("hidden"), "{}", ended.stderr);
        assert!(trial.csv().is_none(), "nothing has run");
    }
    for address in [
        "http://me:hidden@pi:x?db=house",
        "http://me:hidden@pi:8086?db=house",
    ] {
        let ended = trial.run(&["--influx", address]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(!ended.stderr.contains("hidden"), "{}", ended.stderr);
    }
}
