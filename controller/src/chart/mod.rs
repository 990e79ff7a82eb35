//! Charts: axes, lines and flows as SVG, for plots and reports alike.

mod canvas;
mod numbers;
mod panel;
#[cfg(feature = "png")]
mod png;
mod sankey;
mod style;
mod time;

pub(crate) use canvas::{Canvas, escaped};
pub(crate) use numbers::Axis;
pub(crate) use panel::{Frame, Panel, Series, draw};
#[cfg(feature = "png")]
pub(crate) use png::to_png;
pub(crate) use sankey::{Link, sankey};
pub(crate) use style::{COLOURS, STYLE, dark, light};
pub(crate) use time::marks;
