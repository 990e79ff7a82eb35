//! Weather that goes on elsewhere.

use shared::value::Value;

use super::{Setup, at, columns, typical_year};
use crate::rig::{restore, save};

/// Has it go on elsewhere at each step.
fn goes_on_everywhere(setup: &Setup<'_>) {
    let mut whole = setup.rig();
    let mut rows = Vec::new();
    for tick in 0..setup.ticks {
        whole.step(tick).expect("a step");
        rows.push(whole.published.clone());
    }
    let mut rig = setup.rig();
    for tick in 0..setup.ticks {
        let bytes = save(&mut rig.instance);
        let mut second = setup.rig();
        assert!(restore(&mut second.instance, &bytes), "{tick}");
        for later in tick..setup.ticks.min(tick + 3) {
            second.step(later).expect("a step");
            assert_eq!(second.published, rows[usize::try_from(later).expect("few")]);
        }
        rig.step(tick).expect("a step");
    }
}

#[test]
fn it_goes_on_elsewhere_at_every_step_also_over_the_ends_of_a_year() {
    let file = typical_year(false);
    for start in ["2023-12-31 22:00:00", "2024-02-28 22:30:00"] {
        goes_on_everywhere(&Setup {
            file: &file,
            parameters: &[("time_zone", Value::Float(0.5))],
            start,
            resolution: 1800,
            ticks: 8,
        });
    }
}

#[test]
fn it_goes_on_in_a_gap_that_is_bridged() {
    let mut file = columns("2023-06-21 00:00:00", &[[300.0, 10.0, 1.0]; 8]);
    for hour in [2, 3, 5] {
        let row = format!("2023-06-21 0{hour}:00:00,300,");
        file = file.replace(&row, &row.replace("300", ""));
    }
    let mut parameters = at(52.1, 5.2);
    parameters.push(("max_gap", Value::Int(2)));
    goes_on_everywhere(&Setup {
        file: &file,
        parameters: &parameters,
        start: "2023-06-21 00:00:00",
        resolution: 900,
        ticks: 32,
    });
}
