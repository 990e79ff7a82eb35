//! Plots of items of a result.

mod gather;
mod svg;
mod terminal;

pub(crate) use gather::{Window, gather};
pub(crate) use svg::to_svg;
pub(crate) use terminal::to_text;

#[cfg(test)]
mod tests;
