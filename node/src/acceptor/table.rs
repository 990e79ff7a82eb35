//! The table of connections.

use std::net::IpAddr;
use std::sync::Arc;

use shared::wire::SessionStatus;

use crate::sessions::Shown;
use smol::Task;

/// The most sessions at a time.
pub const MAX_SESSIONS: usize = 16;

/// The most connections at a time that have not opened a session yet. One more takes the place of
/// the oldest of the machine that has most of them.
pub const MAX_PENDING: usize = 64;

/// The connections of a node.
#[derive(Default)]
pub(super) struct Table {
    entries: heapless::Vec<Entry, { MAX_SESSIONS + MAX_PENDING }>,
    last_id: u64,
}

/// A connection.
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) from: IpAddr,
    /// What it does, once it is a session.
    pub(super) session: Option<Open>,
    pub(super) task: Task<()>,
}

/// What a session does.
pub(super) struct Open {
    scenario: String,
    shown: Arc<Shown>,
}

/// A session that has been let in.
pub(super) struct Place {
    /// How many others there are.
    pub(super) others: usize,
    /// What it shows in the status of the node.
    pub(super) shown: Arc<Shown>,
}

impl Table {
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Drops the connections that are over.
    fn sweep(&mut self) {
        self.entries.retain(|entry| !entry.task.is_finished());
    }

    /// Sessions at the moment.
    pub(super) fn count(&mut self) -> usize {
        self.sweep();
        self.sessions()
    }

    /// Sessions, those among them whose end nobody has looked at.
    fn sessions(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.session.is_some())
            .count()
    }

    pub(super) fn insert(&mut self, entry: Entry) {
        self.sweep();
        let pending = self.entries.iter().filter(|entry| entry.session.is_none());
        if pending.clone().count() >= MAX_PENDING {
            // A machine that floods the node is in its own way only.
            let crowd = |from: IpAddr| pending.clone().filter(|entry| entry.from == from).count();
            let most = pending.clone().map(|entry| crowd(entry.from)).max();
            let gives_way =
                |entry: &Entry| entry.session.is_none() && Some(crowd(entry.from)) == most;
            if let Some(oldest) = self.entries.iter().position(gives_way) {
                // Dropping its task closes the connection.
                self.entries.remove(oldest);
            }
        }
        // There is room for all sessions and all others, so nothing is lost here.
        let _ = self.entries.push(entry);
    }

    /// Makes a connection a session; `None` where there are as many as the node takes.
    pub(super) fn open_session(&mut self, id: u64, scenario: &str) -> Option<Place> {
        self.sweep();
        let others = self.sessions();
        let entry = self.entries.iter_mut().find(|entry| entry.id == id)?;
        (others < MAX_SESSIONS).then(|| {
            let shown = Arc::default();
            entry.session = Some(Open {
                scenario: scenario.to_owned(),
                shown: Arc::clone(&shown),
            });
            Place { others, shown }
        })
    }

    /// What the sessions do.
    pub(super) fn status(&mut self) -> Vec<SessionStatus> {
        self.sweep();
        let status = |entry: &Entry| {
            let session = entry.session.as_ref()?;
            let scenario = session.scenario.clone();
            Some(session.shown.status(scenario, entry.from.to_string()))
        };
        self.entries.iter().filter_map(status).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smol::LocalExecutor;

    fn pending(executor: &LocalExecutor<'static>, id: u64, machine: u8) -> Entry {
        Entry {
            id,
            from: IpAddr::from([10, 0, 0, machine]),
            session: None,
            task: executor.spawn(std::future::pending()),
        }
    }

    fn open(table: &mut Table, id: u64) -> Option<usize> {
        table.open_session(id, "s").map(|place| place.others)
    }

    fn table_with(executor: &LocalExecutor<'static>, count: u64) -> Table {
        let mut table = Table::default();
        for id in 0..count {
            table.insert(pending(executor, id, 1));
        }
        table
    }

    #[test]
    fn a_connection_too_many_takes_the_place_of_the_oldest() {
        let executor = LocalExecutor::new();
        let table = table_with(&executor, MAX_PENDING as u64 + 3);
        let ids: Vec<u64> = table.entries.iter().map(|entry| entry.id).collect();
        assert_eq!(ids, (3..MAX_PENDING as u64 + 3).collect::<Vec<_>>());
    }

    #[test]
    fn the_connections_of_one_machine_cannot_push_out_that_of_another() {
        let executor = LocalExecutor::new();
        let mut table = table_with(&executor, MAX_PENDING as u64 - 1);
        table.insert(pending(&executor, 100, 2));
        for id in 200..300 {
            table.insert(pending(&executor, id, 1));
        }
        assert!(table.entries.iter().any(|entry| entry.id == 100));
        assert_eq!(table.entries.len(), MAX_PENDING);
    }

    #[test]
    fn connections_cannot_push_out_a_session_and_sessions_are_limited() {
        let executor = LocalExecutor::new();
        let mut table = table_with(&executor, 1);
        assert_eq!(open(&mut table, 0), Some(0));
        for others in 1..100 {
            let id = others as u64;
            table.insert(pending(&executor, id, 1));
            let expected = (others < MAX_SESSIONS).then_some(others);
            assert_eq!(open(&mut table, id), expected);
        }
        assert_eq!(table.sessions(), MAX_SESSIONS);
    }
}
