//! Whatever a file holds, loading it ends with a graph or with problems.

use proptest::prelude::*;

use super::samples::{CATALOGUE, files, scenario};
use crate::scenario::{LoadError, load_text};

fn survives(text: &str) -> Result<(), TestCaseError> {
    match load_text("s.yaml", text, &CATALOGUE, &files()) {
        Ok(_) => {}
        Err(LoadError::Refused(problems)) => {
            prop_assert!(problems.errors() > 0, "refused without a reason");
            for problem in &problems {
                prop_assert!(problem.position.line >= 1 && problem.position.column >= 1);
                prop_assert!(!problem.message.contains('\n'));
            }
        }
        Err(LoadError::Unreadable { .. }) => prop_assert!(false, "nothing was opened"),
    }
    Ok(())
}

fn valid() -> String {
    scenario(
        "- &p\n  name: P\n  type: Pipe\n  inputs: {x: 1.5}\n  time_step_size: 2\n\
         - {<<: *p, name: Q, connect: {ip: 10.0.0.1, port: 5123}}\n\
         - {name: T, type: Tank, outputs: {q: [1, {b: c}]}, multi_parameters: {a: 'range(1,2,1)'}}",
        "- {from: Homes.load_dem, to: P.x}\n- {from: P.y, to: Q.x, time_shifted: true}\n\
         - {from: P.level, to: T.heat}",
        "  - Q.level\n  file: out.csv",
    )
}

/// Pieces that mean something in YAML or in a scenario.
const PIECES: &[&str] = &[
    "",
    "a",
    "\n",
    "\n  ",
    "\n- ",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "'",
    "\"",
    "#",
    "&p ",
    "*p",
    "<<: ",
    "!!int ",
    "!x ",
    "|\n",
    ">-\n",
    "? ",
    "\t",
    "---\n",
    "...\n",
    "=",
    "~",
    "yes",
    "1e400",
    "2012-01-01",
    "P.x",
    "P.y",
    "Q",
    "99999999999999999999",
    "\u{feff}",
    "é",
    "\r\n",
    "\0",
    "%YAML 1.1\n",
    "time_shifted: true",
    "name: P",
    "inputs: {x: }",
    "0",
];

#[test]
fn the_scenario_that_is_mutated_is_valid() {
    assert!(load_text("s.yaml", &valid(), &CATALOGUE, &files()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_text(text in "\\PC{0,300}") {
        survives(&text)?;
    }

    #[test]
    fn arbitrary_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        survives(&pieces.concat())?;
    }

    #[test]
    fn a_valid_scenario_with_pieces_cut_out_and_put_in(
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..12_usize, prop::sample::select(PIECES)), 1..5,
        )
    ) {
        let mut text: Vec<char> = valid().chars().collect();
        for (place, cut, piece) in changes {
            let from = place.index(text.len());
            let to = (from + cut).min(text.len());
            text.splice(from..to, piece.chars());
            prop_assume!(!text.is_empty());
        }
        survives(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn a_valid_scenario_with_lines_in_another_order(
        swaps in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4,
        )
    ) {
        let valid = valid();
        let mut lines: Vec<&str> = valid.lines().collect();
        for (a, b) in swaps {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
        }
        survives(&lines.join("\n"))?;
    }
}
