//! How nodes are while the page shows what they run: they are asked once a second, by a thread of its own.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use shared::wire::ToNode;
use smol::Timer;
use smol::channel::{Receiver, Sender, bounded};
use smol::future::or;

use super::hub::Hub;
use super::sites::Condition;
use crate::cluster::{Answer, Endpoint, NodeAccess, survey};
use crate::key::Keyring;

/// From one question to the next.
const INTERVAL: Duration = Duration::from_secs(1);

/// Asks nodes as long as this is there.
#[derive(Debug)]
pub(super) struct Asking {
    /// Closed when this is dropped, which ends the thread.
    _closing: Sender<()>,
}

impl Asking {
    /// Asks the nodes of a run, by the names of its sites; the first one is this machine. `None` where there are none, or
    /// nobody can ask.
    pub(super) fn start(sites: &[String], access: &NodeAccess, hub: &Arc<Hub>) -> Option<Self> {
        let nodes = sites.iter().skip(1).map(|name| Endpoint::parse(name).ok());
        let nodes: Vec<Endpoint> = nodes.collect::<Option<_>>()?;
        let keyring = access.keyring().ok().filter(|_| !nodes.is_empty())?;
        let (closing, closed) = bounded(1);
        let hub = Arc::clone(hub);
        let thread = thread::Builder::new().name("how nodes are".to_owned());
        let asking = move || smol::block_on(ask(&nodes, &keyring, &hub, &closed));
        // Where there is no thread to be had, the page does without.
        thread.spawn(asking).ok()?;
        Some(Self { _closing: closing })
    }
}

async fn ask(nodes: &[Endpoint], keyring: &Keyring, hub: &Hub, closed: &Receiver<()>) {
    let over = async {
        // Nothing is ever sent: it is the end of the channel that counts.
        let _ = closed.recv().await;
    };
    let asking = async {
        loop {
            let answers = survey(nodes.to_vec(), keyring, &ToNode::Status).await;
            let conditions = answers.iter().map(condition).collect();
            hub.present().sites.note(conditions);
            Timer::after(INTERVAL).await;
        }
    };
    or(over, asking).await;
}

fn condition(answer: &Answer) -> Condition {
    match &answer.status {
        Ok((status, _)) => Condition {
            temperature: status.temperature,
            load: status.load,
            note: None,
        },
        Err(why) => Condition {
            note: Some(why.clone()),
            ..Condition::default()
        },
    }
}
