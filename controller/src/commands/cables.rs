//! `controller cables`.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use cables::Cables;
use models::control::story;
use models::table::{End, Remark, remarks};
use serde_json::{Value as Json, json};
use shared::cable::{BoardKind, CableId, SocketState, SocketStatus, SocketWish};
use shared::wire::{DEFAULT_PORT, ToNode};

use super::failure::Failure;
use super::run::devices;
use super::target::Target;
use crate::arguments;
use crate::cluster::{Answer, Endpoint, NodeAccess, Service, THIS_MACHINE, survey};
use crate::exit::NODE;
use crate::output::{answer, answer_line, columns, printable_line, say_line};
use crate::run::RunError;
use crate::scenario::Outline;

/// How long boards on this machine may take to say who they are.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked whether they have.
const LOOK: Duration = Duration::from_millis(20);

/// Shows which socket has what.
pub(crate) fn cables(arguments: &arguments::Cables) -> Result<(), Failure> {
    let Wishes { wanted, stories } = wishes(arguments)?;
    let here = look_here(&wanted, &devices(arguments.devices.as_deref()))?;
    let answers = ask(&wanted, arguments)?;
    let units: Vec<Unit> = wanted
        .into_iter()
        .map(|wanted| wanted.found(&here, &answers))
        .collect();
    let remarks: Vec<Remark> = stories
        .iter()
        .flat_map(|names| remarks(names, &ends(names, &units)))
        .collect();
    if arguments.json {
        answer_line!("{:#}", to_json(&units, &remarks));
    } else {
        answer(format_args!("{}", table(&units)));
        for remark in &remarks {
            answer_line!("{remark}");
        }
    }
    for unit in &units {
        if let Err(reason) = &unit.sockets {
            say_line!(Error, "{}: {}", unit.called(), printable_line(reason));
        }
    }
    if units.iter().any(|unit| unit.sockets.is_err()) {
        return Err(Failure::Several(NODE));
    }
    Ok(())
}

/// Sockets that somebody wants to know about.
struct Wanted {
    /// The model; empty for all sockets of a machine.
    name: String,
    /// The node; `None` for this machine.
    node: Option<Endpoint>,
    /// Those of the model.
    wish: Option<SocketWish>,
}

/// Sockets, and what is in them.
struct Unit {
    name: String,
    place: String,
    /// Or why that is not known.
    sockets: Result<Vec<SocketStatus>, String>,
}

/// What a user wants to know about.
#[derive(Default)]
struct Wishes {
    wanted: Vec<Wanted>,
    /// The names of the units of each story.
    stories: Vec<Vec<String>>,
}

/// What the user wants to know about.
fn wishes(arguments: &arguments::Cables) -> Result<Wishes, Failure> {
    let machine = |node| Wanted {
        name: String::new(),
        node,
        wish: None,
    };
    let mut wishes = Wishes::default();
    let wanted = &mut wishes.wanted;
    if arguments.targets.is_empty() {
        wanted.push(machine(None));
    }
    for target in &arguments.targets {
        match Target::read(target)? {
            Target::Named(name) => {
                let node = Endpoint::parse(&name).map_err(Failure::Usage)?;
                wanted.push(machine(Some(node)));
            }
            Target::Scenario(outline) => {
                let before = wanted.len();
                wanted.extend(units_of(&outline, arguments.local));
                if wanted.len() == before {
                    return Err(Failure::Usage(format!(
                        "no model of '{target}' has sockets; those of type LED_connection have some"
                    )));
                }
                wishes.stories.extend(stories_of(outline));
            }
        }
    }
    Ok(wishes)
}

/// The names of the units of each story that a scenario tells.
fn stories_of(outline: Outline) -> impl Iterator<Item = Vec<String>> {
    let models = outline.models.into_iter();
    let stories = models.filter(|model| model.model_type == story());
    stories.map(|story| story.sources)
}

/// The plugs in the sockets of units with these names.
fn ends(names: &[String], units: &[Unit]) -> Vec<End> {
    let mut ends = Vec::new();
    for unit in units.iter().filter(|unit| names.contains(&unit.name)) {
        for socket in unit.sockets.iter().flatten() {
            if let SocketState::Cable { id, .. } = &socket.state
                && let Some(cable) = CableId::parse(id)
            {
                ends.push(End {
                    unit: unit.name.clone(),
                    socket: Some(socket.device.clone()),
                    cable,
                });
            }
        }
    }
    ends
}

/// The models of a scenario that have sockets.
fn units_of(outline: &Outline, local: bool) -> impl Iterator<Item = Wanted> {
    let models = outline.models.iter();
    models.filter_map(move |model| {
        let connect = model.connect.as_ref().filter(|_| !local);
        Some(Wanted {
            name: model.name.clone(),
            node: connect.map(|connect| Endpoint::of(connect, Service::Node)),
            wish: Some(model.sockets.clone()?),
        })
    })
}

/// What is in the sockets of this machine that are wanted: once their boards have said who they are, or
/// had the time for it.
fn look_here(wanted: &[Wanted], folder: &Path) -> Result<Vec<SocketStatus>, Failure> {
    let here: Vec<&Wanted> = wanted.iter().filter(|w| w.node.is_none()).collect();
    if here.is_empty() {
        return Ok(Vec::new());
    }
    let cables = Cables::new(folder.to_owned());
    if here.iter().any(|wanted| wanted.wish.is_none()) {
        cables.watch_all().map_err(RunError::System)?;
    }
    let wishes = here
        .iter()
        .filter_map(|wanted| Some((&wanted.name, wanted.wish.as_ref()?)));
    let claims: Vec<_> = wishes
        .map(|(name, wish)| cables.claim(name, wish))
        .collect();
    let until = Instant::now() + PATIENCE;
    while !cables.is_settled() && Instant::now() < until {
        thread::sleep(LOOK);
    }
    let status = cables.status();
    drop(claims);
    cables.stop();
    Ok(status)
}

/// Asks all nodes that could have the wanted sockets: those that are named, and at the same machines
/// those at the port where nodes are as a rule, since a scenario may give each model a port of its own.
fn ask(wanted: &[Wanted], arguments: &arguments::Cables) -> Result<Vec<Answer>, Failure> {
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for node in wanted.iter().filter_map(|wanted| wanted.node.as_ref()) {
        let usual = Endpoint {
            host: node.host.clone(),
            port: DEFAULT_PORT,
            service: Service::Node,
        };
        for endpoint in [node.clone(), usual] {
            if !endpoints.contains(&endpoint) {
                endpoints.push(endpoint);
            }
        }
    }
    if endpoints.is_empty() {
        return Ok(Vec::new());
    }
    let keyring = NodeAccess::from(arguments)
        .keyring()
        .map_err(RunError::Key)?;
    Ok(smol::block_on(survey(endpoints, &keyring, &ToNode::Status)))
}

impl Wanted {
    /// With what is known of the sockets.
    fn found(self, here: &[SocketStatus], answers: &[Answer]) -> Unit {
        let (place, all) = match &self.node {
            None => (THIS_MACHINE.to_owned(), Ok(here.to_vec())),
            Some(node) => (node.to_string(), answer_of(answers, node)),
        };
        let sockets = match self.wish {
            None => all,
            Some(wish) => all.map(|all| own(&self.name, &wish, &all)),
        };
        Unit {
            name: self.name,
            place,
            sockets,
        }
    }
}

/// What the node at an endpoint has, or the one that stands in for it at the same machine.
fn answer_of(answers: &[Answer], node: &Endpoint) -> Result<Vec<SocketStatus>, String> {
    let at = |answer: &&Answer| answer.endpoint == *node;
    let same = |answer: &&Answer| answer.endpoint.host == node.host && answer.status.is_ok();
    let named = answers.iter().find(at);
    let stand_in = answers.iter().find(same);
    let answer = named
        .filter(|answer| answer.status.is_ok())
        .or(stand_in)
        .or(named);
    match answer.map(|answer| &answer.status) {
        Some(Ok((status, _))) => Ok(status.sockets.clone()),
        Some(Err(reason)) => Err(reason.clone()),
        None => Err("it was not asked".to_owned()),
    }
}

/// The sockets of a model among those of its machine.
fn own(model: &str, wish: &SocketWish, all: &[SocketStatus]) -> Vec<SocketStatus> {
    let devices = wish.devices.iter();
    let socket = |device: &String| {
        let known = all.iter().find(|socket| socket.device == *device);
        let status = known.cloned().unwrap_or_else(|| SocketStatus {
            device: device.clone(),
            state: SocketState::Empty,
            model: String::new(),
        });
        let is_others = !status.model.is_empty() && status.model != model;
        if is_others {
            let reason = format!("model '{}' has it", printable_line(&status.model));
            return SocketStatus {
                state: SocketState::Unusable(reason),
                ..status
            };
        }
        status
    };
    devices.map(socket).collect()
}

impl Unit {
    /// For messages.
    fn called(&self) -> String {
        if self.name.is_empty() {
            format!("node {}", self.place)
        } else {
            format!("unit '{}' on node {}", self.name, self.place)
        }
    }
}

/// A line for each socket.
fn table(units: &[Unit]) -> String {
    let mut rows = vec![
        ["unit", "place", "socket", "device", "what"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for unit in units {
        let name = if unit.name.is_empty() {
            "-"
        } else {
            &unit.name
        };
        for (number, socket) in unit.sockets.iter().flatten().enumerate() {
            rows.push(vec![
                name.to_owned(),
                unit.place.clone(),
                number.to_string(),
                printable_line(&socket.device).into_owned(),
                words(&socket.state),
            ]);
        }
    }
    if rows.len() == 1 {
        return "no sockets\n".to_owned();
    }
    columns(&rows)
}

/// What is in a socket, and what to do about it.
fn words(state: &SocketState) -> String {
    let remedy = match state {
        SocketState::NoPermission => {
            "; add the user to the group that has it: usermod -aG dialout USER"
        }
        SocketState::InUse => "; end it, or see whether a node on this machine has it",
        SocketState::Silent => "; a board of the first version can show, and not say who it is",
        _ => "",
    };
    format!("{}{remedy}", printable_line(&state.to_string()))
}

/// The same for programs.
fn to_json(units: &[Unit], remarks: &[Remark]) -> Json {
    let unit = |unit: &Unit| {
        let mut json = json!({ "model": unit.name, "place": unit.place });
        match &unit.sockets {
            Err(reason) => json["error"] = json!(reason),
            Ok(sockets) => {
                let sockets = sockets.iter().enumerate();
                json["sockets"] = sockets.map(|(number, s)| socket_json(number, s)).collect();
            }
        }
        json
    };
    let end = |end: &End| json!({ "model": end.unit, "device": end.socket, "cable": end.cable.to_string() });
    let remark = |remark: &Remark| {
        json!({
            "code": remark.code(),
            "message": remark.to_string(),
            "ends": remark.ends().iter().map(end).collect::<Vec<_>>(),
        })
    };
    json!({
        "units": units.iter().map(unit).collect::<Vec<_>>(),
        "remarks": remarks.iter().map(remark).collect::<Vec<_>>(),
    })
}

/// A socket for programs.
pub(super) fn socket_json(number: usize, socket: &SocketStatus) -> Json {
    let mut json = json!({
        "socket": number,
        "device": socket.device,
        "state": state_code(&socket.state),
        "what": socket.state.to_string(),
    });
    if let SocketState::Cable { id, board } = &socket.state {
        json["cable"] = json!(id);
        json["board"] = match board {
            BoardKind::Text => json!("text"),
            BoardKind::Bytes { .. } => json!("bytes"),
        };
        if let BoardKind::Bytes { drives } = board {
            json["drives"] = json!(drives);
        }
    }
    if !socket.model.is_empty() {
        json["model"] = json!(socket.model);
    }
    json
}

fn state_code(state: &SocketState) -> &'static str {
    match state {
        SocketState::Empty => "empty",
        SocketState::Found => "found",
        SocketState::NoPermission => "no_permission",
        SocketState::InUse => "in_use",
        SocketState::Unusable(_) => "unusable",
        SocketState::Silent => "silent",
        SocketState::NotUnderstood(_) => "not_understood",
        SocketState::Cable { .. } => "cable",
    }
}
