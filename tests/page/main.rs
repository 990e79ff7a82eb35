//! The page of a run, as viewers have it: over HTTP, and in a browser.
//!
//! `ILLUMINATOR_REQUIRE_BROWSER` says that Chromium and its driver must be there. Without it the test that wants
//! them is left out where they are missing.

#![cfg(unix)]

mod browser;
mod commands;
mod driver;
mod http;
mod refusals;
mod seeing;
mod viewers;

use http::Server;
use rig::{Ended, Run, Trial};

/// What asks for a page that nobody opens.
const PAGE: [&str; 2] = ["--page", "--no-browser"];

/// A run with a page.
struct Shown {
    run: Run,
    server: Server,
}

impl Shown {
    fn of(trial: &Trial, options: &[&str]) -> Self {
        Self::at(trial, "127.0.0.1:0", options)
    }

    /// With the page at this address.
    fn at(trial: &Trial, place: &str, options: &[&str]) -> Self {
        let mut run = trial.start(&[&PAGE, &["--page-listen", place], options].concat());
        let line = run.wait_to_say("the page is at http://");
        let (_, address) = line.trim_end().split_once("http://").expect("an address");
        let address = address.strip_suffix('/').and_then(|at| at.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        let server = Server { address };
        Self { run, server }
    }

    /// Presses Ctrl-C.
    fn interrupt(self) -> Ended {
        self.run.signal("INT");
        self.run.finish().into()
    }
}

/// The numbers of a result; what is none is not a number.
struct Numbers {
    columns: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl Numbers {
    fn of(csv: &str) -> Self {
        let mut lines = csv.lines();
        let columns = lines.next().expect("a header").split(',').skip(1);
        let columns = columns.map(str::to_owned).collect();
        let number = |cell: &str| cell.parse().unwrap_or(f64::NAN);
        let row = |line: &str| line.split(',').skip(1).map(number).collect();
        let rows = lines.map(row).collect();
        Self { columns, rows }
    }

    /// The column of an item.
    fn column(&self, item: &str) -> usize {
        let found = self.columns.iter().position(|column| column == item);
        found.unwrap_or_else(|| panic!("no '{item}' in {:?}", self.columns))
    }
}
