//! `controller nodes` and `controller identify`.

use serde_json::json;
use shared::cable::SocketState;
use shared::wire::{NodeStatus, SessionStatus, ToNode};

use super::cables::socket_json;
use super::failure::Failure;
use super::target::Target;
use super::waiting::Runs;
use crate::arguments::{Identify, Nodes};
use crate::cluster::{Answer, Endpoint, NodeAccess, Standstill, discover, survey, waiters_to_json};
use crate::exit::NODE;
use crate::key::Keyring;
use crate::output::{answer, answer_line, columns, count, duration, printable_line, say_line};
use crate::run::RunError;
use crate::scenario::Outline;

/// Shows how nodes are.
pub(crate) fn nodes(arguments: &Nodes) -> Result<(), Failure> {
    let (endpoints, scenarios) = endpoints(&arguments.targets, arguments.discover)?;
    let keyring = NodeAccess::from(arguments)
        .keyring()
        .map_err(RunError::Key)?;
    ask(
        (endpoints, &scenarios),
        &keyring,
        &ToNode::Status,
        arguments.json,
    )
}

/// Lets nodes show themselves.
pub(crate) fn identify(arguments: &Identify) -> Result<(), Failure> {
    let (endpoints, scenarios) = endpoints(&arguments.targets, false)?;
    let keyring = NodeAccess::from(arguments)
        .keyring()
        .map_err(RunError::Key)?;
    let question = ToNode::Identify {
        seconds: arguments.seconds,
    };
    ask((endpoints, &scenarios), &keyring, &question, false)
}

fn ask(
    (endpoints, scenarios): (Vec<Endpoint>, &[Outline]),
    keyring: &Keyring,
    question: &ToNode<'_>,
    json: bool,
) -> Result<(), Failure> {
    let answers = smol::block_on(survey(endpoints, keyring, question));
    let runs = Runs {
        answers: &answers,
        scenarios,
    };
    if json {
        let nodes: Vec<serde_json::Value> = answers.iter().map(|it| to_json(it, runs)).collect();
        answer_line!("{:#}", json!(nodes));
    } else {
        answer(format_args!("{}{}", table(&answers), waiting(runs)));
    }
    for Answer { endpoint, status } in &answers {
        if let Err(reason) = status {
            say_line!(Error, "node {endpoint}: {}", printable_line(reason));
        }
    }
    if matches!(question, ToNode::Identify { .. }) {
        for Answer { endpoint, .. } in answers.iter().filter(|answer| is_dark(answer)) {
            say_line!(
                Note,
                "node {endpoint} has no LEDs that could blink; 'illuminator-node serve --help' says \
                 how it gets some, under '--led-ready'"
            );
        }
    }
    let all = answers.iter().all(|answer| answer.status.is_ok());
    if all {
        Ok(())
    } else {
        Err(Failure::Several(NODE))
    }
}

/// Whether a node that answers says that it has no lights, or none that it can drive.
fn is_dark(answer: &Answer) -> bool {
    let lights = answer.status.as_ref().map(|(status, _)| &*status.lights);
    matches!(lights, Ok("" | "none" | "unavailable"))
}

/// The nodes that the user means: those of a scenario file, those named, those found; and the scenarios.
fn endpoints(targets: &[String], look: bool) -> Result<(Vec<Endpoint>, Vec<Outline>), Failure> {
    let refuse = |what: &str| Failure::Usage(what.to_owned());
    let (mut endpoints, mut scenarios) = (Vec::new(), Vec::new());
    for target in targets {
        match Target::of_cluster(target)? {
            Target::Scenario(outline) => {
                endpoints.extend(Endpoint::all_of(outline.machines()));
                scenarios.push(outline);
            }
            Target::Named(name) => {
                endpoints.push(Endpoint::parse(&name).map_err(Failure::Usage)?);
            }
        }
    }
    if look {
        let found = smol::block_on(discover()).map_err(Failure::Usage)?;
        if found.is_empty() && endpoints.is_empty() {
            return Err(refuse(
                "no node announces itself in this network; those that other machines can reach do, \
                 unless --no-announce or a firewall keeps them from it",
            ));
        }
        endpoints.extend(found);
    }
    if endpoints.is_empty() {
        return Err(refuse(
            "say which nodes: a scenario file, or their names such as pi3.local, or --discover",
        ));
    }
    let mut once: Vec<Endpoint> = Vec::new();
    for endpoint in endpoints {
        if !once.contains(&endpoint) {
            once.push(endpoint);
        }
    }
    Ok((once, scenarios))
}

const HEADS: [&str; 9] = [
    "node", "release", "machine", "up", "temp", "load", "lights", "cables", "runs",
];

/// What the nodes that answered said, a line each.
fn table(answers: &[Answer]) -> String {
    let mut rows: Vec<Vec<String>> = vec![HEADS.map(str::to_owned).to_vec()];
    for Answer { endpoint, status } in answers {
        if let Ok((status, is_secure)) = status {
            let mut row = row(status);
            let open = if *is_secure { "" } else { " (no key)" };
            row.insert(0, format!("{endpoint}{open}"));
            rows.push(row);
        }
    }
    if rows.len() == 1 {
        return String::new();
    }
    columns(&rows)
}

fn row(status: &NodeStatus) -> Vec<String> {
    let or_dash = |text: &str| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            printable_line(text).into_owned()
        }
    };
    let sessions = status.sessions.iter().map(|session| {
        let models = count(session.models.into(), "model");
        let at = session.standing.map_or(String::new(), |standing| {
            format!(", at tick {}", standing.progress)
        });
        let (scenario, peer) = (
            printable_line(&session.scenario),
            printable_line(&session.peer),
        );
        format!("{scenario} ({models}{at}, for {peer})")
    });
    vec![
        or_dash(&status.release),
        format!(
            "{} {}",
            or_dash(&status.machine),
            printable_line(&status.processor)
        ),
        duration(status.uptime),
        status
            .temperature
            .map_or("-".to_owned(), |degrees| format!("{degrees:.1} °C")),
        status
            .load
            .map_or("-".to_owned(), |load| format!("{load:.2}")),
        or_dash(&status.lights),
        or_dash(&cables(status)),
        or_dash(&sessions.collect::<Vec<_>>().join(", ")),
    ]
}

/// Who is blocking whom in the runs that stand still, a line each. What one node says may be the end of what another
/// one says, and is left out then.
fn waiting(runs: Runs<'_>) -> String {
    let sessions = runs.answers.iter().flat_map(|answer| {
        let sessions = answer
            .status
            .iter()
            .flat_map(|(status, _)| &status.sessions);
        sessions.map(|session| (&answer.endpoint, session))
    });
    let stalls: Vec<_> = sessions
        .filter_map(|(endpoint, session)| {
            let standstill = runs.standstill(endpoint, session)?;
            Some((endpoint, session, standstill))
        })
        .collect();
    let is_part = |(endpoint, session, _): &(&Endpoint, &SessionStatus, Standstill)| {
        stalls.iter().any(|(_, other, standstill)| {
            let mut rest = standstill.chain.iter().skip(1);
            let name = endpoint.to_string();
            let is_other = other.site != session.site && other.run == session.run;
            is_other && session.run != 0 && rest.any(|waiter| waiter.site == name)
        })
    };
    // Where all wait for each other each is a part of another one.
    let whole: Vec<_> = stalls.iter().filter(|stall| !is_part(stall)).collect();
    let mut text = String::new();
    let first = usize::from(whole.is_empty());
    let shown = whole.into_iter().chain(stalls.iter().take(first));
    for (_, session, standstill) in shown {
        let (scenario, peer) = (&session.scenario, &session.peer);
        let (time, words) = (duration(standstill.time), &standstill.words);
        let line = format!("{scenario} (for {peer}) has stood still for {time}: {words}");
        text.push_str(&printable_line(&line));
        text.push('\n');
    }
    text
}

/// What is in the sockets that are not empty: `ttyACM0: cable 3`.
fn cables(status: &NodeStatus) -> String {
    let sockets = status.sockets.iter();
    let taken = sockets.filter(|socket| socket.state != SocketState::Empty);
    let words = taken.map(|socket| {
        let (device, state) = (printable_line(&socket.device), socket.state.to_string());
        format!("{device}: {}", printable_line(&state))
    });
    words.collect::<Vec<_>>().join(", ")
}

fn to_json(answer: &Answer, runs: Runs<'_>) -> serde_json::Value {
    let node = answer.endpoint.to_string();
    match &answer.status {
        Err(reason) => json!({ "node": node, "error": reason }),
        Ok((status, is_secure)) => {
            let sockets = status.sockets.iter().enumerate();
            let sockets = sockets.map(|(number, socket)| socket_json(number, socket));
            let sessions = status.sessions.iter();
            let sessions = sessions.map(|session| session_to_json(&answer.endpoint, session, runs));
            json!({
                "node": node,
                "encrypted": is_secure,
                "release": status.release,
                "processor": status.processor,
                "machine": status.machine,
                "uptime_seconds": status.uptime.as_secs(),
                "temperature": status.temperature,
                "load": status.load,
                "lights": status.lights,
                "sockets": sockets.collect::<Vec<_>>(),
                "sessions": sessions.collect::<Vec<_>>(),
            })
        }
    }
}

fn session_to_json(
    endpoint: &Endpoint,
    session: &SessionStatus,
    runs: Runs<'_>,
) -> serde_json::Value {
    let waits = runs.standstill(endpoint, session).map(|standstill| {
        json!({
            "chain": waiters_to_json(&standstill.chain),
            "cause": standstill.cause,
        })
    });
    let standing = session.standing.as_ref();
    json!({
        "scenario": session.scenario,
        "models": session.models,
        "for": session.peer,
        "run": (session.run != 0).then(|| format!("{:08x}", session.run)),
        "site": session.site.node().map(|_| session.site.0),
        "tick": standing.map(|standing| standing.progress),
        "steps": standing.map(|standing| standing.steps),
        "still_seconds": standing.map(|standing| standing.still.as_secs_f64()),
        "waits": waits,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_table_has_a_line_for_each_node_that_answers() {
        let status = NodeStatus {
            release: "0.1.0".into(),
            processor: "aarch64".into(),
            machine: "Raspberry Pi 4".into(),
            uptime: Duration::from_secs(90_061),
            temperature: Some(41.25),
            ..NodeStatus::default()
        };
        let answer = |host: &str, status| Answer {
            endpoint: Endpoint::parse(host).expect("valid"),
            status,
        };
        let answers = [
            answer("pi1", Ok((status, true))),
            answer("pi2", Err("gone".to_owned())),
        ];
        assert_eq!(
            table(&answers),
            "node      release  machine                 up       temp     load  lights  cables  runs\n\
             pi1:5123  0.1.0    Raspberry Pi 4 aarch64  1 d 1 h  41.2 °C  -     -       -       -\n"
        );
        assert_eq!(table(&answers[1..]), "");
    }
}
