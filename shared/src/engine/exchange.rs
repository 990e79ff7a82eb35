//! What goes to the other sites and comes from them.

use super::batch::{BatchReader, Head};
use super::border::{Link, MAX_RECORD};
use super::history::History;
use super::{BatchError, Engine, Source};
use crate::memory::Account;
use crate::plan::SiteId;
use crate::time::Tick;

/// Records that wait to be sent to a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// How much they are.
    pub bytes: usize,
    /// Whether a model may wait for one of them, or a window fill up. If not they may be kept back
    /// for a moment, so that many go at once.
    pub is_awaited: bool,
}

impl Engine {
    /// Tells the other sites what has been read, once it is worth a record.
    pub(super) fn return_credit(&mut self) {
        let Self {
            histories,
            readers,
            sources,
            links,
            ..
        } = self;
        for (history, source) in histories.iter_mut().zip(sources) {
            if let Source::Import { link, stream, .. } = *source
                && history.len() > history.window() / 4
            {
                let read = history.trim(readers);
                links[link].credit(stream, read, history.window());
            }
        }
    }

    /// Takes a batch that another site sent.
    pub fn receive(&mut self, from: SiteId, batch: &[u8]) -> Result<(), BatchError> {
        let link = self.links.iter().position(|link| link.peer == from);
        let before = self.account.taken();
        let mut reader = BatchReader(batch);
        while let Some(head) = reader.head()? {
            match head {
                Head::Publication { stream, tick, next } => {
                    let unknown = BatchError::UnknownStream(stream);
                    let links = &self.links;
                    let imports = link.map_or(&[][..], |link| &links[link].imports);
                    let import = imports.get(stream as usize).ok_or(unknown)?;
                    let history = &mut self.histories[import.history];
                    let account = &mut self.account;
                    take_publication(history, stream, tick, next, &mut reader, account)?;
                    self.ready.insert_all(history.owners());
                }
                Head::Credit { stream, read } => {
                    let link = link.ok_or(BatchError::UnknownStream(stream))?;
                    let member = self.links[link].book(stream, read)?;
                    self.ready.insert(member);
                }
            }
        }
        if let Some(link) = link {
            let after = self.account.taken();
            self.links[link].weigh(before, after)?;
        }
        Ok(())
    }

    /// What waits for a site, if anything does.
    pub fn waiting(&self, to: SiteId) -> Option<Waiting> {
        let link = self.links.iter().find(|link| link.peer == to)?;
        let bytes = link.outbox.len();
        let is_awaited = link.is_awaited;
        (bytes > 0).then_some(Waiting { bytes, is_awaited })
    }

    /// The records that wait for a site; empty where there are none. Give the buffer back with
    /// [`Engine::recycle`].
    pub fn take_batch(&mut self, to: SiteId) -> Vec<u8> {
        let link = self.links.iter_mut().find(|link| link.peer == to);
        link.map(Link::take_outbox).unwrap_or_default()
    }

    /// Gives back a buffer of [`Engine::take_batch`], so that the next batch needs no new one.
    pub fn recycle(&mut self, to: SiteId, mut batch: Vec<u8>) {
        if let Some(link) = self.links.iter_mut().find(|link| link.peer == to)
            && link.outbox.is_empty()
        {
            batch.clear();
            link.outbox = batch;
        }
    }

    /// The sites that this one exchanges values with.
    pub fn peers(&self) -> Vec<SiteId> {
        self.links.iter().map(|link| link.peer).collect()
    }
}

/// Takes a publication of a stream into its history.
fn take_publication(
    history: &mut History,
    stream: u32,
    tick: Tick,
    next: Tick,
    reader: &mut BatchReader<'_>,
    account: &mut Account,
) -> Result<(), BatchError> {
    if tick != history.next() {
        return Err(BatchError::UnexpectedTick {
            stream,
            due: history.next(),
            got: tick,
        });
    }
    if history.len() >= history.window() {
        return Err(BatchError::WindowExceeded(stream));
    }
    // What it becomes is many times as large, so a longer one ends where no sender goes on.
    let longest = &reader.0[..reader.0.len().min(MAX_RECORD)];
    let mut values = BatchReader(longest);
    for value in history.push(tick, next, account)? {
        *value = values.take()?;
    }
    reader.0 = &reader.0[longest.len() - values.0.len()..];
    Ok(history.weigh(account)?)
}
