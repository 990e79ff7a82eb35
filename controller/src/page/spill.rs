//! Rows that are not kept in memory: a file that nobody else sees, and that goes with the process.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use shared::time::Tick;

/// Rows that are written, and read, together.
pub(super) const ROWS: usize = 4096;

/// Bytes of a value.
const WIDTH: usize = size_of::<f64>();

/// Blocks of rows, column after column within each.
#[derive(Debug)]
pub(super) struct Spill {
    file: File,
    columns: usize,
    blocks: usize,
}

impl Spill {
    /// A file without a name in the folder for such files.
    pub(super) fn new(columns: usize) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile()?,
            columns,
            blocks: 0,
        })
    }

    /// The rows that it has.
    pub(super) fn rows(&self) -> Tick {
        (self.blocks * ROWS) as Tick
    }

    /// Takes a block, with all of a column's values after each other.
    pub(super) fn push(&mut self, columns: &[Vec<f64>]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(self.columns * ROWS * WIDTH);
        for value in columns.iter().flatten() {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        self.file
            .seek(SeekFrom::Start(self.place(self.blocks, 0)))?;
        self.file.write_all(&bytes)?;
        self.blocks += 1;
        Ok(())
    }

    /// The values of a column in a block.
    pub(super) fn read(&mut self, block: usize, column: usize) -> io::Result<Vec<f64>> {
        let mut bytes = vec![0; ROWS * WIDTH];
        self.file.seek(SeekFrom::Start(self.place(block, column)))?;
        self.file.read_exact(&mut bytes)?;
        let (values, _) = bytes.as_chunks::<WIDTH>();
        Ok(values
            .iter()
            .map(|bytes| f64::from_le_bytes(*bytes))
            .collect())
    }

    fn place(&self, block: usize, column: usize) -> u64 {
        ((block * self.columns + column) * ROWS * WIDTH) as u64
    }
}
