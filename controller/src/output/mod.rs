//! What the program prints: on which stream, and how numbers, times and foreign words look there.

mod columns;
mod duration;
mod numbers;
mod printable;
mod speech;

pub(crate) use columns::columns;
pub(crate) use duration::duration;
pub(crate) use numbers::{count, grouped};
pub(crate) use printable::{printable, printable_line, without_login};
pub(crate) use speech::{
    Kind, answer, answer_line, catch_panics, erase, finish, say, say_after, say_line, show,
};
