//! What is wrong with a scenario, where, and in which words it is said.

mod excerpt;
mod lines;
mod paths;
mod position;
mod problem;
mod spelling;
mod wording;

pub use excerpt::Excerpt;
pub use position::Position;
pub use problem::{Problem, Problems, Severity};

pub(crate) use lines::{ends_line, lines};
pub(crate) use paths::{backslash_in, similar_file};
pub(crate) use spelling::{key_suggestion, listing, meant_key, nearest, suggestion};
pub(crate) use wording::{as_yaml, shortened, with_article};
