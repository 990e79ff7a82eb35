//! Streams to print to.

use std::fs::{File, OpenOptions};
use std::io::{PipeReader, PipeWriter};

/// A pipe whose reader has gone.
pub(crate) fn closed_pipe() -> PipeWriter {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer
}

/// A pipe that nobody reads for now, and its reader.
pub(crate) fn pipe() -> (PipeReader, PipeWriter) {
    std::io::pipe().expect("a pipe")
}

/// A file on a disk that is full.
pub(crate) fn full_disk() -> File {
    let options = OpenOptions::new().write(true).open("/dev/full");
    options.expect("a Linux")
}

/// How many bytes wait in a pipe.
pub(crate) fn waiting(pipe: &PipeReader) -> u64 {
    rustix::io::ioctl_fionread(pipe).expect("a pipe")
}
