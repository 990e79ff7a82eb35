//! A moving picture of a table: what its cables showed while plugs were moved, as an SVG that plays by
//! itself.

mod scene;
mod svg;

use crate::log::Event;
use crate::play::parse;
use scene::scenes;

/// Draws what came of a script, from what happened while it was [played](crate::play()). Beside its plugs,
/// the script says in comments which cables there are, with the socket of the end that drives the strip
/// first, and what is to be read below the table from a time on:
///
/// ```text
/// #cable 3 house/ttyACM0 grid/ttyACM1
/// #say 6.0 A visitor joins the house and the grid.
/// ```
///
/// # Errors
/// A line of the script that is none.
pub fn draw(script: &str, events: &[Event]) -> Result<String, String> {
    let acts = parse(script)?;
    Ok(svg::svg(&scenes(script, &acts, events)?))
}
