//! The live page: a run, or one that is over, in a browser.
//!
//! A [`Page`] serves it over HTTP from a thread of its own. A run gives it what it shows ([`Page::feed`],
//! [`Page::rows`]), and takes what viewers want of it ([`Page::controls`]); it waits for none of them. Several runs can
//! have the page one after the other: those before can be compared with.
//!
//! ```
//! use controller::page::{Page, PageOptions};
//! use controller::{NodeAccess, Output, Run, Scenario};
//!
//! # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))?;
//! let mut options = PageOptions::default();
//! # options.listen = Some(([127, 0, 0, 1], 0).into());
//! let page = Page::open(&options)?;
//! println!("{}", page.address());
//! let outcome = Run::new(Scenario::load("scenarios/power-balance.yaml")?)
//!     .output(Output::Nowhere)
//!     .observe(page.feed(NodeAccess::default()))
//!     .sink(page.rows())
//!     .start();
//! page.end(outcome.as_ref());
//! # outcome?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod answers;
mod commands;
mod description;
mod events;
mod feed;
mod files;
mod hub;
mod lights;
mod nodes;
mod result;
mod sampled;
mod series;
mod server;
mod sites;
mod spill;
mod store;
mod versioned;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use serde_json::json;
use shared::wire::Token;
use smol::channel::{Receiver, Sender, bounded};
use smol::stream::{Stream, StreamExt};

use crate::chain::chain;
use crate::cluster::NodeAccess;
use crate::results::{Provenance, ResultError};
use crate::run::{Control, Outcome, RunError};
use access::Access;
use answers::Answers;
use commands::Wish;
use description::Description;
use hub::Hub;

pub use feed::{Feed, FeedRows};

/// Commands that wait for the run. With more, viewers hear that there are too many.
const MAX_WAITING: usize = 256;

/// The port that is tried first where none is asked for.
const PORT: u16 = 5180;

/// What is asked for in a page.
#[derive(Clone, Debug, Default)]
pub struct PageOptions {
    /// Where it listens: on this machine alone where nothing is said. Elsewhere its address has a token, without which
    /// nobody sees anything.
    pub listen: Option<SocketAddr>,
    /// Viewers may do something, and not only look.
    pub control: bool,
}

/// A page that is served.
#[derive(Debug)]
pub struct Page {
    hub: Arc<Hub>,
    address: String,
    wishes: Receiver<Wish>,
    /// Closed when the page is dropped.
    closing: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What a viewer wants once a run is over, or of the next one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Restart {
    /// Values of parameters by their names, `Model.parameter`.
    pub parameters: BTreeMap<String, f64>,
    /// One run after the other from now on, or no more.
    pub again: Option<bool>,
}

impl Page {
    /// Serves a page.
    ///
    /// # Errors
    /// Nobody can listen there, or there is no thread to be had.
    pub fn open(options: &PageOptions) -> io::Result<Self> {
        let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT));
        let listener = server::listen(options.listen.unwrap_or(usual), options.listen.is_some())?;
        let here = listener.local_addr()?;
        let is_open = !here.ip().is_loopback();
        let token = is_open.then(token).transpose()?;
        let hub = Arc::new(Hub::new(options.control));
        let (sender, wishes) = bounded(MAX_WAITING);
        let access = Access {
            address: here,
            token: token.clone(),
            takes_commands: options.control,
        };
        let answers = Answers {
            hub: Arc::clone(&hub),
            access,
            wishes: sender,
        };
        let (closing, closed) = bounded(1);
        let thread = thread::Builder::new().name("page".to_owned());
        let thread = thread.spawn(move || {
            // Where a socket cannot be waited for there is no page; the run goes on.
            let _ = server::serve(listener, answers, &closed);
        })?;
        let token = token.map_or_else(String::new, |token| format!("?token={token}"));
        let here = reached_at(here);
        Ok(Self {
            hub,
            address: format!("http://{here}/{token}"),
            wishes,
            closing: Some(closing),
            thread: Some(thread),
        })
    }

    /// Shows the result of a run that is over.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub(crate) fn show(&self, result: &Path, provenance: &Provenance) -> Result<(), ResultError> {
        let found = result::read(result, provenance)?;
        let mut present = self.hub.present();
        present.begin(found.description);
        let Description { ticks, start, .. } = &present.description;
        let (rows, start) = (*ticks, start.clone());
        present.mode = "result";
        present.rows = Arc::new(Mutex::new(found.rows));
        present.state.set(json!({
            "phase": "ended", "tick": rows, "time": start, "status": null, "waiting": null,
            "pace": null, "speed": 0.0,
        }));
        present.values.set(found.last);
        for note in &provenance.notes {
            present.notice(None, None, "note", note);
        }
        Ok(())
    }

    /// Has the result of a run that is over to compare with.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub(crate) fn compare(&self, result: &Path) -> Result<(), ResultError> {
        let found = result::read(result, &Provenance::default())?;
        self.hub.present().add_past(result, found.rows);
        Ok(())
    }

    /// The runs that it has shown.
    pub(crate) fn runs(&self) -> u64 {
        self.hub.present().run
    }

    /// Whether a viewer has ended the run that is over.
    pub(crate) fn has_stopped_run(&self) -> bool {
        self.hub.present().is_stopped
    }

    /// Its address, with the token where there is one.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Hears what happens in a run, for [`Run::observe`](crate::Run::observe). Its nodes are met in this way, to ask them how they
    /// are.
    pub fn feed(&self, access: NodeAccess) -> Feed {
        Feed::new(Arc::clone(&self.hub), access)
    }

    /// Takes the rows of a run, for [`Run::sink`](crate::Run::sink).
    pub fn rows(&self) -> FeedRows {
        FeedRows::new(Arc::clone(&self.hub))
    }

    /// What viewers want of a run, for [`Run::control`](crate::Run::control). One that wants another run ends this one;
    /// `restart` gets what it wants.
    pub fn controls(&self, restart: Sender<Restart>) -> impl Stream<Item = Control> + use<> {
        let hub = Arc::clone(&self.hub);
        self.wishes.clone().map(move |wish| match wish {
            Wish::Control(control) => {
                hub.present().is_stopped |= control == Control::Stop;
                control
            }
            Wish::Restart(wanted) => {
                // There is room for one; the first counts.
                let _ = restart.try_send(wanted);
                Control::Stop
            }
        })
    }

    /// Waits until a viewer wants another run, once there is none.
    pub async fn restart(&self) -> Restart {
        loop {
            match self.wishes.recv().await {
                Ok(Wish::Restart(wanted)) => return wanted,
                Ok(Wish::Control(_)) => {}
                // Its thread is gone, and nobody can want anything.
                Err(_) => smol::future::pending().await,
            }
        }
    }

    /// Tells viewers how a run has ended.
    pub fn end(&self, result: Result<&Outcome, &RunError>) {
        let (phase, text) = match result {
            Ok(_) => ("ended", "the run is complete".to_owned()),
            Err(RunError::Interrupted) => (
                "stopped",
                "the run was stopped; the rows so far are kept".to_owned(),
            ),
            Err(error) => ("failed", chain(error)),
        };
        let mut present = self.hub.present();
        let rows = hub::lock(&present.rows).store.rows();
        let mut state = present.state.what.clone();
        if let Some(state) = state.as_object_mut() {
            state.insert("phase".to_owned(), json!(phase));
            state.insert("waiting".to_owned(), json!(null));
            state.insert("speed".to_owned(), json!(0.0));
        }
        present.state.set(state);
        present.end = Some(json!({"phase": phase, "text": text, "rows": rows}));
    }
}

impl Drop for Page {
    /// Viewers hear that it is over.
    fn drop(&mut self) {
        self.closing = None;
        if let Some(thread) = self.thread.take() {
            // One that has panicked is over as well.
            let _ = thread.join();
        }
    }
}

/// Where others reach what listens at an address: one that stands for all of this machine's is none.
fn reached_at(here: SocketAddr) -> SocketAddr {
    if !here.ip().is_unspecified() {
        return here;
    }
    // Nothing is sent: the system says from which of its addresses it would be.
    let any = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0));
    let from = any.and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    let ip = from.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |from| from.ip());
    SocketAddr::new(ip, here.port())
}

/// 128 random bits.
fn token() -> io::Result<String> {
    let random = Token::random()?;
    Ok(format!("{:032x}", u128::from_be_bytes(random.0)))
}
