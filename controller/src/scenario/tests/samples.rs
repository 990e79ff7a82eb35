//! Small model types for the tests, and a scenario made of them.

use shared::files::MemoryFiles;
use shared::model::{
    Build, BuildError, Input, Literal, Model, ModelType, Need, Parameter, Place, Published, Range,
    Registry, Section, SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::{Kind, Origin};

struct Idle;

impl Model for Idle {
    fn step(&mut self, _: &mut Step<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the interface of build functions")]
fn idle(_: &mut Build<'_>) -> Result<Box<dyn Model>, BuildError> {
    Ok(Box::new(Idle))
}

const fn number(name: &'static str) -> Input {
    Input::number(name, "kW", "something")
}

const fn flow(name: &'static str) -> Published {
    Published::output(name, "kW", "")
}

model_type! {
    /// Publishes the columns of a file: the names in its first line.
    static METER = ModelType::new("Meter", read_columns);
    parameters {
        FILE_PATH = Parameter::read_paths("file_path", "something").formerly(&["datafile"]),
    }
    inputs {
        _ = number("file_index").with_need(Need::Optional),
    }
}

fn read_columns(build: &mut Build<'_>) -> Result<Box<dyn Model>, BuildError> {
    let path = build.text(FILE_PATH).to_owned();
    let mut header = Vec::new();
    build
        .open(&path)
        .map_err(|error| error.to_string())
        .and_then(|mut file| {
            file.take_line(usize::MAX, &mut header)
                .map_err(|error| error.to_string())
        })
        .map_err(|message| BuildError {
            code: "missing_file".into(),
            place: Place::Key(Section::Parameters, "file_path".to_owned()),
            message,
        })?;
    let header = String::from_utf8_lossy(&header);
    for name in header.trim().split(',') {
        build.publish_also(name, Origin::State, Kind::Number)?;
    }
    if build.grid().resolution == 7 {
        build.warn(|| "seven is an odd resolution");
    }
    Ok(Box::new(Idle))
}

model_type! {
    /// Some houses.
    static HOUSE = ModelType::new("House", idle).never_publishing(&["consumption"]);
    parameters {
        _ = Parameter::number("houses", "-", "something")
            .with_default(Literal::Int(1))
            .in_range(Range::NOT_NEGATIVE),
    }
    inputs {
        _ = number("load"),
    }
    published {
        _ = flow("load_dem"),
    }
}

model_type! {
    /// A pipe: passes on what it gets, and tells its level.
    static PIPE = ModelType::new("Pipe", idle);
    inputs {
        _ = number("x"),
    }
    published {
        _ = flow("y"),
        _ = Published::state("level", "-", ""),
    }
}

model_type! {
    /// A lamp for each of its sources, and one plan; or, with `bytes`, one lamp and no plan.
    static LAMP = ModelType::new("Lamp", lamp);
    parameters {
        BYTES = Parameter::flag("bytes", "something").with_default(Literal::Bool(false)),
    }
    inputs {
        SPEED = number("speed").with_need(Need::Optional).by_source(),
        PLAN = number("plan")
            .with_kind(Kind::Any)
            .with_need(Need::Else(Literal::EmptyList))
            .single(),
        POWER = number("power").with_need(Need::sometimes("with bytes")),
    }
    published {
        _ = flow("light"),
        _ = Published::state("shine", "kW", "").repeats("light"),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the interface of build functions")]
fn lamp(build: &mut Build<'_>) -> Result<Box<dyn Model>, BuildError> {
    if build.flag(BYTES) {
        build.leave_out(SPEED, "this lamp shows 'power'");
        build.leave_out(PLAN, "this lamp has no plan");
        build.require(POWER);
    } else {
        build.leave_out(POWER, "this lamp shows 'speed'");
    }
    Ok(Box::new(Idle))
}

model_type! {
    /// A border, whose input has two names.
    static BORDER = ModelType::new("Border", idle);
    inputs {
        _ = number("dump").with_need(Need::Else(Literal::Int(0))),
        _ = number("flow").with_need(Need::Optional).instead_of("dump"),
    }
    published {
        _ = flow("residual"),
    }
}

model_type! {
    /// A mill, whose `u` is both input and output.
    static MILL = ModelType::new("Mill", idle).never_publishing(&["u60"]);
    inputs {
        _ = number("u"),
        _ = number("sun").with_need(Need::Else(Literal::Int(0))),
    }
    published {
        _ = flow("wind_gen"),
        _ = Published::output("u", "m/s", ""),
    }
}

model_type! {
    /// A tank whose sections merge with the defaults.
    static TANK = ModelType::new("Tank", idle).with_sections(SectionPolicy::Merge);
    inputs {
        _ = number("heat")
            .with_need(Need::sometimes("now and then"))
            .with_initial(Literal::Float(0.5)),
    }
    published {
        _ = flow("q"),
    }
}

model_type! {
    /// A market, which takes a list of bids.
    static MARKET = ModelType::new("Market", idle);
    inputs {
        _ = number("bids")
            .with_kind(Kind::List)
            .with_need(Need::Optional)
            .with_initial(Literal::EmptyList),
        _ = number("anything")
            .with_kind(Kind::Any)
            .with_need(Need::Optional)
            .with_initial(Literal::Null),
    }
    published {
        _ = Published::state("price", "EUR", ""),
    }
}

model_type! {
    /// A company that bids.
    static COMPANY = ModelType::new("Company", idle);
    published {
        _ = Published::state("bid", "-", "")
            .with_kind(Kind::Map)
            .with_initial(Literal::Null),
        _ = Published::output("slogan", "-", "")
            .with_kind(Kind::Text)
            .with_initial(Literal::Null),
    }
}

/// The types above.
pub(super) static CATALOGUE: Registry = Registry::of(&[
    &METER, &HOUSE, &PIPE, &MILL, &TANK, &MARKET, &COMPANY, &LAMP, &BORDER,
]);

/// `load.csv` with the columns `load` and `u`.
pub(super) fn files() -> MemoryFiles {
    let mut files = MemoryFiles::default();
    files.insert("load.csv".to_owned(), b"load,u\n1,2\n".to_vec());
    files
}

/// A scenario without errors or warnings: a meter and a house, and what else is given. `models`
/// starts in line 12.
pub(super) fn scenario(models: &str, connections: &str, items: &str) -> String {
    format!(
        "scenario: {{name: s, start_time: '2012-02-01 00:00:00', \
         end_time: '2012-02-01 03:00:00'}}\n\
         models:\n\
         - name: Meter\n\
         \x20 type: Meter\n\
         \x20 parameters:\n\
         \x20   file_path: load.csv\n\
         - name: Homes\n\
         \x20 type: House\n\
         \x20 parameters: {{houses: 2}}\n\
         \x20 inputs:\n\
         \x20   load: 0\n\
         {models}\n\
         connections:\n\
         - {{from: Meter.load, to: Homes.load}}\n\
         {connections}\n\
         monitor:\n\
         \x20 items:\n\
         \x20 - Homes.load_dem\n\
         {items}\n"
    )
}
