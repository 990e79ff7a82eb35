//! `controller key`.

use std::path::Path;

use super::failure::Failure;
use crate::key::create;
use crate::output::answer_line;

/// Makes a key.
pub(crate) fn new(path: Option<&Path>) -> Result<(), Failure> {
    let path = create(path).map_err(Failure::Usage)?;
    answer_line!("made a new cluster key: {}", path.display());
    answer_line!("'controller deploy' gives it to nodes; keep it secret");
    Ok(())
}
