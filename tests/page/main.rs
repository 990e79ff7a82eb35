//! The page of a run, as viewers have it: over HTTP, and in a browser.
//!
//! `ILLUMINATOR_REQUIRE_BROWSER` says that Chromium and its driver must be there, `ILLUMINATOR_REQUIRE_NAMESPACES` that
//! there must be network namespaces. Without them the tests that want these are left out where they are missing.

#![cfg(unix)]

mod browser;
mod commands;
mod driver;
mod http;
mod lights;
mod pictures;
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
        let run = trial.start(&[&PAGE, &["--page-listen", place], options].concat());
        let (shown, query) = Self::open(run);
        assert_eq!(query, "", "nothing but an address");
        shown
    }

    /// With the page that a run says it has; and what follows its address.
    fn open(mut run: Run) -> (Self, String) {
        let line = run.wait_to_say("the page is at http://");
        let address = line.trim_end().split_once("http://");
        let (address, query) = address.and_then(|at| at.1.split_once('/')).expect("a path");
        let address = address
            .parse()
            .unwrap_or_else(|_| panic!("no address in {line:?}"));
        let server = Server { address };
        (Self { run, server }, query.to_owned())
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
