//! An engine and what its models ask for.

use std::io;
use std::sync::mpsc::{Sender, channel};

use super::{Engine, NoRows, Rows, Turn};
use shared::cable::{CableId, Picture, Sight, SocketView, SocketWish, Sockets};
use shared::files::MemoryFiles;
use shared::index::Index;
use shared::journal::{Entry, Outside, What};
use shared::memory::Account;
use shared::model::{
    Facet, MAX_SIDE_FILE, Model, ModelConfig, ModelType, PublishedSlot, Registry, Step, StepError,
    build,
};
use shared::plan::{CONTROLLER, Feed, LocalId, ModelId, PlannedModel, SitePlan};
use shared::time::{NEVER, Tick, TimeGrid, WallTime};
use shared::value::{Kind, Origin, Value};

static WRITER: ModelType = ModelType::new("Writer", |_| Ok(Box::new(Writer)));

/// Asks for a file of half the limit in each step.
struct Writer;

impl Model for Writer {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let path = format!("out/{}.csv", step.tick());
        step.write_file(path, vec![b'x'; MAX_SIDE_FILE / 2])
    }
}

static TALKER: ModelType = ModelType::new("Talker", |_| Ok(Box::new(Talker)));

/// Says something at every 400th tick, and fails in the end.
struct Talker;

impl Model for Talker {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        match step.tick() {
            1300 => return Err(StepError::new("tired", "it has said enough")),
            tick if tick % 400 == 0 => step.notice(format!("tick {tick}")),
            _ => {}
        }
        Ok(())
    }
}

static LOOKOUT: ModelType = ModelType::new("Lookout", |build| {
    build.look_at(SocketWish {
        devices: vec!["ttyACM0".into(), "ttyACM1".into()],
        misses: 8,
    });
    Ok(Box::new(Lookout))
});

/// Has each cable show its id, and fails when it sees cable x.
struct Lookout;

impl Model for Lookout {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        for socket in 0..2 {
            let id = step.sight(socket).cable().map_or(b'-', CableId::character);
            if id == b'x' {
                return Err(StepError::new("x", "cable x"));
            }
            step.show(socket, Picture::Text([b'0', b'g', id]));
        }
        Ok(())
    }
}

static TYPES: Registry = Registry::of(&[&WRITER, &TALKER, &LOOKOUT]);

/// An engine with models of one type, for so many ticks.
fn engine(model_type: &ModelType, models: &[ModelId], ticks: Tick) -> Engine {
    engine_with(model_type, models, ticks, &Outside::default())
}

fn engine_with(
    model_type: &ModelType,
    models: &[ModelId],
    ticks: Tick,
    outside: &Outside,
) -> Engine {
    let planned = models.iter().map(|&id| PlannedModel {
        saved: Vec::new(),
        id,
        config: ModelConfig {
            model_type: model_type.name.to_string(),
            ..ModelConfig::default()
        },
        inputs: Vec::new(),
        leds: Vec::new(),
        outside: outside.clone(),
    });
    let plan = SitePlan {
        from: 0,
        site: CONTROLLER,
        grid: TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
            resolution: 900,
            ticks,
        },
        models: planned.collect(),
        imports: Vec::new(),
        exports: Vec::new(),
    };
    let (files, account) = (MemoryFiles::default(), Account::unlimited());
    Engine::build(&plan, &TYPES, &files, account, &mut || true).expect("an engine")
}

#[test]
fn files_come_out_with_their_model_and_tick_and_a_turn_ends_when_they_are_many() {
    for ahead in [false, true] {
        let mut engine = engine(&WRITER, &[ModelId(7), ModelId(9)], 3);
        if ahead {
            engine.look_ahead(|_| true).expect("a thread");
        }
        let mut written = Vec::new();
        for turn in 0..3 {
            let came_to = engine.run(1000, &mut NoRows).expect("no rows to write");
            assert_eq!(came_to, Turn::Again, "turn {turn}");
            let files = engine.take_files();
            assert_eq!(files.len(), 2, "turn {turn}");
            written.extend(files.into_iter().map(|w| (w.model.0, w.tick, w.file.path)));
        }
        assert_eq!(engine.run(1000, &mut NoRows).expect("none"), Turn::Finished);
        assert_eq!(engine.take_files(), []);

        written.sort();
        let expected = [(7, 0), (7, 1), (7, 2), (9, 0), (9, 1), (9, 2)];
        let expected = expected.map(|(model, tick)| (model, tick, format!("out/{tick}.csv")));
        assert_eq!(written, expected);
    }
}

#[test]
fn who_steps_ahead_says_the_same_and_fails_at_the_same_tick() {
    let [here, ahead] = [false, true].map(|ahead| {
        let mut engine = engine(&TALKER, &[ModelId(3), ModelId(4)], 5000);
        if ahead {
            engine.look_ahead(|_| true).expect("a thread");
        }
        while engine.run(100, &mut NoRows).expect("no rows to write") == Turn::Again {}
        let mut notices = engine.take_notices();
        notices.sort_by_key(|notice| (notice.model, notice.tick));
        (engine.failure().cloned(), notices, engine.steps())
    });
    let failure = here.0.as_ref().expect("it fails");
    assert_eq!((failure.model, failure.tick), (ModelId(3), 1300));
    assert_eq!((here.1.len(), here.2), (8, 2600));
    assert_eq!(here, ahead);
}

fn cable(id: u8) -> Option<CableId> {
    CableId::new(id)
}

fn sighting(tick: Tick, socket: u8, cable: Option<CableId>) -> (Tick, What) {
    (tick, What::Seen { socket, cable })
}

fn seen(tick: Tick, socket: u8, cable: Option<CableId>) -> Entry {
    Entry {
        model: ModelId(3),
        tick,
        what: What::Seen { socket, cable },
    }
}

fn told(tick: Tick, socket: u8, id: u8) -> Entry {
    let picture = Picture::Text([b'0', b'g', id]);
    Entry {
        model: ModelId(3),
        tick,
        what: What::Told { socket, picture },
    }
}

#[test]
fn what_was_on_record_is_seen_again_at_its_ticks_and_noted_once() {
    let record = vec![
        sighting(1, 1, cable(b'3')),
        sighting(1, 0, cable(b'7')),
        sighting(2, 0, None),
        // Of a socket that the model does not have.
        sighting(2, 9, cable(b'1')),
        sighting(3, 1, cable(b'3')),
    ];
    let outside = Outside {
        comes: record,
        recorded: NEVER,
        log: true,
        ..Outside::default()
    };
    let mut engine = engine_with(&LOOKOUT, &[ModelId(3)], 4, &outside);
    assert_eq!(engine.wished_sockets(), [], "it has a record");
    engine.look_ahead(|_| true).expect("nobody steps ahead");
    assert_eq!(engine.run(9, &mut NoRows).expect("none"), Turn::Finished);
    let expected = [
        seen(1, 0, cable(b'7')),
        seen(1, 1, cable(b'3')),
        told(1, 0, b'7'),
        told(1, 1, b'3'),
        seen(2, 0, None),
        told(2, 1, b'3'),
        told(3, 1, b'3'),
    ];
    assert_eq!(engine.take_entries(), expected);
    assert_eq!(engine.take_entries(), []);
    let view = |socket| SocketView::from_number(engine.look(ModelId(3), Facet::Socket(socket)));
    let shows = |sight, id| {
        let picture = Some(Picture::Text([b'0', b'g', id]));
        Some(SocketView { sight, picture })
    };
    assert_eq!(view(0), shows(Sight::Gone, b'-'));
    assert_eq!(view(1), shows(cable(b'3').into(), b'3'));
    assert_eq!(view(2), None, "it has two");
}

static COUNTER: ModelType = ModelType::new("Counter", |build| {
    build.publish_also("steps", Origin::State, Kind::Number)?;
    Ok(Box::new(Counter(0)))
});

/// Publishes how many steps it has made; after tick 5 it makes no more.
struct Counter(i64);

impl Model for Counter {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        self.0 += 1;
        step.publish(PublishedSlot::at(0), self.0);
        if step.tick() >= 5 {
            step.never_again();
        }
        Ok(())
    }
}

/// An engine of one counter with such a step size, whose steps are recorded.
fn counting(time_step_size: u32, ticks: Tick) -> Engine {
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
        resolution: 900,
        ticks,
    };
    let config = ModelConfig {
        time_step_size: Some(time_step_size),
        ..ModelConfig::default()
    };
    let counter = build(&COUNTER, &config, grid, &MemoryFiles::default()).expect("built");
    let plan = SitePlan {
        from: 0,
        site: CONTROLLER,
        grid,
        models: vec![PlannedModel {
            saved: Vec::new(),
            id: ModelId(3),
            config,
            inputs: Vec::new(),
            leds: Vec::new(),
            outside: Outside::default(),
        }],
        imports: Vec::new(),
        exports: Vec::new(),
    };
    let steps = Feed::Local {
        model: LocalId(0),
        slot: PublishedSlot::at(0),
    };
    Engine::new(&plan, vec![counter], &[steps]).expect("an engine")
}

/// Takes rows of one integer, but not the one of a tick when it comes first.
struct Refusing {
    tick: Tick,
    rows: Vec<(Tick, i64)>,
}

impl Rows for Refusing {
    fn row(&mut self, tick: Tick, values: &mut [Value]) -> io::Result<()> {
        if self.tick == tick {
            self.tick = NEVER;
            return Err(io::ErrorKind::StorageFull.into());
        }
        let [Value::Int(value)] = values else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        self.rows.push((tick, *value));
        Ok(())
    }
}

#[test]
fn a_row_that_is_not_taken_comes_again_and_no_step_does() {
    for (time_step_size, counts) in [(1, [1, 2, 3, 4, 5, 6, 6, 6]), (3, [1, 1, 1, 2, 2, 2, 3, 3])] {
        for at_end in [false, true] {
            let mut engine = counting(time_step_size, 8);
            let (tick, rows) = (4, Vec::new());
            let mut taker = Refusing { tick, rows };
            engine.run(1000, &mut taker).expect_err("refused");
            assert_eq!((engine.rows(), taker.rows.len()), (4, 4));
            assert!(!engine.is_finished());
            if at_end {
                engine.finish_rows(&mut taker).expect("taken now");
                assert!(engine.rows() > 4, "without a step");
            }
            while engine.run(1, &mut taker).expect("taken") == Turn::Again {}
            assert!(engine.is_finished());
            let expected: Vec<(Tick, i64)> = (0..).zip(counts).collect();
            assert_eq!(taker.rows, expected, "also where no model steps any more");
        }
    }
}

/// What happens at sockets that there are: shown pictures, a failure, the end.
#[derive(Debug)]
struct Table {
    sights: Vec<Sight>,
    happened: Sender<String>,
}

impl Sockets for Table {
    fn sight(&mut self, socket: usize) -> Sight {
        self.sights[socket]
    }

    fn show(&mut self, socket: usize, picture: Picture) {
        let _ = self.happened.send(format!("{socket} shows {picture}"));
    }

    fn news(&mut self) -> Option<String> {
        // The next cable is plugged in.
        let is_new = self.sights[1] == Sight::Gone;
        self.sights[1] = Sight::Cable(CableId::new(b'x').expect("printable"));
        is_new.then(|| "socket 0 is silent".to_owned())
    }

    fn fail(&mut self) {
        let _ = self.happened.send("failed".to_owned());
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let _ = self.happened.send("left".to_owned());
    }
}

#[test]
fn a_model_sees_and_shows_at_its_sockets_until_the_run_is_over() {
    let mut engine = engine(&LOOKOUT, &[ModelId(3)], 4);
    let wishes = engine.wished_sockets();
    assert_eq!((wishes.len(), wishes[0].0), (1, LocalId(0)));
    assert_eq!(wishes[0].1.devices, ["ttyACM0", "ttyACM1"]);
    let (happened, all) = channel();
    let sights = vec![cable(b'2').into(), Sight::Gone];
    engine.attach(LocalId(0), Box::new(Table { sights, happened }));
    assert_eq!(engine.wished_sockets(), []);
    assert_eq!(engine.run(9, &mut NoRows).expect("none"), Turn::Finished);
    assert_eq!(
        engine.take_entries(),
        [seen(0, 0, cable(b'2')), seen(1, 1, cable(b'x'))]
    );
    let notices = engine.take_notices();
    let said: Vec<_> = notices.iter().map(|n| (n.tick, &*n.text)).collect();
    assert_eq!(said, [(0, "socket 0 is silent")]);
    assert_eq!(engine.failure().map(|f| f.tick), Some(1));
    drop(engine);
    let all: Vec<String> = all.iter().collect();
    // The step that failed had cable 2 show something before it saw the other one.
    assert_eq!(
        all,
        [
            "0 shows 0g2",
            "1 shows 0g-",
            "0 shows 0g2",
            "failed",
            "left"
        ]
    );
}
