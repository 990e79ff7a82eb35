//! Colours, on light paper and on dark.

use std::fmt::Write;

/// How many colours there are for lines; more lines begin with the first one again.
pub(crate) const COLOURS: usize = 8;

/// Each has a contrast of 3 to 1 at least to its paper.
const ON_LIGHT: [&str; COLOURS] = [
    "#2a78d6", "#c2571a", "#14855a", "#8b4fc7", "#97690a", "#c2307a", "#007e87", "#5b6470",
];
const ON_DARK: [&str; COLOURS] = [
    "#6ea8ff", "#ff9a5c", "#4fd19a", "#c39bff", "#e6b94a", "#ff86bd", "#4cc9d6", "#b3bcc8",
];

/// What does not depend on the paper.
pub(crate) const STYLE: &str = "svg text{font:12px 'DejaVu Sans',system-ui,sans-serif}\
    .grid{stroke-width:1}.axis{stroke-width:1}.line{fill:none;stroke-width:1.5;stroke-linejoin:round}\
    .flow{fill-opacity:.35}.band{fill-opacity:.18}.point{fill-opacity:.5}.bar{fill-opacity:.8}";

/// The rules for light paper.
pub(crate) fn light() -> String {
    rules(["#ffffff", "#1c2430", "#dfe3e8", "#6b7480"], ON_LIGHT)
}

/// The rules for dark paper.
pub(crate) fn dark() -> String {
    rules(["#14181f", "#e6eaf0", "#2c333d", "#8b95a3"], ON_DARK)
}

fn rules([paper, ink, grid, axis]: [&str; 4], colours: [&str; COLOURS]) -> String {
    let mut rules = format!(
        ".paper{{fill:{paper}}}svg text{{fill:{ink}}}.grid{{stroke:{grid}}}.axis{{stroke:{axis}}}"
    );
    for (number, colour) in colours.iter().enumerate() {
        // Writing into a string cannot fail.
        let _ = write!(
            rules,
            ".s{number}{{stroke:{colour}}}.f{number}{{fill:{colour}}}"
        );
    }
    rules
}
