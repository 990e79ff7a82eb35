//! Who gets nothing from a page, and what it refuses.

use rig::{Namespace, Trial, ip, loop_scenario, where_possible};

use super::{PAGE, Shown};

const JSON: (&str, &str) = ("Content-Type", "application/json");

#[test]
fn a_page_is_for_its_own_machine_and_its_own_viewers() {
    let trial = Trial::new(&loop_scenario(3));
    let shown = Shown::of(&trial, &[]);
    let server = shown.server;
    server.events("a").wait_for_end();
    let own = format!("http://{}", server.address);
    let host = format!("localhost:{}", server.address.port());
    for (method, path, fields, status, said) in [
        (
            "GET",
            "/api/run",
            vec![("Host", "evil.example")],
            403,
            "127.0.0.1 or localhost",
        ),
        (
            "GET",
            "/",
            vec![("Host", "192.168.0.1:80")],
            403,
            "127.0.0.1 or localhost",
        ),
        (
            "GET",
            "/api/run",
            vec![("Host", "")],
            403,
            "127.0.0.1 or localhost",
        ),
        (
            "GET",
            "/api/run",
            vec![("Host", host.as_str())],
            200,
            "\"loop\"",
        ),
        (
            "GET",
            "/api/run",
            vec![("Origin", "http://evil.example")],
            403,
            "somebody else",
        ),
        (
            "GET",
            "/api/events",
            vec![("Origin", "null")],
            403,
            "somebody else",
        ),
        (
            "GET",
            "/api/run",
            vec![("Origin", own.as_str())],
            200,
            "\"loop\"",
        ),
        ("POST", "/api/control", vec![JSON], 403, "--page-control"),
        ("POST", "/api/adjust", vec![JSON], 403, "--page-control"),
        (
            "POST",
            "/api/watch",
            vec![("Content-Type", "text/plain")],
            415,
            "application/json",
        ),
        ("POST", "/api/watch", vec![], 415, "application/json"),
        (
            "GET",
            "/api/nothing",
            vec![],
            404,
            "nothing at /api/nothing",
        ),
        ("GET", "/page/../Cargo.toml", vec![], 404, "nothing at"),
        ("GET", "/api/control", vec![], 404, "nothing at"),
        ("DELETE", "/api/run", vec![], 405, "/api/run cannot"),
        (
            "GET",
            "/api/series?run=7&item=Cell.soc",
            vec![],
            404,
            "no such run",
        ),
        (
            "GET",
            "/api/series?points=many",
            vec![],
            400,
            "'points' is a whole number",
        ),
    ] {
        let answer = server.ask(method, path, &fields, "{\"do\":\"stop\"}");
        let text = answer.text();
        assert_eq!(answer.status, status, "{method} {path} {fields:?}: {text}");
        assert!(text.contains(said), "{method} {path} {fields:?}: {text}");
    }
    let long = format!(
        "{{\"viewer\": \"{}\", \"items\": []}}",
        "x".repeat(64 * 1024)
    );
    assert_eq!(server.ask("POST", "/api/watch", &[JSON], &long).status, 413);
    let page = server.get("/");
    assert_eq!(page.status, 200);
    for field in [
        "content-type: text/html",
        "content-security-policy: default-src 'self';",
        "x-content-type-options: nosniff",
    ] {
        assert!(page.head.contains(field), "{}", page.head);
    }
    shown.interrupt().assert(0, &["3 of 3 rows"]);
}

#[test]
fn commands_that_cannot_be_are_refused_with_a_reason() {
    let trial = Trial::new(&loop_scenario(50));
    let shown = Shown::of(&trial, &["--page-control", "--pace", "1/h"]);
    shown
        .server
        .events("a")
        .wait("state", |state| state["tick"] == 1);
    for (path, content, said) in [
        ("control", r#"{"do": "fly"}"#, "unknown variant"),
        ("control", "{", "EOF"),
        (
            "control",
            r#"{"do": "pace", "rate": -1}"#,
            "a tick in a day",
        ),
        (
            "control",
            r#"{"do": "restart", "parameters": {"Home.houses": 1}}"#,
            "no model 'Home'",
        ),
        (
            "adjust",
            r#"{"model": "Homes", "attribute": "house", "value": 1}"#,
            "what can is houses",
        ),
        (
            "adjust",
            r#"{"model": "Homes", "attribute": "load", "value": 1}"#,
            "what can is houses",
        ),
        (
            "adjust",
            r#"{"model": "Homes", "attribute": "houses", "value": -1}"#,
            "0 ≤ x",
        ),
        (
            "adjust",
            r#"{"model": "Homes", "attribute": "houses", "value": "1"}"#,
            "invalid type",
        ),
        (
            "adjust",
            r#"{"model": "Homes", "attribute": "houses"}"#,
            "missing field `value`",
        ),
    ] {
        let answer = shown
            .server
            .ask("POST", &format!("/api/{path}"), &[JSON], content);
        assert_eq!(answer.status, 400, "{content}: {}", answer.text());
        assert!(answer.text().contains(said), "{content}: {}", answer.text());
    }
    let plain = ("Content-Type", "application/x-www-form-urlencoded");
    let answer = shown
        .server
        .ask("POST", "/api/control", &[plain], r#"{"do": "stop"}"#);
    assert_eq!(answer.status, 415);
    shown.interrupt().assert(130, &["1 of 50 rows"]);
    assert_eq!(Trial::assert_loop_prefix(&trial.csv().expect("rows")), 1);
}

#[test]
fn where_nothing_runs_no_page_stays() {
    let trial = Trial::new(&loop_scenario(3).replace("type: Battery", "type: Batterie"));
    let listen = ["--page-listen", "127.0.0.1:0"];
    trial.run(&[PAGE, listen].concat()).assert(2, &["Batterie"]);
    let trial = Trial::new(&loop_scenario(3));
    let without = trial.run(&["--page-control"]);
    without.assert(1, &["give --page as well"]);
}

/// A network of nobody but itself, with an address that is not loopback; `None` where there is none to be had.
fn network() -> Option<Namespace> {
    let network = Namespace::new().and_then(|network| {
        ip(&[
            "-n",
            &network.name,
            "address",
            "add",
            "10.77.0.1/32",
            "dev",
            "lo",
        ])?;
        Ok(network)
    });
    where_possible("a page that others can reach", network)
}

#[test]
fn a_page_that_others_can_reach_wants_its_token() {
    let Some(network) = network() else {
        return;
    };
    let trial = Trial::new(&loop_scenario(3));
    let options = [
        &PAGE[..],
        &["--page-listen", "10.77.0.1:0", "--page-control"],
    ]
    .concat();
    let (shown, query) = Shown::open(trial.start_in(&network, &options));
    let token = query.strip_prefix("?token=").expect("a token");
    assert_eq!(token.len(), 32, "{token}");
    let server = shown.server;
    let viewer = format!("a&token={token}");
    network.within(|| server.events(&viewer).wait_for_end());
    let ask = |method, path: &str, fields: &[_]| {
        network.within(|| server.ask(method, path, fields, "{\"do\": \"stop\"}"))
    };
    let wrong = format!("?token={}", "0".repeat(32));
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/api/run"),
        ("GET", "/api/events"),
        ("POST", "/api/control"),
    ] {
        for query in ["", "?token=", &wrong, &format!("?token={}", &token[1..])] {
            let answer = ask(method, &format!("{path}{query}"), &[JSON]);
            assert_eq!(answer.status, 403, "{method} {path}{query}");
            assert!(
                answer.text().contains("lacks its token"),
                "{}",
                answer.text()
            );
        }
    }
    assert_eq!(ask("GET", "/page/start.js", &[]).status, 200);
    let run = format!("/api/run?token={token}");
    assert_eq!(
        ask("GET", &run, &[("Host", "lecturer.local")]).json()["control"],
        true
    );
    assert_eq!(
        ask("GET", &run, &[("Origin", "http://evil.example")]).status,
        403
    );
    shown.interrupt().assert(0, &["3 of 3 rows"]);
}
