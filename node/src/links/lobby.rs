//! Where links that other nodes open meet the runs that wait for them.

use std::cell::RefCell;
use std::rc::Rc;

use shared::plan::SiteId;
use shared::wire::Token;
use smol::channel::{Sender, bounded};

use crate::session::Mailbox;

/// All runs of a node that wait for links.
#[derive(Default)]
pub(crate) struct Lobby {
    inside: RefCell<Inside>,
}

#[derive(Default)]
struct Inside {
    runs: Vec<Run>,
    /// Closed when a run opens its door.
    callers: Vec<Sender<()>>,
    last_number: u64,
}

struct Run {
    number: u64,
    token: Token,
    awaited: Vec<SiteId>,
    mailbox: Mailbox,
}

/// A run waits for links until this is dropped.
pub(crate) struct Door {
    lobby: Rc<Lobby>,
    number: u64,
}

impl Lobby {
    /// Opens the door of a run for the links from these sites, each once.
    pub(crate) fn open(
        self: &Rc<Self>,
        token: Token,
        awaited: Vec<SiteId>,
        mailbox: Mailbox,
    ) -> Door {
        let mut inside = self.inside.borrow_mut();
        inside.last_number += 1;
        let number = inside.last_number;
        inside.runs.push(Run {
            number,
            token,
            awaited,
            mailbox,
        });
        // Whoever came before the run was there looks again.
        inside.callers.clear();
        let lobby = Rc::clone(self);
        Door { lobby, number }
    }

    /// Waits for a run and finds the way in for a link from a site; `None` where the run does not
    /// wait for it.
    pub(crate) async fn find(&self, token: Token, from: SiteId) -> Option<Mailbox> {
        loop {
            let opened = {
                let mut inside = self.inside.borrow_mut();
                if let Some(run) = inside.runs.iter_mut().find(|run| run.token == token) {
                    let place = run.awaited.iter().position(|&site| site == from)?;
                    run.awaited.swap_remove(place);
                    return Some(run.mailbox.clone());
                }
                // Those who have gone meanwhile leave nothing behind.
                inside.callers.retain(|caller| !caller.is_closed());
                let (caller, opened) = bounded(1);
                inside.callers.push(caller);
                opened
            };
            // Nothing is ever sent: it is the end of the channel that counts.
            let _ = opened.recv().await;
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let mut inside = self.lobby.inside.borrow_mut();
        inside.runs.retain(|run| run.number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::mailbox;
    use smol::future::{or, poll_once};

    const TOKEN: Token = Token([1; 16]);

    #[test]
    fn a_link_is_let_in_once_and_only_where_it_is_awaited() {
        let lobby = Rc::new(Lobby::default());
        let (run, _events) = mailbox().expect("a mailbox");
        let door = lobby.open(TOKEN, vec![SiteId(2), SiteId(5)], run);
        smol::block_on(async {
            assert!(lobby.find(TOKEN, SiteId(5)).await.is_some());
            assert!(lobby.find(TOKEN, SiteId(5)).await.is_none(), "twice");
            assert!(lobby.find(TOKEN, SiteId(3)).await.is_none(), "no peer");
            let stranger = lobby.find(Token([2; 16]), SiteId(2));
            assert!(poll_once(stranger).await.is_none(), "waits");
            drop(door);
            assert!(
                poll_once(lobby.find(TOKEN, SiteId(2))).await.is_none(),
                "over"
            );
        });
    }

    #[test]
    fn a_link_that_comes_before_its_run_waits_for_it() {
        let lobby = Rc::new(Lobby::default());
        let (run, _events) = mailbox().expect("a mailbox");
        let found = smol::block_on(or(lobby.find(TOKEN, SiteId(2)), async {
            let _door = lobby.open(TOKEN, vec![SiteId(2)], run);
            std::future::pending().await
        }));
        assert!(found.is_some());
    }

    #[test]
    fn those_who_wait_in_vain_leave_nothing_behind() {
        let lobby = Rc::new(Lobby::default());
        smol::block_on(async {
            for _ in 0..100 {
                assert!(poll_once(lobby.find(TOKEN, SiteId(1))).await.is_none());
            }
        });
        assert!(lobby.inside.borrow().callers.len() <= 1);
    }
}
