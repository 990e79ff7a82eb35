//! A session: one controller, one part of one scenario.
//!
//! What is said and when is decided in [`NodeSession`]; here are the sockets and the clock. A session
//! has a thread of its own, which waits on the sockets of its peers itself: between a value that
//! arrives and the values that follow from it there is no other thread, no queue and no allocation.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use ::session::{Advance, NodeSession, SessionError, Side};
use cables::Cables;
use engine::Engine;
use shared::files::MemoryFiles;
use shared::memory::{Account, Pool, SESSION_MEMORY};
use shared::model::Registry;
#[cfg(feature = "programs")]
use shared::model::Waker;
use shared::plan::{CONTROLLER, PlannedModel, SiteId, SitePlan};
use shared::variant::VariantsPlan;
use shared::wire::{ConnectionError, Refusal};
use smol::channel::Sender;
use transport::Connection;

use super::shown::Shown;
use super::sockets::{Ready, Sockets};
use super::variants::Workers;
use crate::inbox::{Event, Inbox, Sender as Events};
use crate::lights::{Fault, Lights, ValueLights};
#[cfg(feature = "programs")]
use crate::programs::Programs;

/// What the sessions of a node share.
pub(crate) struct Resources {
    /// The types that it always runs.
    pub(crate) types: Registry,
    /// Programs, whose units are types as long as they run.
    #[cfg(feature = "programs")]
    pub(crate) programs: Option<Arc<dyn Programs>>,
    pub(crate) lights: Arc<Lights>,
    pub(crate) cables: Cables,
    /// What its sessions may take together.
    pub(crate) memory: Arc<Pool>,
}

impl Resources {
    /// The types that it runs now.
    pub(crate) fn types(&self) -> Registry {
        #[cfg(feature = "programs")]
        if let Some(programs) = &self.programs {
            let mut types = self.types.clone();
            for unit in programs.units() {
                types.include(unit);
            }
            return types;
        }
        self.types.clone()
    }
}

/// An open session.
pub(super) struct Session {
    protocol: NodeSession,
    sockets: Sockets,
    inbox: Inbox,
    requests: Sender<Request>,
    shown: Arc<Shown>,
    /// What is to wake it sends there.
    events: Events,
    /// Who runs variants, where these are wanted.
    workers: Option<Workers>,
    lights: Arc<Lights>,
    value_lights: ValueLights,
    cables: Cables,
    types: Registry,
}

/// What a session wants of the rest of the node.
pub(super) enum Request {
    /// What is said between the sites wants it.
    Wanted(::session::Event),
    /// To show this number of models in the status of the node, and which site of the run it is.
    Models(usize, SiteId),
}

/// A session that is over.
pub(crate) struct Ended {
    pub(crate) connection: Connection<TcpStream>,
    pub(crate) result: Result<(), SessionError>,
    pub(crate) steps: u64,
}

impl Session {
    pub(super) fn new(
        node: &Resources,
        connection: Connection<TcpStream>,
        events: Events,
        inbox: Inbox,
        requests: Sender<Request>,
        shown: Arc<Shown>,
    ) -> Self {
        let (socket, channel) = connection.into_parts();
        let account = Account::of(&node.memory, SESSION_MEMORY);
        Self {
            protocol: NodeSession::new(channel, account, Instant::now()),
            sockets: Sockets::new(socket),
            inbox,
            requests,
            shown,
            events,
            workers: None,
            lights: Arc::clone(&node.lights),
            value_lights: ValueLights::default(),
            cables: node.cables.clone(),
            types: node.types(),
        }
    }

    /// Takes the plan and runs it.
    pub(super) fn run(mut self) -> Ended {
        let result = self.turns();
        self.workers = None;
        // Other nodes need not wait for the farewell: the links end here.
        let steps = self.protocol.steps();
        let (socket, channel) = (self.sockets.into_controller(), self.protocol.into_channel());
        Ended {
            connection: Connection::from_parts(socket, channel),
            result,
            steps,
        }
    }

    fn turns(&mut self) -> Result<(), SessionError> {
        let mut shown = 0;
        loop {
            let advance = self.protocol.advance(Instant::now())?;
            self.do_what_it_wants();
            let is_blocked = match advance {
                Advance::Over => return Ok(()),
                Advance::Build(plan) => {
                    self.build(*plan)?;
                    false
                }
                Advance::Prepare(plan) => {
                    self.prepare(*plan)?;
                    false
                }
                Advance::Again => false,
                Advance::Wait => true,
            };
            if let Some(workers) = &self.workers
                && workers.exchange(&mut self.protocol)?
            {
                self.lights.stepped();
            }
            if self.protocol.steps() > shown
                && let Some(engine) = self.protocol.engine()
            {
                shown = engine.steps();
                self.lights.stepped();
                self.value_lights.show(engine);
            }
            self.sockets.write(&mut self.protocol)?;
            let until = if is_blocked {
                self.protocol.deadline()
            } else {
                None
            };
            let ready = self.sockets.wait(&mut self.protocol, &self.inbox, until)?;
            self.read(&ready)?;
        }
    }

    /// Takes what has come, and gives a heartbeat if one is due. Only then: a process that was held up
    /// finds first what has come meanwhile.
    fn read(&mut self, ready: &Ready) -> Result<(), SessionError> {
        if ready.has_events() {
            self.take_events()?;
        }
        self.sockets.read(&mut self.protocol, ready)?;
        self.beat()
    }

    fn beat(&mut self) -> Result<(), SessionError> {
        let now = Instant::now();
        if self.protocol.beat(now)? {
            if let Some(standing) = self.protocol.standing(now) {
                self.shown.state().standing = Some((standing, now));
            }
            self.sockets.keep_trying(&mut self.protocol);
            self.sockets.write(&mut self.protocol)?;
        }
        Ok(())
    }

    /// Asks the rest of the node for what the session wants of it.
    fn do_what_it_wants(&mut self) {
        for event in self.protocol.take_events() {
            self.ask(Request::Wanted(event));
        }
    }

    fn ask(&self, request: Request) {
        // It listens as long as there is a session.
        let _ = self.requests.try_send(request);
    }

    /// Builds the models of a plan. That can take a while, so whoever waits for it is kept in mind.
    fn build(&mut self, (plan, files): (SitePlan, MemoryFiles)) -> Result<(), SessionError> {
        self.ask(Request::Models(plan.models.len(), plan.site));
        if let Some((model, pin)) = self.lights.forbidden(&plan) {
            let refusal = Refusal::ReservedPin { model, pin };
            return Err(SessionError::Refused(refusal));
        }
        let types = self.types.clone();
        let account = self.protocol.engine_account();
        let mut given_up = None;
        let mut go_on = || match self.is_still_wanted() {
            Ok(()) => true,
            Err(error) => {
                given_up = Some(error);
                false
            }
        };
        let mut built = Engine::build(&plan, &types, &files, account, &mut go_on);
        if let Some(error) = given_up {
            return Err(error);
        }
        let mut notices = Vec::new();
        if let Ok(engine) = &mut built {
            self.value_lights = self.lights.bind(&plan, &mut notices);
            self.cables.attach(engine, &plan);
            #[cfg(feature = "programs")]
            {
                let events = self.events.clone();
                engine.attend(&Waker::new(move || events.send(Event::Answered)), &plan);
            }
        }
        self.protocol.start(plan, files, built, notices)
    }

    /// Has threads ready for variants.
    fn prepare(
        &mut self,
        plan: (Vec<PlannedModel>, VariantsPlan, MemoryFiles),
    ) -> Result<(), SessionError> {
        self.ask(Request::Models(plan.0.len(), SiteId::default()));
        let account = self.protocol.engine_account();
        let workers = Workers::start(plan, &self.types, account, &self.events);
        let prepared = workers.map(|workers| self.workers = Some(workers));
        self.protocol.vary(prepared)
    }

    /// Looks whether the controller is there and the node goes on, and gives a heartbeat when one is
    /// due. What the controller says meanwhile waits.
    fn is_still_wanted(&mut self) -> Result<(), SessionError> {
        let ready = self.sockets.wait(&mut self.protocol, &self.inbox, None)?;
        if ready.has_events() {
            self.take_events()?;
        }
        if ready.is_controller_gone() && !self.sockets.is_moving(Side::Controller) {
            return Err(ConnectionError::Closed.into());
        }
        self.beat()
    }

    /// Takes what the rest of the node has for this session.
    fn take_events(&mut self) -> Result<(), SessionError> {
        self.inbox.rearm();
        while let Some(event) = self.inbox.next() {
            match event {
                Event::Stop => return Err(SessionError::Stopped),
                // What it is that has come is found in the next turn.
                Event::Came => {}
                #[cfg(feature = "programs")]
                Event::Answered => self.protocol.retry(),
                Event::Arrived(site, connection) => {
                    let channel = self.sockets.add(site, connection);
                    self.protocol.link_arrived(site, channel);
                }
                Event::Called(site, Ok((connection, None))) => {
                    let channel = self.sockets.add(site, connection);
                    self.protocol.link_called(site, channel);
                }
                Event::Called(site, Ok((connection, Some(received)))) => {
                    if self.protocol.link_reconnected(site, received) {
                        self.sockets
                            .replace(Side::Peer(site), connection.into_parts().0);
                    }
                }
                Event::Called(site, Err(error)) => self.protocol.link_failed(site, &error),
                Event::Reconnects(site, received, connection) => {
                    let side = match site {
                        CONTROLLER => Side::Controller,
                        site => Side::Peer(site),
                    };
                    self.sockets
                        .move_to(&mut self.protocol, side, received, connection);
                }
            }
        }
        Ok(())
    }
}

/// What the lights show of the end of a session.
pub(crate) fn fault(error: &SessionError) -> Option<Fault> {
    match error {
        SessionError::NotReady => Some(Fault::Model),
        SessionError::Stopped => None,
        SessionError::Connection(_)
        | SessionError::Refused(_)
        | SessionError::Batch(_)
        | SessionError::Silent(_)
        | SessionError::System(_) => Some(Fault::Lost),
    }
}
