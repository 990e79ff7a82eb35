//! The light of the cables at one unit of a demonstration table.

mod bytes;
mod devices;
mod sockets;
mod text;

use shared::model::{
    Build, BuildError, Built, Input, Literal, ModelType, Need, Parameter, ParameterSlot, Place,
    Published, Range, Section,
};
use shared::model_type;
use shared::value::Kind;

use bytes::BytesEnd;
use text::TextEnd;

model_type! {
    /// Light of cables: shows the power that flows through the cables in the sockets of a unit, and finds
    /// out which cables these are.
    ///
    /// # Model
    ///
    /// A quantiser from a power to what a strip of lights shows, and a debounced reader of the identities
    /// of cables. There are two kinds of boards in the plugs of cables, and so two variants of the type.
    ///
    /// Boards that **read text**. A cable takes its value v from the first of the models at `speed` that it
    /// leads from or, failing that, to: the end `PV_LED` belongs to the model `PV`. Its item in
    /// `mapping` says so, and gives a direction. A value below 0 turns the direction round, and
    /// counts as −v. With the span from v₀ to v₁:
    ///
    /// ```text
    /// f = (v − v₀) / (v₁ − v₀)      v > v₀, else 0
    /// k = min(4, ⌈4·f⌉)
    /// ```
    ///
    /// The board gets the stage k, `r` (red) in stage 4 or `g` (green), and the direction: `3g1`. A cable
    /// without an item gets the probe, stage 0 in green in the direction of the parameter.
    ///
    /// | stage | a strip shows |
    /// |---|---|
    /// | 0 | a dim white dot, fast |
    /// | 1, 2, 3 | a green dot, every 0.5, 0.1, 0.05 s a pixel on |
    /// | 4 | a red dot, every 0.01 s a pixel on |
    ///
    /// Boards that **acknowledge bytes**: one cable, at its driving end. With the share s = p / P:
    ///
    /// ```text
    /// w = 255 − min(255, ⌈255·|s|⌉)
    /// ```
    ///
    /// The board gets the milliseconds w for each pixel, the direction, and the colour: red 255 − w, green
    /// w. A share above 1 is solid red, a share of 0 is dark; a negative one turns the direction round.
    ///
    /// In both, what is shown in a step rests on the cables that were held after the step before. A cable
    /// that is seen is held. It is held no more when it is gone, or when it was silent so many steps in a
    /// row as `misses` says. `connections` has the ids that are held, in the order of the sockets, each once.
    ///
    /// # Assumptions
    ///
    /// The step waits for no cable: it takes what was seen last, and leaves what is to be shown.
    /// Whoever runs the model looks after the sockets. What was seen is in the journal of the run, from
    /// which it can be replayed.
    ///
    /// # Source
    ///
    /// An indicator; there is nothing to look up.
    ///
    /// # Errors
    ///
    /// Keys and inputs of both variants in one model are refused; the parameters `port` and `max_power`
    /// and the input `power` are those of boards that acknowledge bytes. So are v₁ not above v₀, a P of 0,
    /// a direction for text that is neither 0 nor 1, and sockets that are no serial devices: `ttyACM0`,
    /// `ttyUSB0`, or one by its path or id, as `serial/by-path/…`, with or without `/dev/` before it.
    /// `mapping` takes one connection, and `speed` states, or one output. A value that is not a number is
    /// told, and shown as none.
    ///
    /// # Example
    ///
    /// With the span from 0 to 1, 0.6 is stage 3. The item from `PV_LED` to `Load_EWI_LED`, with cable 4 and
    /// direction 1, has cable 4 told `3g1` while `PV` gives 0.6, and `3g0` while it gives −0.6.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// The types are of its branches for clusters, where they share nothing but the name.
    ///
    /// Kept: values are found by the names of models. The names of the sockets, unless `sockets` gives
    /// others.
    ///
    /// Fixed: no step waits, where each took 0.6 s for every socket, or 3 s. A cable that is pulled is gone
    /// at once, where it was held for seven steps more. An id that two sockets see is in `connections`
    /// once. A direction on a cable is 0 or 1, where -1 was written as such. Values that are no numbers are
    /// refused, and those that are not-a-number shown as none, where they were solid red. `mapping` may be
    /// left unconnected, which is told. The variant of bytes has `connections` as well.
    ///
    /// Added: `sockets` and `misses`, which there are always the first four and 8.
    pub static LED_CONNECTION = ModelType::new("LED_connection", new);
    parameters {
        MIN_SPEED = Parameter::number(
            "min_speed",
            "-",
            "text: the value up to which nothing flows; 0 without a section",
        )
        .symbol("v₀")
        .with_default(Literal::Null)
        .if_missing(Literal::Null),
        MAX_SPEED = Parameter::number(
            "max_speed",
            "-",
            "text: the value of a full cable; 1 without a section",
        )
        .symbol("v₁")
        .with_default(Literal::Null)
        .if_missing(Literal::Null),
        DIRECTION = Parameter::integer(
            "direction",
            "-",
            "direction of probes, of items that have none, and of positive power: 0 or 1",
        )
        .with_default(Literal::Int(0)),
        SOCKETS = Parameter::any(
            "sockets",
            "text: the serial devices to look at, up to eight, as a list or separated by blanks",
        )
        .with_default(DEFAULT_SOCKETS)
        .if_missing(DEFAULT_SOCKETS),
        MISSES = Parameter::integer(
            "misses",
            "steps",
            "so often in a row silent, and a cable is held no more",
        )
        .with_default(Literal::Int(8))
        .if_missing(Literal::Int(8))
        .in_range(&Range::between(1.0, 255.0)),
        PORT = Parameter::any("port", "bytes: the serial device of the cable, such as /dev/ttyACM0")
            .with_default(Literal::Null)
            .if_missing(Literal::Null),
        MAX_POWER = Parameter::number("max_power", "-", "bytes: the power of a full cable, not 0")
            .symbol("P")
            .with_default(Literal::Null)
            .if_missing(Literal::Null),
        MAX_DELAY = Parameter::unused("max_delay", "bytes: not used"),
        FILE_PATH = Parameter::unused("file_path", "bytes: not used"),
    }
    inputs {
        SPEED = Input::number("speed", "-", "text: values, each known by its model")
            .symbol("v")
            .with_need(Need::Optional)
            .with_initial(Literal::EmptyMap)
            .by_source(),
        MAPPING = Input::number("mapping", "-", "text: what cables shall show, from the story")
            .with_kind(Kind::List)
            .with_need(Need::Else(Literal::EmptyList))
            .with_initial(Literal::EmptyList)
            .single(),
        POWER = Input::number("power", "-", "bytes: the power that the cable shows")
            .symbol("p")
            .with_need(Need::sometimes("where 'max_power' is given")),
    }
    published {
        CONNECTIONS = Published::state("connections", "-", "the cables that are held")
            .with_kind(Kind::List)
            .with_initial(Literal::EmptyList),
    }
}

/// Those of the Python Illuminator.
const DEFAULT_SOCKETS: Literal = Literal::text("ttyACM0 ttyACM1 ttyACM2 ttyACM3");

/// What boards that read text have to themselves.
const OF_TEXT: [(ParameterSlot, &str); 3] = [
    (MIN_SPEED, "min_speed"),
    (MAX_SPEED, "max_speed"),
    (SOCKETS, "sockets"),
];

/// What boards that acknowledge bytes have to themselves.
const OF_BYTES: [(ParameterSlot, &str); 4] = [
    (PORT, "port"),
    (MAX_POWER, "max_power"),
    (MAX_DELAY, "max_delay"),
    (FILE_PATH, "file_path"),
];

const BELONGS: &str = "'port', 'max_power' and the input 'power' belong to boards that acknowledge \
                       bytes, 'min_speed', 'max_speed', 'sockets' and the inputs 'speed' and \
                       'mapping' to boards that read text";

fn new(build: &mut Build<'_>) -> Built {
    let bytes = first_of(build, &OF_BYTES, &["power"]);
    let text = first_of(build, &OF_TEXT, &["speed", "mapping"]);
    match (bytes, text) {
        (Some(place), Some(_)) => Err(mixture(place)),
        (Some(_), None) => {
            for input in [SPEED, MAPPING] {
                build.leave_out(input, BYTES_HAVE_POWER);
            }
            build.require(POWER);
            Ok(Box::new(BytesEnd::new(build)?))
        }
        (None, _) => {
            build.leave_out(POWER, TEXT_HAS_SPEED);
            Ok(Box::new(TextEnd::new(build)?))
        }
    }
}

const BYTES_HAVE_POWER: &str = "with 'port' or 'max_power' the model is for boards that \
                                acknowledge bytes, which show what comes to 'power'; 'speed' and \
                                'mapping' belong to boards that read text, which have 'min_speed' \
                                and 'max_speed'";

const TEXT_HAS_SPEED: &str = "without 'max_power' the model is for boards that read text, which \
                              show what comes to 'speed'; 'power' belongs to boards that \
                              acknowledge bytes, which have 'port' and 'max_power'";

/// The first key of a variant that the scenario has.
fn first_of(
    build: &Build<'_>,
    parameters: &[(ParameterSlot, &str)],
    inputs: &[&str],
) -> Option<Place> {
    let mut parameters = parameters.iter();
    if let Some((_, name)) = parameters.find(|(slot, _)| build.is_given(*slot)) {
        return Some(Place::Key(Section::Parameters, (*name).to_owned()));
    }
    let mut given = build.given(Section::Inputs).iter();
    let (name, _) = given.find(|(name, _)| inputs.contains(&&**name))?;
    Some(Place::Key(Section::Inputs, name.to_string()))
}

fn mixture(place: Place) -> BuildError {
    BuildError {
        code: "mixed_variants".into(),
        place,
        message: format!("{BELONGS}; keep one of the two"),
    }
}

/// A float from 0 to 255 without what is behind its point.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what lies beyond becomes the nearest of them"
)]
fn byte(float: f64) -> u8 {
    float as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, section, with_parameters};
    use shared::model::ModelConfig;

    const TEXT: [(&str, Literal); 3] = [
        ("min_speed", Literal::Int(0)),
        ("max_speed", Literal::Int(1)),
        ("direction", Literal::Int(0)),
    ];

    fn devices(parameters: &[(&str, Literal)]) -> Vec<String> {
        let led = Rig::new(&LED_CONNECTION, &with_parameters(parameters)).expect("buildable");
        let wish = led.sockets().expect("sockets");
        wish.devices.clone()
    }

    #[test]
    fn the_boards_are_those_whose_parameters_are_given() {
        let four = ["ttyACM0", "ttyACM1", "ttyACM2", "ttyACM3"];
        assert_eq!(devices(&TEXT), four);
        let led = Rig::new(&LED_CONNECTION, &ModelConfig::default()).expect("buildable");
        assert_eq!(led.sockets().expect("sockets").devices, four);
        let port = ("port", Literal::text("/dev/ttyACM2"));
        let bytes = [
            port,
            ("max_power", Literal::Int(10)),
            ("direction", Literal::Int(1)),
        ];
        assert_eq!(devices(&bytes), ["ttyACM2"]);
        let led = Rig::new(&LED_CONNECTION, &with_parameters(&bytes)).expect("buildable");
        assert!(led.requires("power"));
        let led = Rig::new(&LED_CONNECTION, &with_parameters(&TEXT)).expect("buildable");
        assert!(!led.requires("power") && !led.requires("mapping"));
    }

    #[test]
    fn a_mixture_is_refused_with_what_belongs_to_which() {
        let mixed = [&TEXT[..], &[("max_power", Literal::Int(10))]].concat();
        let inputs = ModelConfig {
            inputs: Some(section(&[("power", Literal::Int(0))])),
            ..with_parameters(&TEXT)
        };
        for config in [with_parameters(&mixed), inputs] {
            let error = Rig::new(&LED_CONNECTION, &config).err().expect("refused");
            assert_eq!(error.code, "mixed_variants");
            assert!(error.message.contains("'max_power'"), "{error}");
            assert!(error.message.contains("'mapping'"), "{error}");
        }
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (changes, code) in [
            (
                ("max_speed", Literal::Int(0)),
                "invalid_parameter:max_speed",
            ),
            (
                ("max_speed", Literal::Float(f64::NAN)),
                "invalid_parameter:max_speed",
            ),
            (("max_speed", Literal::Null), "missing_parameter:max_speed"),
            (
                ("direction", Literal::Int(-1)),
                "invalid_parameter:direction",
            ),
        ] {
            let config = with_parameters(&crate::rig::changed(&TEXT, &[changes]));
            let error = Rig::new(&LED_CONNECTION, &config).err().expect("refused");
            assert_eq!(error.code, code, "{error}");
        }
        for misses in [0, 256] {
            let misses = [("misses", Literal::Int(misses))];
            let config = with_parameters(&[&TEXT[..], &misses].concat());
            let error = Rig::new(&LED_CONNECTION, &config).err().expect("refused");
            assert_eq!(error.code, "invalid_parameter:misses");
        }
    }

    #[test]
    fn a_section_must_have_the_whole_span() {
        let error = Rig::new(&LED_CONNECTION, &with_parameters(&TEXT[1..]));
        let error = error.err().expect("refused");
        assert_eq!(error.code, "missing_parameter:min_speed");
        let without = [TEXT[0].clone(), TEXT[2].clone()];
        let error = Rig::new(&LED_CONNECTION, &with_parameters(&without));
        let error = error.err().expect("refused");
        assert!(error.message.contains("'max_speed: 1.0'"), "{error}");
    }

    #[test]
    fn bytes_need_the_power_of_a_full_cable() {
        let port = ("port", Literal::text("ttyACM0"));
        let direction = ("direction", Literal::Int(0));
        let alone = [port.clone(), direction.clone()];
        let error = Rig::new(&LED_CONNECTION, &with_parameters(&alone));
        let code = error.err().expect("refused").code;
        assert_eq!(code, "missing_parameter:max_power");
        let zero = [port, direction, ("max_power", Literal::Int(0))];
        let error = Rig::new(&LED_CONNECTION, &with_parameters(&zero));
        let code = error.err().expect("refused").code;
        assert_eq!(code, "invalid_parameter:max_power");
    }
}
