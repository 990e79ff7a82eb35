//! Small model types for the tests, and a scenario made of them.

use std::io::BufRead;

use shared::files::MemoryFiles;
use shared::model::{
    Build, BuildError, Input, Literal, Model, ModelType, Need, Parameter, ParameterKind, Place,
    Range, Section, SectionPolicy, Step, StepError, output, state,
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

const fn input(name: &'static str, kind: Kind, need: Need, initial: Literal) -> Input {
    Input {
        name,
        unit: "kW",
        kind,
        need,
        initial,
        meaning: "something",
    }
}

const fn number(name: &'static str) -> Input {
    input(name, Kind::Number, Need::Required, Literal::Int(0))
}

const fn parameter(
    name: &'static str,
    kind: ParameterKind,
    default: Option<Literal>,
    range: Range,
) -> Parameter {
    Parameter {
        kind,
        default,
        range,
        ..Parameter::any(name, "something")
    }
}

const ZERO: Literal = Literal::Int(0);

model_type! {
    /// Publishes the columns of a file: the names in its first line.
    static METER = {
        name: "Meter",
        sections: SectionPolicy::Replace,
        parameters: &[parameter("file_path", ParameterKind::ReadPaths, None, Range::ANY)],
        inputs: &[input("file_index", Kind::Number, Need::Optional, ZERO)],
        published: &[],
        never_published: &[],
        time_step_size: 1,
        build: read_columns,
    }
}

fn read_columns(build: &mut Build<'_>) -> Result<Box<dyn Model>, BuildError> {
    let path = build
        .parameter(shared::model::parameter_slot(METER.parameters, "file_path"))
        .as_text()
        .unwrap_or_default()
        .to_owned();
    let mut header = String::new();
    build
        .open(&path)
        .map_err(|error| error.to_string())
        .and_then(|mut file| {
            file.read_line(&mut header)
                .map_err(|error| error.to_string())
        })
        .map_err(|message| BuildError {
            code: "missing_file".into(),
            place: Place::Key(Section::Parameters, "file_path".to_owned()),
            message,
        })?;
    for name in header.trim().split(',') {
        build.publish_also(name, Origin::State, Kind::Number)?;
    }
    if build.grid().resolution == 7 {
        build.warn("seven is an odd resolution");
    }
    Ok(Box::new(Idle))
}

model_type! {
    /// Some houses.
    static HOUSE = {
        name: "House",
        sections: SectionPolicy::Replace,
        parameters: &[parameter(
            "houses", ParameterKind::Number, Some(Literal::Int(1)), Range::NOT_NEGATIVE,
        )],
        inputs: &[number("load")],
        published: &[output("load_dem", "kW", Kind::Number, ZERO, "")],
        never_published: &["consumption"],
        time_step_size: 1,
        build: idle,
    }
}

model_type! {
    /// A pipe: passes on what it gets, and tells its level.
    static PIPE = {
        name: "Pipe",
        sections: SectionPolicy::Replace,
        parameters: &[],
        inputs: &[number("x")],
        published: &[
            output("y", "kW", Kind::Number, ZERO, ""),
            state("level", "-", Kind::Number, ZERO, ""),
        ],
        never_published: &[],
        time_step_size: 1,
        build: idle,
    }
}

model_type! {
    /// A mill, whose `u` is both input and output.
    static MILL = {
        name: "Mill",
        sections: SectionPolicy::Replace,
        parameters: &[],
        inputs: &[number("u"), input("sun", Kind::Number, Need::Else(ZERO), ZERO)],
        published: &[
            output("wind_gen", "kW", Kind::Number, ZERO, ""),
            output("u", "m/s", Kind::Number, ZERO, ""),
        ],
        never_published: &["u60"],
        time_step_size: 1,
        build: idle,
    }
}

model_type! {
    /// A tank whose sections merge with the defaults.
    static TANK = {
        name: "Tank",
        sections: SectionPolicy::Merge,
        parameters: &[],
        inputs: &[
            input("heat", Kind::Number, Need::Sometimes("now and then"), Literal::Float(0.5)),
        ],
        published: &[output("q", "kW", Kind::Number, ZERO, "")],
        never_published: &[],
        time_step_size: 1,
        build: idle,
    }
}

model_type! {
    /// A market, which takes a list of bids.
    static MARKET = {
        name: "Market",
        sections: SectionPolicy::Replace,
        parameters: &[],
        inputs: &[
            input("bids", Kind::List, Need::Optional, Literal::EmptyList),
            input("anything", Kind::Any, Need::Optional, Literal::Null),
        ],
        published: &[state("price", "EUR", Kind::Number, ZERO, "")],
        never_published: &[],
        time_step_size: 1,
        build: idle,
    }
}

model_type! {
    /// A company that bids.
    static COMPANY = {
        name: "Company",
        sections: SectionPolicy::Replace,
        parameters: &[],
        inputs: &[],
        published: &[
            state("bid", "-", Kind::Map, Literal::Null, ""),
            output("slogan", "-", Kind::Text, Literal::Null, ""),
        ],
        never_published: &[],
        time_step_size: 1,
        build: idle,
    }
}

/// The types above.
pub(super) static CATALOGUE: &[&ModelType] =
    &[&METER, &HOUSE, &PIPE, &MILL, &TANK, &MARKET, &COMPANY];

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
