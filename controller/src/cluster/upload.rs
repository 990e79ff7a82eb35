//! What a node gets before a run: the files that its models read, its models, and the rest of its
//! plan.

use std::io::{self, Seek, SeekFrom};
use std::slice;
use std::vec;

use shared::files::{Content, FileError, Files};
use shared::plan::PlannedModel;
use shared::wire::{Channel, FILE_PIECE, FrameError, MAX_FILE, MAX_FILES, Refusal, ToNode};
use thiserror::Error;

use super::loss::refusal_text;
use super::service::Service;

/// A plan on its way to a node.
pub(crate) struct Upload<'a> {
    files: &'a dyn Files,
    paths: slice::Iter<'a, String>,
    /// The file that is being sent.
    open: Option<(&'a str, Box<dyn Content>)>,
    models: vec::IntoIter<&'a PlannedModel>,
}

/// A plan cannot be sent.
#[derive(Debug, Error)]
pub(crate) enum UploadError {
    /// A file cannot be read or is over the limit.
    #[error(transparent)]
    File(#[from] FileNotSent),
    /// A part of the plan does not fit a frame.
    #[error(transparent)]
    TooLarge(#[from] FrameError),
}

/// A file cannot be read or is over the limit.
#[derive(Debug, Error)]
pub enum FileNotSent {
    /// It cannot be opened. The error has the words of the system in its own.
    #[error("{0}")]
    Unopened(FileError),
    /// It cannot be read to its end.
    #[error("cannot read '{path}'")]
    Unread {
        /// Its path.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// It is over the limit, alone or with those before it.
    #[error("'{path}': {reason}")]
    TooLarge {
        /// Its path.
        path: String,
        /// What the limit is, and what to do.
        reason: String,
    },
}

impl<'a> Upload<'a> {
    /// The upload of the models of a plan, and of the files with these paths if a node takes as much.
    pub(crate) fn new(
        models: impl IntoIterator<Item = &'a PlannedModel>,
        paths: &'a [String],
        files: &'a dyn Files,
    ) -> Result<Self, UploadError> {
        let mut total = 0;
        for path in paths {
            let length = length_of(path, files)?;
            total += length;
            check_limit(path, length, MAX_FILE)?;
            check_limit(path, total, MAX_FILES)?;
        }
        Ok(Self {
            files,
            paths: paths.iter(),
            open: None,
            models: models.into_iter().collect::<Vec<_>>().into_iter(),
        })
    }

    /// Queues the next message, the last but one at most. Returns whether there was one.
    pub(crate) fn queue_next(&mut self, channel: &mut Channel) -> Result<bool, UploadError> {
        if self.open.is_none()
            && let Some(path) = self.paths.next()
        {
            self.open = Some((path, open(path, self.files)?));
        }
        if let Some((path, mut content)) = self.open.take() {
            if queue_piece(path, &mut *content, channel)? {
                self.open = Some((path, content));
            }
            return Ok(true);
        }
        match self.models.next() {
            Some(model) => channel.queue(&ToNode::Model(Box::new(model.clone())))?,
            None => return Ok(false),
        }
        Ok(true)
    }
}

fn open(path: &str, files: &dyn Files) -> Result<Box<dyn Content>, FileNotSent> {
    files.open(path).map_err(FileNotSent::Unopened)
}

fn unread(path: &str, source: io::Error) -> FileNotSent {
    let path = path.to_owned();
    FileNotSent::Unread { path, source }
}

fn length_of(path: &str, files: &dyn Files) -> Result<u64, FileNotSent> {
    let end = open(path, files)?.seek(SeekFrom::End(0));
    end.map_err(|error| unread(path, error))
}

fn check_limit(path: &str, length: u64, limit: usize) -> Result<(), FileNotSent> {
    let limit = limit as u64;
    if length <= limit {
        return Ok(());
    }
    let reason = refusal_text(&Refusal::FilesTooLarge { limit }, Service::Node);
    let path = path.to_owned();
    Err(FileNotSent::TooLarge { path, reason })
}

/// Queues a piece of a file; returns whether it was not the last one.
fn queue_piece(
    path: &str,
    content: &mut dyn Content,
    channel: &mut Channel,
) -> Result<bool, UploadError> {
    let piece = content.fill_buf().map_err(|error| unread(path, error))?;
    let piece = &piece[..piece.len().min(FILE_PIECE)];
    let (length, last) = (piece.len(), piece.is_empty());
    channel.queue(&ToNode::File {
        path,
        last,
        content: piece,
    })?;
    content.consume(length);
    Ok(!last)
}
