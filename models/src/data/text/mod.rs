//! Files of text, line by line: their cells, numbers and time stamps.

pub(in crate::data) mod cell_format;
pub(in crate::data) mod date_format;
pub(in crate::data) mod lines;
pub(crate) mod number;
