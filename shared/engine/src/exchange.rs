//! What goes to the other sites and comes from them.

use super::batch::{BatchError, BatchReader, Head};
use super::publications::Publications;
use super::site::Engine;
use super::state::State;
use super::wiring::{BorderId, Publisher, Source, Wiring};
use shared::memory::Account;
use shared::plan::{SiteId, StreamId};
use shared::time::Tick;
use shared::wire::MAX_PUBLICATION;

/// What waits to be sent to a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// How much it is.
    pub bytes: usize,
    /// Whether a model may wait for some of it, or a window fill up. If not it may be kept back for a
    /// moment, so that much goes at once.
    pub is_awaited: bool,
}

impl Engine {
    /// Takes a batch that another site sent.
    pub fn receive(&mut self, from: SiteId, batch: &[u8]) -> Result<(), BatchError> {
        let Self { wiring, state } = self;
        let border = wiring.border_to(from);
        let before = state.account.taken();
        let mut reader = BatchReader(batch);
        while let Some(head) = reader.head()? {
            let (Head::Publication { stream, .. } | Head::Credit { stream, .. }) = head;
            let border = border.ok_or(BatchError::UnknownStream(stream))?;
            state.take(wiring, border, head, &mut reader)?;
        }
        if let Some(border) = border {
            let after = state.account.taken();
            state.borders[border].weigh(before, after)?;
        }
        Ok(())
    }

    /// What waits for a site, if anything does.
    pub fn waiting(&self, to: SiteId) -> Option<Waiting> {
        let border = &self.state.borders[self.wiring.border_to(to)?];
        let bytes = border.outbox.len();
        let is_awaited = border.is_awaited;
        (bytes > 0).then_some(Waiting { bytes, is_awaited })
    }

    /// The batch that waits for a site; empty where there is none. Give the buffer back with
    /// [`Engine::recycle`].
    pub fn take_batch(&mut self, to: SiteId) -> Vec<u8> {
        match self.wiring.border_to(to) {
            Some(border) => self.state.borders[border].take_outbox(),
            None => Vec::new(),
        }
    }

    /// Gives back a buffer of [`Engine::take_batch`], so that the next batch needs no new one.
    pub fn recycle(&mut self, to: SiteId, mut batch: Vec<u8>) {
        if let Some(border) = self.wiring.border_to(to)
            && let outbox = &mut self.state.borders[border].outbox
            && outbox.is_empty()
        {
            batch.clear();
            *outbox = batch;
        }
    }

    /// The sites that this one exchanges values with.
    pub fn peers(&self) -> Vec<SiteId> {
        self.wiring
            .borders
            .iter()
            .map(|border| border.peer)
            .collect()
    }
}

impl Wiring {
    /// The border to a site, where values cross it.
    fn border_to(&self, peer: SiteId) -> Option<BorderId> {
        let mut borders = self.borders.enumerate();
        borders.find_map(|(id, border)| (border.peer == peer).then_some(id))
    }
}

impl State {
    /// Has the other sites know what has been read, once it is worth sending.
    pub(super) fn return_credit(&mut self, wiring: &Wiring) {
        for (source, publications) in wiring.sources.iter().zip(&mut self.publications) {
            if let Publisher::Import { border, stream, .. } = source.publisher
                && publications.len() > source.window / 4
            {
                let read = publications.trim(source, &mut self.cursors);
                self.borders[border].credit(stream, read, source.window);
            }
        }
    }

    /// Takes what a head of a batch announces.
    fn take(
        &mut self,
        wiring: &Wiring,
        border: BorderId,
        head: Head,
        reader: &mut BatchReader<'_>,
    ) -> Result<(), BatchError> {
        let wired = &wiring.borders[border];
        match head {
            Head::Publication { stream, tick, next } => {
                let import = wired.imports.get(stream);
                let &import = import.ok_or(BatchError::UnknownStream(stream))?;
                let (source, publications) =
                    (&wiring.sources[import], &mut self.publications[import]);
                check_due(source, publications, stream, tick)?;
                take_values(publications, (tick, next), reader, &mut self.account)?;
                self.ready.insert_all(&source.owners);
            }
            Head::Credit { stream, read } => {
                let model = self.borders[border].book(wired, stream, read)?;
                self.ready.insert(wiring.models[model].group);
            }
        }
        Ok(())
    }
}

/// Refuses a publication that is not due, or for which there is no room.
fn check_due(
    source: &Source,
    publications: &Publications,
    stream: StreamId,
    tick: Tick,
) -> Result<(), BatchError> {
    let due = publications.next();
    if tick != due {
        let got = tick;
        return Err(BatchError::UnexpectedTick { stream, due, got });
    }
    if publications.len() >= source.window {
        return Err(BatchError::WindowExceeded(stream));
    }
    Ok(())
}

/// Takes the values of a publication.
fn take_values(
    publications: &mut Publications,
    (tick, next): (Tick, Tick),
    reader: &mut BatchReader<'_>,
    account: &mut Account,
) -> Result<(), BatchError> {
    // What it becomes is many times as large, so a longer one ends where no sender goes on.
    let longest = &reader.0[..reader.0.len().min(MAX_PUBLICATION)];
    let mut values = BatchReader(longest);
    for value in publications.push(tick, next, account)? {
        *value = values.take()?;
    }
    reader.0 = &reader.0[longest.len() - values.0.len()..];
    Ok(publications.weigh(account)?)
}
