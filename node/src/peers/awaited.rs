//! Where links that other nodes open meet the runs that wait for them.

use std::cell::RefCell;
use std::rc::Rc;

use shared::plan::SiteId;
use shared::wire::Token;
use smol::channel::{Sender, bounded};

use crate::inbox;

/// The links that runs of a node wait for.
#[derive(Default)]
pub(crate) struct AwaitedLinks {
    inside: RefCell<Inside>,
}

#[derive(Default)]
struct Inside {
    runs: Vec<Run>,
    /// Closed when a run begins to wait.
    callers: Vec<Sender<()>>,
    last_number: u64,
}

struct Run {
    number: u64,
    token: Token,
    sites: Vec<SiteId>,
    session: inbox::Sender,
}

/// A run waits for links until this is dropped.
pub(crate) struct Awaiting {
    links: Rc<AwaitedLinks>,
    number: u64,
}

impl AwaitedLinks {
    /// Has a run wait for the links from these sites, each once.
    pub(crate) fn wait(
        self: &Rc<Self>,
        token: Token,
        sites: Vec<SiteId>,
        session: inbox::Sender,
    ) -> Awaiting {
        let mut inside = self.inside.borrow_mut();
        inside.last_number += 1;
        let number = inside.last_number;
        inside.runs.push(Run {
            number,
            token,
            sites,
            session,
        });
        // Whoever came before the run was there looks again.
        inside.callers.clear();
        let links = Rc::clone(self);
        Awaiting { links, number }
    }

    /// The session of a run.
    pub(super) fn session(&self, token: Token) -> Option<inbox::Sender> {
        let inside = self.inside.borrow();
        let mut runs = inside.runs.iter();
        let run = runs.find(|run| run.token == token)?;
        Some(run.session.clone())
    }

    /// Waits for a run, and finds the session that a link from a site is for; `None` where the run
    /// does not wait for it.
    pub(super) async fn find(&self, token: Token, from: SiteId) -> Option<inbox::Sender> {
        loop {
            let waits = {
                let mut inside = self.inside.borrow_mut();
                if let Some(run) = inside.runs.iter_mut().find(|run| run.token == token) {
                    let place = run.sites.iter().position(|&site| site == from)?;
                    run.sites.swap_remove(place);
                    return Some(run.session.clone());
                }
                // Those who have gone meanwhile leave nothing behind.
                inside.callers.retain(|caller| !caller.is_closed());
                let (caller, waits) = bounded(1);
                inside.callers.push(caller);
                waits
            };
            // Nothing is ever sent: it is the end of the channel that counts.
            let _ = waits.recv().await;
        }
    }
}

impl Drop for Awaiting {
    fn drop(&mut self) {
        let mut inside = self.links.inside.borrow_mut();
        inside.runs.retain(|run| run.number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::inbox;
    use smol::future::{or, poll_once};

    const TOKEN: Token = Token([1; 16]);

    #[test]
    fn a_link_is_let_in_once_and_only_where_it_is_awaited() {
        let links = Rc::new(AwaitedLinks::default());
        let (run, _inbox) = inbox().expect("an inbox");
        let awaiting = links.wait(TOKEN, vec![SiteId(2), SiteId(5)], run);
        smol::block_on(async {
            assert!(links.find(TOKEN, SiteId(5)).await.is_some());
            assert!(links.find(TOKEN, SiteId(5)).await.is_none(), "twice");
            assert!(links.find(TOKEN, SiteId(3)).await.is_none(), "no peer");
            let stranger = links.find(Token([2; 16]), SiteId(2));
            assert!(poll_once(stranger).await.is_none(), "waits");
            drop(awaiting);
            assert!(
                poll_once(links.find(TOKEN, SiteId(2))).await.is_none(),
                "over"
            );
        });
    }

    #[test]
    fn a_link_that_comes_before_its_run_waits_for_it() {
        let links = Rc::new(AwaitedLinks::default());
        let (run, _inbox) = inbox().expect("an inbox");
        let found = smol::block_on(or(links.find(TOKEN, SiteId(2)), async {
            let _awaiting = links.wait(TOKEN, vec![SiteId(2)], run);
            std::future::pending().await
        }));
        assert!(found.is_some());
    }

    #[test]
    fn those_who_wait_in_vain_leave_nothing_behind() {
        let links = Rc::new(AwaitedLinks::default());
        smol::block_on(async {
            for _ in 0..100 {
                assert!(poll_once(links.find(TOKEN, SiteId(1))).await.is_none());
            }
        });
        assert!(links.inside.borrow().callers.len() <= 1);
    }
}
