//! Who steps together.

use super::*;
use shared::files::MemoryFiles;
use shared::journal::Outside;
use shared::model::{
    InputSlot, Model, ModelConfig, ModelType, PublishedSlot, Step, StepError, build,
};
use shared::plan::{
    CONTROLLER, ConnectedInput, Import, ImportId, ModelId, PlannedModel, Position, SiteId, Source,
};
use shared::time::{TimeGrid, WallTime};
use shared::value::{Origin, Value};

struct Idle;

impl Model for Idle {
    fn step(&mut self, _: &mut Step<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

static IDLE: ModelType = ModelType::new("Idle", |_| Ok(Box::new(Idle)));

const DIRECT: bool = false;
const SHIFTED: bool = true;

fn model(place: usize) -> Feed {
    Feed::Local {
        model: LocalId::at(place),
        slot: PublishedSlot::at(0),
    }
}

fn import(place: usize) -> Feed {
    Feed::Import {
        import: ImportId::at(place),
        attribute: Position(0),
    }
}

/// The groups of models with these step sizes and connections, on a site with three imports.
fn grouped(rates: &[u32], connections: &[(Feed, usize, bool)]) -> Vec<Vec<u32>> {
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
        resolution: 900,
        ticks: 9,
    };
    let inputs = |place| {
        let to_it = connections.iter().filter(move |(_, to, _)| *to == place);
        let sources = to_it.map(|&(from, _, shifted)| Source {
            from,
            shifted,
            initial: shifted.then_some(Value::Null),
        });
        ConnectedInput {
            slot: InputSlot::at(0),
            origin: Origin::Output,
            sources: sources.collect(),
            names: Vec::new(),
        }
    };
    let planned = rates.iter().enumerate().map(|(place, &rate)| PlannedModel {
        saved: Vec::new(),
        id: ModelId::at(place),
        config: ModelConfig {
            time_step_size: Some(rate),
            ..ModelConfig::default()
        },
        inputs: vec![inputs(place)],
        leds: Vec::new(),
        outside: Outside::default(),
    });
    let stream = |model| Import {
        from: SiteId(1),
        model: ModelId(model),
        attributes: 1,
        window: 8,
    };
    let plan = SitePlan {
        from: 0,
        site: CONTROLLER,
        grid,
        models: planned.collect(),
        imports: [100, 101, 102].map(stream).into(),
        exports: Vec::new(),
    };
    let built = |planned: &PlannedModel| {
        build(&IDLE, &planned.config, grid, &MemoryFiles::default()).expect("built")
    };
    let instances = plan.models.iter().map(built).collect();
    let numbers = |group: Vec<LocalId>| group.into_iter().map(|model| model.0).collect();
    groups(&plan, &instances).into_iter().map(numbers).collect()
}

#[test]
fn those_of_one_rate_that_are_connected_step_together() {
    let connections = [
        (model(0), 2, DIRECT),
        (model(2), 3, DIRECT),
        (model(3), 0, SHIFTED),
        (model(1), 4, DIRECT),
    ];
    assert_eq!(
        grouped(&[1; 6], &connections),
        [vec![0, 2, 3], vec![1, 4], vec![5]]
    );
}

#[test]
fn a_loop_across_sites_is_not_closed_within_a_group() {
    // Model 0 feeds the other site, what comes from there feeds 1, and that feeds 0 one step later: a group of both
    // would wait for what it has not sent.
    let connections = [(import(0), 1, DIRECT), (model(1), 0, SHIFTED)];
    assert_eq!(grouped(&[1; 2], &connections), [[0], [1]]);
    let connections = [(import(0), 0, DIRECT), (model(0), 1, DIRECT)];
    assert_eq!(grouped(&[1; 2], &connections), [[0, 1]], "both wait for it");
}

#[test]
fn nobody_waits_for_what_only_another_one_needs() {
    let connections = [
        (model(0), 1, DIRECT),
        (import(0), 1, DIRECT),
        (model(1), 2, DIRECT),
        (import(1), 3, DIRECT),
        (model(2), 3, DIRECT),
    ];
    assert_eq!(
        grouped(&[1; 4], &connections),
        [vec![0], vec![1, 2], vec![3]]
    );
}

#[test]
fn those_of_another_rate_step_by_themselves_and_divide_those_that_they_lie_between() {
    let connections = [
        (model(0), 1, DIRECT),
        (model(1), 2, DIRECT),
        (model(0), 2, DIRECT),
        (model(2), 3, DIRECT),
    ];
    assert_eq!(
        grouped(&[1, 4, 1, 1], &connections),
        [vec![0], vec![1], vec![2, 3]]
    );
    assert_eq!(grouped(&[4; 4], &connections), [[0, 1, 2, 3]]);
}

#[test]
fn long_chains_are_groups_one_after_the_other() {
    let connections: Vec<_> = (1..150).map(|to| (model(to - 1), to, DIRECT)).collect();
    let groups = grouped(&[1; 150], &connections);
    let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
    assert_eq!(sizes, [64, 64, 22]);
    assert!(groups.concat().into_iter().eq(0..150));
}

#[test]
fn a_plan_out_of_order_has_no_groups() {
    let connections = [(model(1), 0, DIRECT), (model(1), 2, DIRECT)];
    assert_eq!(grouped(&[1; 3], &connections), [[0], [1], [2]]);
}
