//! In steady state a node takes no memory for a step with scalar values: not for what arrives, not
//! for the models, not for what it answers, and not for encrypting it.
//!
//! The node runs in this process, beside a controller made of the same connection. All allocations of
//! the process are counted, so both sides have to do without.

use std::alloc::System;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use node::{Arguments, Command, Serve};
use shared::journal::Outside;
use shared::model::{InputSlot, ModelConfig, ModelType, PublishedSlot};
use shared::plan::{
    CONTROLLER, ConnectedInput, Export, Feed, Import, ImportId, LocalId, ModelId, PlannedModel,
    Position, SiteId, Source,
};
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::{Origin, Value};
use shared::wire::{Key, MAX_FRAME, ToController, ToNode, Trust, TypeId, decode};
use smol::Async;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use transport::{Connection, call};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const WINDOW: u32 = 1024;

/// Steps until queues and windows have their final size, which is several windows.
const WARM_UP: Tick = 5 * WINDOW as Tick;
const MEASURED: Tick = 20_000;
const SOON: Duration = Duration::from_secs(10);

/// Serves on a free port of loopback, in a thread that ends with the process.
fn start_node(key: Option<&std::path::Path>) -> SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let serve = Serve {
        listen: vec![address.to_string()],
        key: key.map(Into::into),
        insecure: key.is_none(),
        quiet: true,
        no_announce: false,
        updates: false,
        // Whoever watches sockets looks for new ones once a second, whatever steps do.
        devices: Some("none".into()),
        defaults: None,
        config: None,
        led_ready: None,
        led_step: None,
        led_fault: None,
        led_active_low: false,
        led_output: None,
    };
    thread::spawn(move || {
        node::run(&Arguments {
            version: false,
            command: Some(Command::Serve(serve)),
        })
    });
    address
}

fn input_slot(model_type: &ModelType, name: &str) -> InputSlot {
    model_type.input_slot(name).expect("an input")
}

fn published_slot(model_type: &ModelType, name: &str) -> PublishedSlot {
    model_type.published_slot(name).expect("an attribute")
}

fn source(from: Feed) -> Source {
    Source {
        from,
        shifted: false,
        initial: None,
    }
}

/// A household on the node, whose demand a battery there has to cover.
fn models() -> [PlannedModel; 2] {
    let entry = |name: &str, parameters: &[(&str, Value)]| ModelConfig {
        name: name.into(),
        model_type: name.into(),
        parameters: Some(
            parameters
                .iter()
                .map(|(key, value)| ((*key).into(), value.clone()))
                .collect(),
        ),
        ..ModelConfig::default()
    };
    let (load, battery) = (
        models::CATALOGUE.find("Load").expect("a type"),
        models::CATALOGUE.find("Battery").expect("a type"),
    );
    let text = Value::text;
    [
        PlannedModel {
            saved: Vec::new(),
            id: ModelId(0),
            config: entry(
                "Load",
                &[
                    ("houses", Value::Int(2)),
                    ("input_type", text("power")),
                    ("output_type", text("power")),
                ],
            ),
            inputs: vec![ConnectedInput {
                slot: input_slot(&load, "load"),
                origin: Origin::State,
                sources: vec![source(Feed::Import {
                    import: ImportId(0),
                    attribute: Position(0),
                })],
                names: Vec::new(),
            }],
            leds: Vec::new(),
            outside: Outside::default(),
        },
        PlannedModel {
            saved: Vec::new(),
            id: ModelId(1),
            config: entry(
                "Battery",
                &[
                    ("max_p", Value::Float(0.8)),
                    ("min_p", Value::Float(-0.8)),
                    ("max_energy", Value::Float(50.0)),
                    ("charge_efficiency", Value::Int(90)),
                    ("discharge_efficiency", Value::Int(90)),
                    ("soc_min", Value::Int(3)),
                    ("soc_max", Value::Int(80)),
                ],
            ),
            inputs: vec![ConnectedInput {
                slot: input_slot(&battery, "flow2b"),
                origin: Origin::Output,
                sources: vec![source(Feed::Local {
                    model: LocalId(0),
                    slot: published_slot(&load, "load_dem"),
                })],
                names: Vec::new(),
            }],
            leds: Vec::new(),
            outside: Outside::default(),
        },
    ]
}

/// The controller's side: one value to the node a tick, one back.
struct Controller {
    connection: Connection<TcpStream>,
    batch: Vec<u8>,
}

impl Controller {
    async fn connect(address: SocketAddr, key: Option<&Key>) -> Self {
        let stream = loop {
            // The node may not be listening yet.
            match Async::<TcpStream>::connect(address).await {
                Ok(stream) => break stream,
                Err(_) => smol::Timer::after(Duration::from_millis(1)).await,
            };
        };
        stream.get_ref().set_nodelay(true).expect("a TCP socket");
        let trust = Trust {
            key,
            open_peers: true,
        };
        let met = call(&stream, trust, SOON).await.expect("a node");
        // From here on it reads and writes as the session does: without a reactor.
        stream.get_ref().set_nonblocking(false).expect("a socket");
        Self {
            connection: Connection::new(stream, met, MAX_FRAME),
            batch: Vec::with_capacity(64),
        }
    }

    fn start(&mut self) {
        let types = ["Load", "Battery"].map(|name| TypeId {
            name: name.to_owned(),
            fingerprint: models::CATALOGUE.find(name).expect("a type").fingerprint(),
        });
        let connection = &mut self.connection;
        connection
            .queue(&ToNode::Open {
                release: "test",
                scenario: "test",
                types: types.to_vec(),
            })
            .expect("fits");
        for model in models() {
            connection
                .queue(&ToNode::Model(Box::new(model)))
                .expect("fits");
        }
        let battery = models::CATALOGUE.find("Battery").expect("a type");
        let grid = TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
            resolution: 900,
            ticks: WARM_UP + MEASURED + 1,
        };
        let imports = vec![Import {
            from: CONTROLLER,
            model: ModelId(2),
            attributes: 1,
            window: WINDOW,
        }];
        let exports = vec![Export {
            to: CONTROLLER,
            model: LocalId(1),
            attributes: vec![published_slot(&battery, "soc")],
            window: WINDOW,
            lazy: false,
        }];
        let site = 1;
        connection
            .queue(&ToNode::Start {
                site: SiteId(site),
                grid,
                from: 0,
                imports,
                exports,
            })
            .expect("fits");
    }

    /// Sends the value of a tick, with credit for what came before, and waits for the answer.
    fn step(&mut self, tick: Tick) {
        let batch = std::mem::take(&mut self.batch);
        let value = Value::Float(0.1);
        let publication = postcard::to_extend(&((0u64, tick, 1u64), value), batch);
        let mut batch = publication.expect("serializes");
        if tick > 0 {
            batch = postcard::to_extend(&(1u64, 1u64), batch).expect("serializes");
        }
        self.connection
            .queue(&ToNode::Batch {
                from: CONTROLLER,
                batch: &batch,
            })
            .expect("fits");
        batch.clear();
        self.batch = batch;
        let mut answered = false;
        while !answered {
            self.connection.write().expect("the node is there");
            self.connection.fill().expect("the node is there");
            while let Some(content) = self.connection.next_frame().expect("a frame") {
                match decode(content).expect("a message") {
                    ToController::Batch { batch, .. } => {
                        answered |= batch.first() == Some(&0);
                    }
                    ToController::Failed(failure) => panic!("{failure:?}"),
                    ToController::NotReady { errors, .. } => panic!("{errors:?}"),
                    ToController::Refused(refusal) => panic!("{refusal:?}"),
                    _ => {}
                }
            }
        }
    }
}

/// Allocations of `MEASURED` steps.
fn count(address: SocketAddr, key: Option<&Key>) -> usize {
    let mut controller = smol::block_on(Controller::connect(address, key));
    controller.start();
    for tick in 0..WARM_UP {
        controller.step(tick);
    }
    let region = Region::new(ALLOCATOR);
    for tick in WARM_UP..WARM_UP + MEASURED {
        controller.step(tick);
    }
    let change = region.change();
    change.allocations + change.reallocations
}

#[test]
fn a_step_takes_no_memory() {
    // One after the other: they count what the whole process does.
    let open = count(start_node(None), None);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cluster.key");
    let key = Key::random().expect("random");
    key.create(&path).expect("written");
    let encrypted = count(start_node(Some(&path)), Some(&key));
    assert_eq!((open, encrypted), (0, 0), "allocations in {MEASURED} steps");
}
