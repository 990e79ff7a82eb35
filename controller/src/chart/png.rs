//! Charts as PNG.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use thiserror::Error;

/// `DejaVu Sans`, letters of European languages only. Its licence is beside it.
const FONT: &[u8] = include_bytes!("font/DejaVuSans-subset.ttf");

/// Pixels a unit.
const SCALE: f32 = 2.0;

/// Why there is no PNG.
#[derive(Debug, Error)]
pub(crate) enum PngError {
    /// It is larger than a picture can be.
    #[error(
        "the picture would have {0} by {1} pixels, which is too large; plot fewer items, or write an .svg"
    )]
    TooLarge(u32, u32),
    /// What draws it refuses it.
    #[error("the picture cannot be drawn: {0}; write an .svg")]
    Refused(String),
}

/// Draws a picture that stands alone.
pub(crate) fn to_png(svg: &str) -> Result<Vec<u8>, PngError> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(FONT.to_vec());
    let options = Options {
        fontdb: Arc::new(fonts),
        font_family: "DejaVu Sans".to_owned(),
        ..Options::default()
    };
    let tree =
        Tree::from_str(svg, &options).map_err(|error| PngError::Refused(error.to_string()))?;
    let size = tree.size().to_int_size();
    let size = size
        .scale_by(SCALE)
        .ok_or(PngError::TooLarge(size.width(), size.height()))?;
    let (width, height) = (size.width(), size.height());
    let mut pixels = Pixmap::new(width, height).ok_or(PngError::TooLarge(width, height))?;
    resvg::render(
        &tree,
        Transform::from_scale(SCALE, SCALE),
        &mut pixels.as_mut(),
    );
    pixels
        .encode_png()
        .map_err(|error| PngError::Refused(error.to_string()))
}
