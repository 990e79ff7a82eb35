//! The files of the page, which are part of this program.

use super::access;

/// A file by its path: what kind it is, and its content.
pub(super) fn file(path: &str) -> Option<(&'static str, &'static [u8])> {
    let name = match path {
        "/" | "/kiosk" => "index.html",
        _ => path.strip_prefix(access::FILES)?,
    };
    let (_, content) = FILES.iter().find(|(known, _)| *known == name)?;
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
    Some((kind, content))
}

/// Files of the folder `page`, each with its name.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../page/", $name)))),+]
    };
}

static FILES: &[(&str, &[u8])] = files![
    "address.js",
    "adjusting.js",
    "arranging.js",
    "cables.js",
    "calendar.js",
    "cards.js",
    "chart.js",
    "charts.css",
    "charts.js",
    "client.js",
    "colours.js",
    "controls.js",
    "curves.js",
    "divider.js",
    "dock.css",
    "dock.js",
    "dom.js",
    "edges.js",
    "feed.js",
    "gestures.js",
    "graph.js",
    "help.js",
    "icon.svg",
    "icons.js",
    "index.html",
    "inspector.js",
    "kiosk.js",
    "lamps.js",
    "layout.js",
    "leds.js",
    "lights.css",
    "lines.js",
    "log.js",
    "look.js",
    "motion.js",
    "moving.js",
    "ordering.js",
    "page.js",
    "panel.js",
    "past.js",
    "picture.css",
    "picture.js",
    "placing.js",
    "plugs.js",
    "range.js",
    "ranks.js",
    "run.js",
    "series.js",
    "signs.js",
    "sites.js",
    "start.js",
    "status.js",
    "strands.js",
    "streams.js",
    "style.css",
    "text.js",
    "theme.css",
    "tip.js",
    "tools.js",
    "vendor/uPlot.LICENSE",
    "vendor/uPlot.esm.js",
    "vendor/uPlot.min.css",
    "waits.js",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    /// The files below a folder, but for tests and what they need.
    fn below(folder: &Path, prefix: &str, names: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                if name != "tests" {
                    below(&entry.path(), &format!("{name}/"), names);
                }
            } else if name != "package.json" {
                names.push(name);
            }
        }
    }

    #[test]
    fn each_file_of_the_page_is_in_the_program() {
        let mut names = Vec::new();
        below(
            Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/page")),
            "",
            &mut names,
        );
        names.sort();
        let known: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, known);
        assert!(file("/").is_some() && file("/kiosk").is_some() && file("/page/nothing").is_none());
    }
}
