//! The messages of a session.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{FrameError, LinkPeer, Token, bytes};
use crate::cable::SocketStatus;
use crate::journal::{Entry, What};
use crate::memory::OutOfMemory;
use crate::model::Facet;
use crate::model::{BuildError, Notice, WrittenFile};
use crate::plan::{Export, Import, ModelId, PlannedModel, SiteId};
use crate::progress::{Failure, Wait};
use crate::time::{Tick, TimeGrid};
use crate::value::Value;
use crate::variant::{Outcome, TallyPlan, VariantsPlan};

/// A model type and the fingerprint of its interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeId {
    /// The name of the type.
    pub name: String,
    /// [`ModelType::fingerprint`](crate::model::ModelType::fingerprint).
    pub fingerprint: u32,
}

/// What a controller says to a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToNode<'a> {
    /// Asks for a session.
    Open {
        /// The version of the controller's release.
        release: &'a str,
        /// The name of the scenario, for the node's log.
        scenario: &'a str,
        /// The model types that it will want there.
        types: Vec<TypeId>,
    },
    /// A piece of a file that models read; pieces of one file follow each other.
    File {
        /// The path as the scenario has it.
        path: &'a str,
        /// Whether it is the last piece of the file.
        last: bool,
        /// The bytes.
        #[serde(with = "bytes")]
        content: &'a [u8],
    },
    /// A model, in the order of the plan.
    Model(Box<PlannedModel>),
    /// The rest of the plan. The node builds its models, says `Ready` and starts.
    Start {
        /// The number of the node in the plan.
        site: SiteId,
        /// The simulated time.
        grid: TimeGrid,
        /// The tick from which on steps are made.
        from: Tick,
        /// Streams from other sites.
        imports: Vec<Import>,
        /// Streams to other sites.
        exports: Vec<Export>,
    },
    /// Records from another site.
    Batch {
        /// That site.
        from: SiteId,
        /// The batch.
        #[serde(with = "bytes")]
        batch: &'a [u8],
    },
    /// Nothing at or after this tick is to be done any more.
    Limit(Tick),
    /// The controller is there.
    Alive,
    /// The session is over.
    Close,
    /// Asks how the node is: before `Open`, or instead of it.
    Status,
    /// Asks the node to show itself with its lights: before `Open`, or instead of it. The answer is
    /// its status.
    Identify {
        /// For how long.
        seconds: u8,
    },
    /// The nodes to exchange values with directly: before `Start`, where there are any.
    Links {
        /// What they know the run by.
        token: Token,
        /// After so many seconds of silence a link is broken, or the controller lost.
        silence: u16,
        /// The nodes, by site.
        peers: Vec<LinkPeer>,
    },
    /// From another node, instead of `Open`: the link that a run there waits for.
    Link {
        /// The run.
        token: Token,
        /// The site of the node that says it.
        from: SiteId,
    },
    /// This site has no link to the receiver: the controller passes their values on.
    Relay(SiteId),
    /// Nothing at or after this tick is to be done until another one is said.
    Release(Tick),
    /// Something comes in from outside with the next step of a model.
    Outside(ModelId, What),
    /// Asks what something of a model has come to.
    Look(ModelId, Facet),
    /// What came from outside with a step, of which the node has said so, is on record: one for each.
    Noted,
    /// The rest of a plan for variants of the scenario, in place of `Start`. The node says `Ready`.
    Variants(Box<VariantsPlan>),
    /// A variant is to be run, or several in one engine, with these values of their factors.
    Variant {
        /// Its number, or one for all of them.
        id: u64,
        /// The place of the engine in the plan.
        engine: u32,
        /// By factor; those of a variant, of the next one, and so on.
        values: Vec<Value>,
        /// What is made of the rows of each, where its values change that.
        tallies: Option<Box<TallyPlan>>,
    },
    /// Instead of `Open`: what is said with a session over another connection, or with its link to another site, goes on
    /// over this one. The answer is [`OnReconnect`](super::OnReconnect).
    Reconnect {
        /// The run.
        token: Token,
        /// The site that says it.
        from: SiteId,
        /// So many bytes it has received in all.
        received: u64,
    },
    /// A part of a question about programs, to a node that runs some. The pieces of one follow each other.
    #[cfg(feature = "described")]
    Ask {
        /// Whether it is the last one.
        last: bool,
        /// The bytes.
        #[serde(with = "bytes")]
        content: &'a [u8],
    },
}

/// What a node says to a controller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToController<'a> {
    /// The session is open.
    Welcome {
        /// The version of the node's release.
        release: &'a str,
        /// The processor that the node was built for.
        processor: &'a str,
        /// How many other sessions it has.
        sessions: u16,
    },
    /// There will be no session, or it ends here.
    Refused(Refusal),
    /// The models are built, and step.
    Ready,
    /// A model cannot be built.
    NotReady {
        /// The model.
        model: ModelId,
        /// What is wrong with it.
        errors: Vec<BuildError>,
    },
    /// Records for another site.
    Batch {
        /// That site.
        to: SiteId,
        /// The batch.
        #[serde(with = "bytes")]
        batch: &'a [u8],
    },
    /// The node is there.
    Alive(Standing),
    /// A model says something.
    Notice(Notice),
    /// A model failed.
    Failed(Failure),
    /// What has been done: everything, or as much as there was when the controller closed the
    /// session.
    Finished(SiteReport),
    /// The node is being stopped.
    Leaving,
    /// A model asks for a file beside the result file.
    File(WrittenFile),
    /// How the node is.
    Status(NodeStatus),
    /// There is no link to a site: the controller is to pass the values on.
    Relayed {
        /// That site.
        site: SiteId,
        /// Why there is none.
        reason: &'a str,
    },
    /// The link to a site broke in mid-run.
    LinkLost {
        /// That site.
        site: SiteId,
        /// The tick before which all models of the sender have stepped.
        progress: Tick,
        /// How it broke.
        cause: &'a str,
    },
    /// What passed between a model and the world outside of the simulation.
    Entry(Entry),
    /// What something has come to that was asked for: NaN where it is no number. Answers have the order of the
    /// questions.
    Seen(f64),
    /// What came of a variant.
    Came {
        /// Its number.
        id: u64,
        /// That.
        outcome: Box<Outcome>,
    },
    /// Rows of a variant: their values, one after the other.
    Rows {
        /// Its number.
        id: u64,
        /// The values.
        #[serde(with = "bytes")]
        values: &'a [u8],
    },
    /// A part of an answer about programs. The pieces of one follow each other.
    #[cfg(feature = "described")]
    Answer {
        /// Whether it is the last one.
        last: bool,
        /// The bytes.
        #[serde(with = "bytes")]
        content: &'a [u8],
    },
}

/// Where the models of a site stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The tick before which all of them have stepped.
    pub progress: Tick,
    /// Steps made so far.
    pub steps: u64,
    /// What the earliest step that has not been made waits for.
    pub wait: Option<Wait>,
    /// How long ago the last one was made.
    pub still: Duration,
}

/// How a node is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeStatus {
    /// The version of its release.
    pub release: String,
    /// The processor that it was built for.
    pub processor: String,
    /// What the machine calls itself, such as "Raspberry Pi 4 Model B Rev 1.5"; empty if unknown.
    pub machine: String,
    /// How long the node has been running.
    pub uptime: Duration,
    /// Temperature of the processor in °C.
    pub temperature: Option<f32>,
    /// Load average of the last minute, in running processes.
    pub load: Option<f32>,
    /// What its status lights show; empty where there are none.
    pub lights: String,
    /// Its sockets for cables.
    pub sockets: Vec<SocketStatus>,
    /// Its sessions.
    pub sessions: Vec<SessionStatus>,
}

/// A session of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionStatus {
    /// The scenario.
    pub scenario: String,
    /// How many models of it run there; 0 as long as it has no plan.
    pub models: u32,
    /// The address of the controller that has it.
    pub peer: String,
    /// The same on all nodes of a run, and of no use to get into it ([`Token::mark`]); 0 where the node knows of no
    /// other one.
    pub run: u32,
    /// Which site of the run the node is; that of the controller as long as it has no plan.
    pub site: SiteId,
    /// Where its models stand, once they are built.
    pub standing: Option<Standing>,
    /// How long ago the session has said so. It does every second, but not in the middle of a step.
    pub silent: Duration,
}

/// Why a node refuses a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// It has as many sessions as it takes.
    Busy {
        /// That many.
        sessions: u16,
    },
    /// It lacks types that the scenario needs there.
    MissingTypes(Vec<String>),
    /// Its types of these names have another interface.
    DifferentTypes(Vec<String>),
    /// A file, or all of them together, is over the limit.
    FilesTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The plan does not fit together.
    InconsistentPlan,
    /// A message that does not belong where it came.
    OutOfOrder,
    /// The models are over the limit.
    ModelsTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// It runs models of this type only, as its user asked for.
    OtherType(String),
    /// It has heard nothing of the controller for so many seconds.
    Silence {
        /// That many.
        seconds: u16,
    },
    /// Its system lacks something.
    System(String),
    /// The session takes too much memory.
    OutOfMemory(OutOfMemory),
    /// The lights of this model want a pin that is reserved, and not allowed there.
    ReservedPin {
        /// The model.
        model: ModelId,
        /// The pin.
        pin: u8,
    },
}

/// What a node did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteReport {
    /// Steps made.
    pub steps: u64,
    /// For whom it waited, and how long.
    pub waits: Vec<WaitedFor>,
    /// Bytes sent to other nodes over links.
    pub linked: u64,
}

/// Time spent waiting for a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitedFor {
    /// The site.
    pub site: SiteId,
    /// How long altogether.
    pub time: Duration,
}

impl SiteReport {
    /// Adds time spent waiting for a site.
    pub fn add_wait(&mut self, site: SiteId, time: Duration) {
        match self.waits.iter_mut().find(|wait| wait.site == site) {
            Some(wait) => wait.time += time,
            None => self.waits.push(WaitedFor { site, time }),
        }
    }
}

impl ToNode<'_> {
    /// The most memory that reading a message with this content can take, for a moment: a null in a
    /// list is one byte, and grows to three places of a vector that doubles and is then shared.
    pub fn memory_to_read(content: &[u8]) -> usize {
        const FACTOR: usize = 80;
        match content.first() {
            // Files and batches stay where they are; with small fields only there is nothing to take.
            Some(&(FILE | BATCH)) | None => 0,
            Some(_) => content.len().saturating_mul(FACTOR),
        }
    }
}

/// The places of [`ToNode::File`] and [`ToNode::Batch`] among the messages.
const FILE: u8 = 1;
const BATCH: u8 = 4;

/// Reads a message from the content of a frame, which must hold nothing else.
pub fn decode<'a, M: Deserialize<'a>>(content: &'a [u8]) -> Result<M, FrameError> {
    match postcard::take_from_bytes(content) {
        Ok((message, [])) => Ok(message),
        _ => Err(FrameError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cable::{BoardKind, CableId, Picture, SocketState};
    use crate::journal::{Adjustable, Adjustment, Outside};
    use crate::led::{
        Colour, LedKind, LedRule, Palette, PinLed, SpiBus, StripLed, StripRule, ValueLed,
    };
    use crate::model::Role;
    use crate::model::{
        Attribute, AttributeSlot, InputSlot, ModelConfig, ParameterSlot, Place, PublishedSlot,
        Section, Severity, SideFile,
    };
    use crate::plan::{ConnectedInput, Feed, ImportId, LocalId, Position, Source};
    use crate::time::{NEVER, WallTime};
    use crate::value::{Kind, Origin, Value};
    use crate::variant::{
        Balance, BalancePlan, EnginePlan, FlowPlan, FlowSums, Function, IndicatorPlan, Maker,
        Making, Measure, Numbers, PricePlan, Shape, Swing,
    };
    use std::fmt::Debug;

    fn golden<M: Serialize + Debug>(message: &M, hex: &str) {
        let bytes = postcard::to_stdvec(message).expect("serializes");
        let text: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text.concat(), hex, "{message:?}");
    }

    /// A light of each kind.
    fn lights() -> Vec<ValueLed> {
        let pin = |pin, active_low, rule| {
            LedKind::Pin(PinLed {
                pin,
                active_low,
                rule,
            })
        };
        let strip = |bus, pixels, rule| LedKind::Strip(StripLed { bus, pixels, rule });
        let mix = StripRule::Mix {
            from: Colour::new(255, 0, 0),
            to: Colour::new(0, 128, 1),
            min: 0.0,
            max: 2.0,
        };
        let palette = StripRule::Palette(Palette::Pv { max: 2.0 });
        let (output, input) = (
            AttributeSlot::Published(PublishedSlot(4)),
            AttributeSlot::Input(InputSlot(0)),
        );
        let lights = [
            (
                output,
                pin(18, false, LedRule::Range { min: 0.0, max: 2.0 }),
            ),
            (input, pin(23, true, LedRule::Below(-2.0))),
            (output, strip(SpiBus::Spi0, 300, mix)),
            (output, strip(SpiBus::Spi1, 1, palette)),
        ];
        let light = |(attribute, kind)| ValueLed { attribute, kind };
        lights.into_iter().map(light).collect()
    }

    fn planned_model() -> PlannedModel {
        PlannedModel {
            saved: Vec::new(),
            id: ModelId(3),
            config: ModelConfig {
                name: "B".into(),
                model_type: "Battery".into(),
                parameters: Some(vec![("max_p".into(), Value::Int(2))]),
                states: Some(Vec::new()),
                time_step_size: Some(4),
                ..ModelConfig::default()
            },
            inputs: vec![ConnectedInput {
                slot: InputSlot(0),
                origin: Origin::Output,
                sources: vec![Source {
                    from: Feed::Import {
                        import: ImportId(1),
                        attribute: Position(2),
                    },
                    shifted: true,
                    initial: Some(Value::Null),
                }],
                names: vec!["S".into()],
            }],
            leds: lights(),
            outside: Outside {
                comes: vec![
                    (
                        7,
                        What::Seen {
                            socket: 1,
                            cable: CableId::new(b'3'),
                        },
                    ),
                    (9, What::Asked { simulator: 2 }),
                ],
                recorded: NEVER,
                log: true,
                paced: true,
                open: true,
            },
        }
    }

    #[test]
    fn each_message_to_a_node_has_its_bytes() {
        let start = WallTime::parse("1970-01-01 00:00:01").expect("valid");
        let grid = TimeGrid {
            start,
            resolution: 900,
            ticks: 96,
        };
        let types = vec![TypeId {
            name: "PV".into(),
            fingerprint: 300,
        }];
        golden(
            &ToNode::Open {
                release: "0.1",
                scenario: "s",
                types,
            },
            "0003302e31017301025056ac02",
        );
        golden(
            &ToNode::File {
                path: "a",
                last: true,
                content: &[1, 2],
            },
            "01016101020102",
        );
        golden(
            &ToNode::Model(Box::new(planned_model())),
            "0203014207426174746572790101056d61785f70020400000100010401000001010102010100\
             0101530400040012000000000000000000000000000000000040\
             0100001701\
             0200000000000000c0\
             00040100ac0200ff00000080010000000000000000\
             0000000000000040\
             00040101010101\
             0000000000000040020700010133090202\
             ffffffffffffffffff0101010100",
        );
        let imports = vec![Import {
            from: SiteId(2),
            model: ModelId(5),
            attributes: 1,
            window: 1024,
        }];
        let exports = vec![Export {
            to: SiteId(0),
            model: LocalId(1),
            attributes: vec![PublishedSlot(4)],
            window: 32,
            lazy: true,
        }];
        golden(
            &ToNode::Start {
                site: SiteId(1),
                grid,
                from: 0,
                imports,
                exports,
            },
            "0301028407600001020501800801000101042001",
        );
        golden(
            &ToNode::Batch {
                from: SiteId(2),
                batch: &[9, 8],
            },
            "0402020908",
        );
        golden(&ToNode::Limit(300), "05ac02");
        golden(&ToNode::Alive, "06");
        golden(&ToNode::Close, "07");
    }

    #[test]
    fn what_is_large_on_the_wire_and_stays_there_takes_no_memory_to_read() {
        let content = &[7; 1000][..];
        let (path, last, from, batch) = ("a", true, 2, content);
        let file = ToNode::File {
            path,
            last,
            content,
        };
        for message in [
            file,
            ToNode::Batch {
                from: SiteId(from),
                batch,
            },
        ] {
            let bytes = postcard::to_stdvec(&message).expect("serializes");
            assert_eq!(ToNode::memory_to_read(&bytes), 0, "{message:?}");
        }
        let model =
            postcard::to_stdvec(&ToNode::Model(Box::new(planned_model()))).expect("serializes");
        assert!(ToNode::memory_to_read(&model) >= planned_model().bytes());
    }

    #[test]
    fn each_message_about_links_has_its_bytes() {
        let token = Token([7; 16]);
        let peers = vec![
            LinkPeer {
                site: SiteId(1),
                call: None,
            },
            LinkPeer {
                site: SiteId(3),
                call: Some(([10, 0, 0, 1], 300).into()),
            },
        ];
        golden(
            &ToNode::Links {
                token,
                silence: 11,
                peers,
            },
            "0a070707070707070707070707070707070b0201000301000a000001ac02",
        );
        golden(
            &ToNode::Link {
                token,
                from: SiteId(2),
            },
            "0b0707070707070707070707070707070702",
        );
        golden(
            &ToNode::Reconnect {
                token,
                from: SiteId(2),
                received: 300,
            },
            "130707070707070707070707070707070702ac02",
        );
        golden(&ToNode::Relay(SiteId(2)), "0c02");
        golden(&ToNode::Release(300), "0dac02");
        let reason = "r";
        golden(
            &ToController::Relayed {
                site: SiteId(2),
                reason,
            },
            "0c020172",
        );
        let (site, progress, cause) = (2, 300, "c");
        golden(
            &ToController::LinkLost {
                site: SiteId(site),
                progress,
                cause,
            },
            "0d02ac020163",
        );
    }

    #[test]
    fn each_message_to_a_controller_has_its_bytes() {
        golden(
            &ToController::Welcome {
                release: "0.1",
                processor: "arm",
                sessions: 2,
            },
            "0003302e310361726d02",
        );
        golden(
            &ToController::Refused(Refusal::Busy { sessions: 16 }),
            "010010",
        );
        golden(
            &ToController::Refused(Refusal::Silence { seconds: 30 }),
            "01081e",
        );
        golden(
            &ToController::Refused(Refusal::System("m".into())),
            "0109016d",
        );
        golden(
            &ToController::Refused(Refusal::MissingTypes(vec!["PV".into()])),
            "010101025056",
        );
        golden(
            &ToController::Refused(Refusal::DifferentTypes(vec![])),
            "010200",
        );
        golden(
            &ToController::Refused(Refusal::FilesTooLarge { limit: 1 }),
            "010301",
        );
        golden(&ToController::Refused(Refusal::InconsistentPlan), "0104");
        golden(&ToController::Refused(Refusal::OutOfOrder), "0105");
        let limit = 300;
        golden(
            &ToController::Refused(Refusal::ModelsTooLarge { limit }),
            "0106ac02",
        );
        let other = Refusal::OtherType("PV".into());
        golden(&ToController::Refused(other), "0107025056");
        let memory = Refusal::OutOfMemory(OutOfMemory {
            limit: 300,
            shared: true,
        });
        golden(&ToController::Refused(memory), "010aac0201");
        let (model, pin) = (300, 2);
        golden(
            &ToController::Refused(Refusal::ReservedPin {
                model: ModelId(model),
                pin,
            }),
            "010bac0202",
        );
        golden(&ToController::Ready, "02");
        let place = Place::Key(Section::States, "soc".into());
        let errors = vec![BuildError {
            code: "x".into(),
            place,
            message: "m".into(),
        }];
        golden(
            &ToController::NotReady {
                model: ModelId(1),
                errors,
            },
            "0301010178010303736f63016d",
        );
        golden(
            &ToController::Batch {
                to: SiteId(0),
                batch: &[9],
            },
            "04000109",
        );
        let wait = Some(Wait {
            model: Some(ModelId(1)),
            tick: 2,
            site: SiteId(3),
            source: None,
        });
        golden(
            &ToController::Alive(Standing {
                progress: 5,
                steps: 300,
                wait,
                still: Duration::new(1, 300),
            }),
            "0505ac0201010102030001ac02",
        );
        let notice = Notice {
            severity: Severity::Note,
            model: ModelId(1),
            tick: 2,
            text: "n".into(),
        };
        golden(&ToController::Notice(notice), "06010201016e");
        let failure = Failure {
            model: ModelId(1),
            tick: 8,
            code: "c".into(),
            message: "m".into(),
            inputs: vec![("i".into(), Value::Bool(true))],
        };
        golden(&ToController::Failed(failure), "0701080163016d0101690101");
        let waits = vec![WaitedFor {
            site: SiteId(2),
            time: Duration::new(1, 5),
        }];
        golden(
            &ToController::Finished(SiteReport {
                steps: 7,
                waits,
                linked: 300,
            }),
            "080701020105ac02",
        );
        golden(&ToController::Leaving, "09");
        let file = SideFile {
            path: "a".into(),
            content: vec![7],
        };
        let (model, tick) = (1, 2);
        golden(
            &ToController::File(WrittenFile {
                model: ModelId(model),
                tick,
                file,
            }),
            "0a010201610107",
        );
    }

    #[test]
    fn a_status_has_its_bytes() {
        golden(&ToNode::Status, "08");
        golden(&ToNode::Identify { seconds: 5 }, "0905");
        let session = SessionStatus {
            scenario: "s".into(),
            models: 3,
            peer: "p".into(),
            run: 300,
            site: SiteId(2),
            standing: Some(Standing {
                steps: 9,
                ..Standing::default()
            }),
            silent: Duration::new(2, 0),
        };
        let status = NodeStatus {
            release: "0.1".into(),
            processor: "arm".into(),
            machine: "Pi".into(),
            uptime: Duration::from_secs(300),
            temperature: Some(41.5),
            load: None,
            lights: "ready".into(),
            sockets: vec![SocketStatus {
                device: "d".into(),
                state: SocketState::Cable {
                    id: "3".into(),
                    board: BoardKind::Bytes { drives: true },
                },
                model: "m".into(),
            }],
            sessions: vec![session],
        };
        golden(
            &ToController::Status(status),
            "0b03302e310361726d025069ac0200010000264200057265616479010164070133010101\
             6d010173030170ac02020100090000000200",
        );
    }

    #[test]
    fn what_passes_between_a_model_and_the_world_has_its_bytes() {
        let entry = |what| {
            ToController::Entry(Entry {
                model: ModelId(2),
                tick: 7,
                what,
            })
        };
        let cable = CableId::new(b'3');
        golden(&entry(What::Seen { socket: 1, cable }), "0e020700010133");
        golden(
            &entry(What::Seen {
                socket: 1,
                cable: None,
            }),
            "0e0207000100",
        );
        let picture = Picture::Text(*b"3g1");
        golden(
            &entry(What::Told { socket: 0, picture }),
            "0e0207010000336731",
        );
        golden(&entry(What::Asked { simulator: 300 }), "0e020702ac02");
        let half = Adjustment {
            target: Adjustable::Parameter(ParameterSlot::new(3)),
            value: 0.5,
        };
        golden(&entry(What::Adjusted(half)), "0e02070306000000000000e03f");
        golden(&ToController::Seen(2.0), "0f0000000000000040");
        let half = What::Adjusted(half);
        golden(
            &ToNode::Outside(ModelId(1), half),
            "0e010306000000000000e03f",
        );
        let input = AttributeSlot::Input(InputSlot::new(2));
        let look = |facet| ToNode::Look(ModelId(1), facet);
        golden(&look(Facet::Attribute(input)), "0f01000102");
        golden(&look(Facet::Socket(3)), "0f010103");
        golden(&ToNode::Noted, "10");
    }

    #[test]
    fn what_is_said_of_variants_has_its_bytes() {
        let plan = VariantsPlan {
            grid: TimeGrid {
                start: WallTime::parse("1970-01-01 00:01:00").expect("valid"),
                resolution: 900,
                ticks: 4,
            },
            engines: vec![EnginePlan {
                variants: 10,
                items: vec![Feed::Local {
                    model: LocalId(1),
                    slot: PublishedSlot::new(2),
                }],
                makers: vec![
                    Maker {
                        shape: Shape {
                            published: vec![Attribute {
                                name: "x".into(),
                                origin: Origin::State,
                                kind: Kind::Number,
                            }],
                            required: vec![InputSlot::new(3)],
                            left_out: vec![InputSlot::new(4)],
                            step_size: 5,
                        },
                        making: Making::Built(vec![(6, "k".into())]),
                    },
                    Maker {
                        shape: Shape {
                            published: Vec::new(),
                            required: Vec::new(),
                            left_out: Vec::new(),
                            step_size: 1,
                        },
                        making: Making::Played(vec![(7, PublishedSlot::new(8))]),
                    },
                ],
            }],
            width: 9,
            tallies: tallies(),
            rows: true,
        };
        golden(
            &ToNode::Variants(Box::new(plan)),
            "1178840704010a010001020201017801020103010405000106016b0000000101010708090701000002010100020102000201030002010400020105000000000000e03f000201060101000000000000004002010101060000000000000000400301040105000000000000e03f01000601",
        );
        let variant = ToNode::Variant {
            id: 300,
            engine: 3,
            values: vec![Value::Int(1)],
            tallies: Some(Box::default()),
        };
        golden(&variant, "12ac0203010202010000");
        let balance = Balance {
            flows: vec![FlowSums::default()],
            stores: vec![Swing::default()],
            ..Balance::default()
        };
        let numbers = Numbers {
            indicators: vec![Some(2.0), None],
            balance: Some(balance),
        };
        let came = |outcome| ToController::Came {
            id: 2,
            outcome: Box::new(outcome),
        };
        let (numbers, warning) = (vec![numbers], None);
        golden(
            &came(Outcome::Numbers { numbers, warning }),
            "100200010201000000000000004000010100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000000000000000000000000000",
        );
        golden(&came(Outcome::Elsewhere), "100202");
        golden(
            &ToController::Rows {
                id: 2,
                values: &[1, 2],
            },
            "1102020102",
        );
    }

    fn tallies() -> TallyPlan {
        let functions = [
            Function::Sum,
            Function::Mean,
            Function::Min,
            Function::Max,
            Function::Last,
            Function::Quantile(0.5),
            Function::Energy,
        ];
        let indicator = |function| IndicatorPlan {
            place: 1,
            function,
            measure: (function == Function::Energy).then_some(Measure::Energy(2.0)),
            rows_of_a_step: 2,
        };
        let flow = FlowPlan {
            place: 1,
            role: Role::Price,
            measure: Measure::Power(2.0),
            rows_of_a_step: 3,
        };
        let plan = BalancePlan {
            flows: vec![flow],
            stores: vec![4],
            price: Some(PricePlan {
                place: 5,
                factor: 0.5,
            }),
            is_exchange_known: true,
            is_derived: false,
        };
        TallyPlan {
            indicators: functions.map(indicator).into(),
            balance: Some((plan, 6)),
        }
    }

    #[test]
    fn a_message_comes_back_as_it_was() {
        let message = ToNode::Model(Box::new(planned_model()));
        let bytes = postcard::to_stdvec(&message).expect("serializes");
        assert_eq!(decode::<ToNode<'_>>(&bytes), Ok(message));
    }

    #[test]
    fn a_message_with_something_behind_it_is_refused() {
        assert_eq!(decode::<ToNode<'_>>(&[6, 0]), Err(FrameError::Malformed));
        assert_eq!(decode::<ToNode<'_>>(&[99]), Err(FrameError::Malformed));
        assert_eq!(decode::<ToNode<'_>>(&[]), Err(FrameError::Malformed));
    }
}
