//! The report of a result: one page of HTML that asks nothing from anywhere and runs no script.

mod charts;
mod curve;
mod flows;
mod gather;
mod page;
mod profile;
pub(crate) mod sweep;

pub(crate) use page::of;

#[cfg(test)]
mod tests;
