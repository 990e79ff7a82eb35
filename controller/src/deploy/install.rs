//! An installation: the script there, and the controller here that sees whether the program answers
//! before what it replaced is given up.

use std::time::Duration;

use shared::wire::Key;
use smol::Timer;
use smol::io::AsyncWriteExt;

use super::hosts::Host;
use super::reach::unreachable;
use super::report::{Report, Step};
use super::script::{self, Install};
use super::service::{RELEASE, Service};
use super::ssh::{self, Line, Said};
use super::words::Lines;
use crate::cluster::{Visit, visit};
use crate::key::Keyring;
use crate::output::printable;

/// How often a port is tried before it counts as unreachable.
const ATTEMPTS: u32 = 5;

/// How long it is waited between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// Installs a program, and reports what came of it. `named` is where the user wants it to listen.
pub(super) async fn install(
    host: &Host,
    named: Option<u16>,
    settings: &Install<'_>,
    key: &Key,
    line: &Line<'_>,
    report: &mut Report,
) -> Result<(), String> {
    let mut answered = None;
    let said = ssh::in_time(
        ssh::SCRIPT_LIMIT,
        converse(settings, line, async |ports| {
            let wanted = Wanted {
                program: settings.program,
                port: named.or(ports.contains(&settings.port).then_some(settings.port)),
            };
            let result = shake_hands(host, &wanted, ports, key, line).await;
            answered = result.as_ref().ok().copied();
            result.map(drop)
        }),
    );
    report.take(&said.await?);
    if report.has_failed() {
        return Ok(());
    }
    let (kind, lead) = (settings.program.kind(), settings.program.lead());
    report.add(match answered {
        Some(port) => Step::Did(format!(
            "{lead}handshake: the {kind} answers at {}",
            host.at(port)
        )),
        None => Step::Note(format!(
            "{lead}handshake: not checked, as the {kind} is not started"
        )),
    });
    Ok(())
}

/// Sends the script, and answers it when it says where the program listens.
async fn converse(
    settings: &Install<'_>,
    line: &Line<'_>,
    mut check: impl AsyncFnMut(&[u16]) -> Result<(), String>,
) -> Result<Said, String> {
    let mut child = line.start(ssh::AS_ROOT)?;
    let mut stdin = child.stdin.take().ok_or("ssh has no standard input")?;
    let stdout = child.stdout.take().ok_or("ssh has no standard output")?;
    // A host that has ended does not read; its own words say why.
    let _ = stdin.write_all(settings.script().as_bytes()).await;
    let _ = stdin.flush().await;
    let mut lines = Lines::new(stdout);
    let mut speaks = false;
    while let Some(text) = lines.next().await {
        speaks = speaks || script::begins_answer(&text);
        if let Some(ports) = text.strip_prefix("listens ").filter(|_| speaks) {
            let ports = ports
                .split_whitespace()
                .filter_map(|port| port.parse().ok());
            let ports: Vec<u16> = ports.collect();
            let answer = match check(&ports).await {
                Ok(()) => "keep\n".to_owned(),
                Err(reason) => format!("back {}\n", printable(&reason).replace('\n', " ")),
            };
            let _ = stdin.write_all(answer.as_bytes()).await;
            let _ = stdin.flush().await;
        }
    }
    drop(stdin);
    let said = std::mem::take(&mut lines.said);
    Ok(line.checked(ssh::end(child, said).await?)?)
}

/// What should answer.
struct Wanted {
    program: Service,
    /// Where, if that can be said.
    port: Option<u16>,
}

/// Checks that a program answers where it is wanted, has the key and is of this release; returns its
/// port.
async fn shake_hands(
    host: &Host,
    wanted: &Wanted,
    ports: &[u16],
    key: &Key,
    line: &Line<'_>,
) -> Result<u16, String> {
    let (kind, lead) = (wanted.program.kind(), wanted.program.lead());
    let Some(&first) = ports.first() else {
        return Err(format!(
            "{lead}handshake: the {kind} does not listen any more"
        ));
    };
    let port = wanted.port.unwrap_or(first);
    if !ports.contains(&port) {
        let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
        return Err(format!(
            "{lead}handshake: the {kind} listens on port {} there and not on {port}: its \
             {file} says so under 'listen', which holds; change it there or here",
            ports.join(", "),
            file = wanted.program.configuration()
        ));
    }
    let keyring = Keyring::of(key.clone());
    let mut visited = visit(wanted.program.at(host, port), &keyring).await;
    for _ in 1..ATTEMPTS {
        if matches!(visited, Visit::Node(_)) {
            break;
        }
        Timer::after(PAUSE).await;
        visited = visit(wanted.program.at(host, port), &keyring).await;
    }
    match visited {
        Visit::Node(status) if status.release == RELEASE => Ok(port),
        Visit::Node(status) => Err(format!(
            "{lead}handshake: the {kind} at {} is of release {}",
            host.at(port),
            status.release
        )),
        Visit::OtherKey(reason) | Visit::Unusable(reason) => Err(format!(
            "{lead}handshake: the {kind} at {} cannot be used: {reason}",
            host.at(port)
        )),
        Visit::NoAnswer(reason) => Err(format!(
            "{lead}handshake: {}",
            unreachable(host, port, wanted.program, &reason, line)
        )),
    }
}
