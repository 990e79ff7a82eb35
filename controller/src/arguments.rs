//! The command line.

#![allow(clippy::struct_excessive_bools, reason = "switches are what they are")]
#![allow(
    clippy::doc_markdown,
    reason = "these comments are shown as help texts"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use argh::{ArgsInfo, FromArgs};
use image::Network;

use crate::cards::{Kind, Leds, Names};
use crate::places::{InfluxServer, MqttServer};
use crate::results::parse_moment;
use crate::run::Pace;
use crate::scenario::{Connect, backslash_in};
use crate::sweep::Share;

/// Runs energy-system simulations described by Illuminator scenario files: on this machine, and on
/// the Raspberry Pis that the scenario names.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(
    error_code(0, "done"),
    error_code(1, "wrong use, or an error of this machine"),
    error_code(
        2,
        "the scenario is refused, would write over what it reads, or has a warning and --strict is given"
    ),
    error_code(3, "a model failed"),
    error_code(
        4,
        "a node failed or cannot be reached, or two nodes lost each other, and nobody makes up for it"
    ),
    error_code(5, "the result cannot be written, or another run writes it"),
    error_code(130, "interrupted")
)]
pub struct Arguments {
    /// print the version and end
    #[argh(switch, short = 'V')]
    pub version: bool,
    /// what to do
    #[argh(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one of it in a process")]
pub enum Command {
    /// Make a scenario.
    New(New),
    /// Run a scenario.
    Run(Run),
    /// Run many variants of a scenario.
    Sweep(Sweep),
    /// Check a scenario.
    Check(Check),
    /// Sum up a result.
    Totals(Totals),
    /// Show a result in a browser.
    Show(Show),
    /// Plot a result.
    Plot(Plot),
    /// Make a result a page.
    Report(Report),
    /// Put nodes on hosts.
    Deploy(Deploy),
    /// Take nodes away.
    Undeploy(Undeploy),
    /// Make cards for Pis.
    Image(Image),
    /// Show the model types.
    Models(Models),
    /// Print the schema.
    Schema(Schema),
    /// Show nodes.
    Nodes(Nodes),
    /// Show cables.
    Cables(Cables),
    /// Make lights blink.
    Identify(Identify),
    /// Make the key.
    Key(KeyCommand),
    /// Print completions.
    Completions(Completions),
    /// Print manual pages.
    Man(Man),
}

/// Make a scenario with its data, ready to run, to begin with and to change; or list what there is to choose from.
/// What is there already is never written over. What to do next is printed.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "new")]
pub struct New {
    /// what to begin with, such as power-balance, and the folder to put it in, which is made if it is not
    /// there (default: the folder you are in)
    #[argh(positional, arg_name = "choice")]
    pub choice: Vec<String>,
}

/// Run a scenario and write the monitored values to its CSV file. Models with `connect` run on the
/// node that it names, all others here. File names in the scenario are relative to the folder you
/// are in.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "run")]
pub struct Run {
    /// the scenario file (YAML)
    #[argh(positional)]
    pub scenario: PathBuf,
    /// write the result here instead of the scenario's monitor file, and the side files of models
    /// to a folder beside it; - is standard output
    #[argh(option, short = 'o', arg_name = "file", from_str_fn(written))]
    pub output: Option<PathBuf>,
    /// write the rows to this Parquet file as well
    #[argh(option, arg_name = "file", from_str_fn(written))]
    pub parquet: Option<PathBuf>,
    /// send the rows to this InfluxDB as well: http://HOST:8086?db=NAME, or with ?org=NAME&bucket=NAME and
    /// the token in INFLUX_TOKEN; may be given several times
    #[argh(option, arg_name = "url")]
    pub influx: Vec<InfluxServer>,
    /// publish the newest values there, where Home Assistant finds them: mqtt://HOST, or
    /// mqtt://USER@HOST:PORT/TOPIC with the password in MQTT_PASSWORD
    #[argh(option, arg_name = "url")]
    pub mqtt: Option<MqttServer>,
    /// write no record of the run (NAME.run.json) beside the result
    #[argh(switch)]
    pub no_record: bool,
    /// write here what comes from outside of the simulation, such as a cable that is plugged in
    /// (default, for a scenario with cables, or with programs and a pace: NAME.journal.csv beside the result)
    #[argh(option, arg_name = "file", from_str_fn(written))]
    pub journal: Option<PathBuf>,
    /// have all of it come again from the journal of an earlier run, and nothing else: the same result
    /// without hardware and without people; programs of the scenario run again
    #[argh(option, arg_name = "journal", from_str_fn(written))]
    pub replay: Option<PathBuf>,
    /// go on with the rows that an earlier run of this scenario has left (NAME.partial.csv): they are computed again and
    /// compared, and new ones follow; where there are none, the run begins
    #[argh(switch)]
    pub resume: bool,
    /// write here what each socket with a cable is told in each step: tick,model,socket,text
    #[argh(option, arg_name = "file", from_str_fn(written))]
    pub cable_log: Option<PathBuf>,
    /// the folder in which the sockets of this machine are devices (default: /dev)
    #[argh(option, arg_name = "folder")]
    pub devices: Option<PathBuf>,
    /// write date and time into every row; otherwise a row at midnight has no time
    #[argh(switch)]
    pub whole_dates: bool,
    /// ignore `connect`: run every model on this machine
    #[argh(switch)]
    pub local: bool,
    /// treat warnings as errors; one that comes in the run ends it, and the rows before it are kept
    #[argh(switch)]
    pub strict: bool,
    /// make so many ticks in a second, a minute or an hour, such as 2/s, 0.5/s or 120/min, and not as
    /// many as this machine and its nodes can; in a terminal, keys change the pace
    #[argh(option, arg_name = "ticks")]
    pub pace: Option<Pace>,
    /// likewise, so many simulated seconds in a second
    #[argh(option, arg_name = "factor", from_str_fn(real_time))]
    pub real_time: Option<Pace>,
    /// show the run in a browser, while it goes on and after it, until Ctrl-C
    #[argh(switch)]
    pub page: bool,
    /// with --page: let viewers pause the run, change its pace and values, and begin it anew
    #[argh(switch)]
    pub page_control: bool,
    /// with --page: listen there (default: 127.0.0.1, port 5180 or one that is free); who can reach it from elsewhere needs the
    /// address that is printed
    #[argh(option, arg_name = "address:port")]
    pub page_listen: Option<SocketAddr>,
    /// with --page: a result (CSV) of another run to compare with in the charts; may be given several times
    #[argh(option, arg_name = "file")]
    pub compare: Vec<PathBuf>,
    /// with --page: do not open a browser
    #[argh(switch)]
    pub no_browser: bool,
    /// print errors only
    #[argh(switch, short = 'q')]
    pub quiet: bool,
    /// print the summary as JSON, with each error, warning and note under 'problems'
    #[argh(switch)]
    pub json: bool,
    /// how many seconds a node may be out of reach (default 10, at least 2); after 3 s more the run says that
    /// it holds, and the node may still come back for as long as nobody else runs its models
    #[argh(option, default = "10", arg_name = "seconds", from_str_fn(timeout))]
    pub timeout: u32,
    /// a node that takes over where one is lost that does not come back in a moment; may be given several times
    #[argh(option, arg_name = "address", from_str_fn(Connect::parse))]
    pub spare: Vec<Connect>,
    /// how many seconds a node that was lost in the run is waited for (default 30; 0: not at all) until this
    /// machine runs its models; where nothing shines and no cable is plugged in there, other nodes of the scenario do so
    /// after 2 s
    #[argh(option, default = "30", arg_name = "seconds")]
    pub patience: u32,
    /// wait up to so many seconds for nodes that do not answer yet, because they start, say (default:
    /// a moment, for a service that starts anew)
    #[argh(option, arg_name = "seconds")]
    pub wait: Option<u32>,
    /// file with the cluster's key (default: illuminator/cluster.key in your configuration folder, if
    /// it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// talk to nodes without a key as well, unencrypted
    #[argh(switch)]
    pub insecure: bool,
    /// on hosts of the scenario where no node listens, start one over ssh for this run
    #[argh(switch)]
    pub start: bool,
    /// with --start: the user to log in as (default: what your ssh configuration says)
    #[argh(option, arg_name = "name")]
    pub user: Option<String>,
    /// with --start: the private key to log in with (default: likewise)
    #[argh(option, arg_name = "file")]
    pub identity: Option<PathBuf>,
    /// with --start: the port of ssh (default: likewise)
    #[argh(option, arg_name = "port")]
    pub port: Option<u16>,
    /// with --start: a folder with nodes to send, called illuminator-node-TARGET
    #[argh(option, arg_name = "folder")]
    pub binaries: Option<PathBuf>,
}

/// Run variants of a scenario, in which parameters have other values: those under 'multi_parameters', all
/// combinations of values that are given here, or the rows of a table. Each variant has a result file, named
/// by its number as scenariotable.csv lists them; or, with indicators, a row in one table. All models run here,
/// on all cores. Under Slurm, MPI or HyperQueue each process does its share.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "sweep")]
pub struct Sweep {
    /// the scenario file (YAML)
    #[argh(positional)]
    pub scenario: PathBuf,
    /// values of a parameter, in place of those that the scenario has: Store.max_energy=10,20,50 or
    /// 'Panels.cap=range(1,20,1)'; may be given several times
    #[argh(option, arg_name = "model.parameter=values")]
    pub set: Vec<String>,
    /// take values one by one, the first ones together, the second ones, and so on, instead of all
    /// combinations (default: as 'align_parameters' of the scenario says)
    #[argh(switch)]
    pub aligned: bool,
    /// a table (CSV) with a row for each variant and a column for each parameter, such as Store.max_energy
    #[argh(option, arg_name = "file", from_str_fn(written))]
    pub samples: Option<PathBuf>,
    /// one row a variant instead of a file: 'totals' of what is monitored, or a function of any attribute,
    /// such as 'peak=max(Grid.power)', with sum, mean, min, max, last, energy and quantile(Grid.power, 0.95);
    /// may be given several times, beside 'indicators' of the scenario
    #[argh(option, arg_name = "indicator")]
    pub indicators: Vec<String>,
    /// write the table of indicators here, as .csv or .parquet (default: indicators.csv beside the scenario's monitor
    /// file); without indicators: the result files, each with its number before the ending
    #[argh(option, short = 'o', arg_name = "file", from_str_fn(written))]
    pub output: Option<PathBuf>,
    /// write a result file for each variant beside the table of indicators as well
    #[argh(switch)]
    pub files: bool,
    /// write the scenario of each variant beside its result (NAME_2.yaml), as 'controller run' takes it
    #[argh(switch)]
    pub write_scenarios: bool,
    /// do a part of the variants: 2/7 is the second of seven; the last part that ends puts the table together
    /// (default: as Slurm, MPI or HyperQueue say, else all)
    #[argh(option, arg_name = "i/n")]
    pub shard: Option<Share>,
    /// there are so many parts, where only their number is said, as in HyperQueue
    #[argh(option, arg_name = "count")]
    pub shards: Option<u64>,
    /// go on with what an earlier sweep has left: only what is missing is done; another scenario, other data or
    /// values are refused
    #[argh(switch)]
    pub resume: bool,
    /// answer questions on standard input instead, for optimisers: a line of JSON with parameters in, one with
    /// indicators out, in the same order
    #[argh(switch)]
    pub ask: bool,
    /// have nodes run the variants, such as pi1.local,pi2.local: whole variants go there, and files that they need once
    #[argh(option, arg_name = "nodes")]
    pub on: Option<String>,
    /// file with the cluster's key (default: illuminator/cluster.key in your configuration folder, if
    /// it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// talk to nodes without a key as well, unencrypted
    #[argh(switch)]
    pub insecure: bool,
    /// run so many variants side by side here (default: one a core, or with --on none that a node can run)
    #[argh(option, short = 'j', arg_name = "count")]
    pub jobs: Option<usize>,
    /// print a summary as JSON
    #[argh(switch)]
    pub json: bool,
    /// run nothing where a value is wrong, and treat warnings as errors
    #[argh(switch)]
    pub strict: bool,
    /// print errors only
    #[argh(switch, short = 'q')]
    pub quiet: bool,
}

/// Check scenarios without running them: what is in them, what is in the data files that they name,
/// as far as a run reads them, whether a run would write over what it reads or beside files of an
/// earlier one, and whether the nodes answer and have the model types that they need. What shows only
/// as models step, or comes through a pipe, is told in the run.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "check")]
pub struct Check {
    /// scenario files (YAML); each is judged, and the exit code is the worst
    #[argh(positional, arg_name = "scenario")]
    pub scenarios: Vec<PathBuf>,
    /// print what was found as JSON, with each error, warning and note under 'problems'
    #[argh(switch)]
    pub json: bool,
    /// do not ask the nodes
    #[argh(switch)]
    pub local: bool,
    /// treat warnings as errors
    #[argh(switch)]
    pub strict: bool,
    /// print errors only
    #[argh(switch, short = 'q')]
    pub quiet: bool,
    /// wait up to so many seconds for nodes that do not answer yet, because they start, say (default:
    /// a moment, for a service that starts anew)
    #[argh(option, arg_name = "seconds")]
    pub wait: Option<u32>,
    /// file with the cluster's key (default: illuminator/cluster.key in your configuration folder, if
    /// it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// talk to nodes without a key as well, unencrypted
    #[argh(switch)]
    pub insecure: bool,
}

/// Print what a result comes to: energy made, used, stored, bought and sold, self-sufficiency and
/// self-consumption, cycles of stores, and money where a price is monitored. Which item is what says
/// the scenario, else the name of its attribute; what is no part of the balance is left out and said.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "totals")]
pub struct Totals {
    /// the result (CSV) of a run of this program or of the Python Illuminator
    #[argh(positional)]
    pub result: PathBuf,
    /// the scenario that it is from (default: as the record beside the result, NAME.run.json, says)
    #[argh(option, arg_name = "file")]
    pub scenario: Option<PathBuf>,
    /// print JSON
    #[argh(switch)]
    pub json: bool,
}

/// Show a result in a browser, as a run with --page is shown, until Ctrl-C.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "show")]
pub struct Show {
    /// the result (CSV) of a run of this program or of the Python Illuminator
    #[argh(positional)]
    pub result: PathBuf,
    /// the scenario that it is from (default: as the record beside the result, NAME.run.json, says)
    #[argh(option, arg_name = "file")]
    pub scenario: Option<PathBuf>,
    /// another result to compare with in the charts; may be given several times
    #[argh(option, arg_name = "file")]
    pub compare: Vec<PathBuf>,
    /// listen there (default: 127.0.0.1, port 5180 or one that is free); who can reach it from elsewhere needs the
    /// address that is printed
    #[argh(option, arg_name = "address:port")]
    pub page_listen: Option<SocketAddr>,
    /// do not open a browser
    #[argh(switch)]
    pub no_browser: bool,
}

/// Plot items of a result over time: in the terminal, or as a picture. Of many rows the smallest and
/// the largest values are drawn, so that no peak is lost; items of one unit share their axes.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "plot")]
pub struct Plot {
    /// the result (CSV) of a run of this program or of the Python Illuminator
    #[argh(positional)]
    pub result: PathBuf,
    /// items of it, such as Storage.soc
    #[argh(positional, arg_name = "item")]
    pub items: Vec<String>,
    /// write the plot here, as .svg or .png
    #[argh(option, short = 'o', arg_name = "file", from_str_fn(written))]
    pub output: Option<PathBuf>,
    /// leave out what is earlier, such as '2026-07-06' or '2026-07-06 12:00'
    #[argh(option, arg_name = "time", from_str_fn(moment))]
    pub from: Option<i64>,
    /// leave out what is later
    #[argh(option, arg_name = "time", from_str_fn(moment))]
    pub to: Option<i64>,
    /// the scenario that it is from (default: as the record beside the result, NAME.run.json, says)
    #[argh(option, arg_name = "file")]
    pub scenario: Option<PathBuf>,
}

/// Make one page of a result that any browser shows, without a network: where it comes from, totals,
/// flows of energy, load duration, days, and a plot of each item. Of the table of a sweep: what each parameter
/// does to each indicator.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "report")]
pub struct Report {
    /// the result (CSV) of a run of this program or of the Python Illuminator, or the table of a sweep
    #[argh(positional)]
    pub result: PathBuf,
    /// write the page here (default: beside the result, with the ending .html)
    #[argh(option, short = 'o', arg_name = "file", from_str_fn(written))]
    pub output: Option<PathBuf>,
    /// the scenario that it is from (default: as the record beside the result, NAME.run.json, says)
    #[argh(option, arg_name = "file")]
    pub scenario: Option<PathBuf>,
}

/// Put a node on each host, as a service that starts at boot: finds the node for its processor,
/// copies it there with your ssh, sees whether it can be reached from here, hands over the cluster's
/// key, starts the node and sees whether it answers. Where a node is there already it is brought up to
/// date, unless it runs something or has its key from somebody else. The user who logs in must be root
/// or able to use sudo without a password. Exit code 4 if a host failed.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "deploy")]
pub struct Deploy {
    /// scenario files, whose hosts are taken, or addresses or names of hosts
    #[argh(positional, arg_name = "target")]
    pub targets: Vec<String>,
    /// the user to log in as (default: what your ssh configuration says)
    #[argh(option, arg_name = "name")]
    pub user: Option<String>,
    /// the private key to log in with (default: likewise)
    #[argh(option, arg_name = "file")]
    pub identity: Option<PathBuf>,
    /// the port of ssh (default: likewise)
    #[argh(option, arg_name = "port")]
    pub port: Option<u16>,
    /// where the node listens (default: the port that the scenario names, else that which it has,
    /// else 5123)
    #[argh(option, arg_name = "port")]
    pub listen_port: Option<u16>,
    /// the file with the cluster's key (default: illuminator/cluster.key in your configuration
    /// folder). It is made if it is not there
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// a folder with nodes, called illuminator-node-TARGET, and bridges likewise (default: 'nodes' beside
    /// this program, then ../lib/illuminator/nodes, then what was built beside it)
    #[argh(option, arg_name = "folder")]
    pub binaries: Option<PathBuf>,
    /// put a bridge beside the node: it runs programs of that machine, such as classes in Python, which its
    /// /etc/illuminator/bridge.toml lists; of a scenario, on the machines whose models are programs. One that is
    /// there is brought up to date without this, too
    #[argh(switch)]
    pub bridge: bool,
    /// end what a node runs, and replace the key that it has from somebody else
    #[argh(switch)]
    pub force: bool,
    /// print the commands, without the key, and run none
    #[argh(switch)]
    pub dry_run: bool,
}

/// Take the node away from each host, with all that 'deploy' put there: service, program,
/// /etc/illuminator, the user 'illuminator', and likewise a bridge. A node or bridge that runs something, or
/// has its key from somebody else, stays. Exit code 4 if a host failed.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "undeploy")]
pub struct Undeploy {
    /// scenario files, whose hosts are taken, or addresses or names of hosts
    #[argh(positional, arg_name = "target")]
    pub targets: Vec<String>,
    /// the user to log in as (default: what your ssh configuration says)
    #[argh(option, arg_name = "name")]
    pub user: Option<String>,
    /// the private key to log in with (default: likewise)
    #[argh(option, arg_name = "file")]
    pub identity: Option<PathBuf>,
    /// the port of ssh (default: likewise)
    #[argh(option, arg_name = "port")]
    pub port: Option<u16>,
    /// file with the cluster's key (default: illuminator/cluster.key in your configuration folder, if
    /// it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// end what a node runs, and take away one that has its key from somebody else
    #[argh(switch)]
    pub force: bool,
    /// print the commands and run none
    #[argh(switch)]
    pub dry_run: bool,
}

/// Make a card for each Raspberry Pi of a cluster: an image (NAME.img.gz) with a node and nothing else, from which
/// a Pi starts as that node, with its name and the cluster's key. Write the images to cards with the Raspberry Pi
/// Imager or any other such program. For a Pi 3, 4, 400 and Zero 2 W, and with --pi 32-bit for a Pi 1, 2, Zero and Zero
/// W, each with a cable of Ethernet. What a card says is in its file illuminator.toml, which any editor may change.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "image")]
pub struct Image {
    /// what the Pis are called, such as pi1..pi8 or pi1,pi2; may be given several times
    #[argh(option, arg_name = "names")]
    pub hosts: Vec<Names>,
    /// which kind of Pis: 64-bit for a Pi 3, 4, 400 and Zero 2 W (default), or 32-bit for a Pi 1, 2, Zero and Zero W
    #[argh(option, arg_name = "kind")]
    pub pi: Option<Kind>,
    /// put the images there (default: cards), in place of those that are there
    #[argh(option, short = 'o', arg_name = "folder", from_str_fn(written))]
    pub output: Option<PathBuf>,
    /// the file with the cluster's key (default: illuminator/cluster.key in your configuration
    /// folder). It is made if it is not there
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// the address of the first Pi with the bits of its network, such as 192.168.0.11/24; the others have
    /// those that follow (default: they ask the network, or take one of their own)
    #[argh(option, arg_name = "address/bits")]
    pub address: Option<Network>,
    /// with --address: the way to other networks
    #[argh(option, arg_name = "address")]
    pub gateway: Option<Ipv4Addr>,
    /// where the nodes listen (default: 5123)
    #[argh(option, arg_name = "port")]
    pub listen_port: Option<u16>,
    /// pins (BCM numbers) of LEDs that show how the nodes are, such as ready=17,step=27,fault=22
    #[argh(option, arg_name = "pins")]
    pub leds: Option<Leds>,
    /// the image that the cards are made from, in place of --pi (default: illuminator-image.img.gz, or for 32-bit
    /// illuminator-image-32-bit.img.gz, in 'nodes' beside this program, then what node/image/build.sh made)
    #[argh(option, arg_name = "file")]
    pub base: Option<PathBuf>,
}

/// The path of a file to be written.
fn written(path: &str) -> Result<PathBuf, String> {
    match backslash_in(path) {
        Some(what) => Err(what),
        None => Ok(path.into()),
    }
}

/// Show the model types, or one of them with its parameters, inputs, outputs and states.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "models")]
pub struct Models {
    /// the name of a type, such as Battery
    #[argh(positional, arg_name = "type")]
    pub model_type: Option<String>,
    /// print the pages of all types as one Markdown document
    #[argh(switch)]
    pub markdown: bool,
    /// print JSON: what the types declare, without their details
    #[argh(switch)]
    pub json: bool,
}

/// Print the JSON Schema of scenario files, with which editors complete and check them.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "schema")]
pub struct Schema {}

/// Show how nodes are: release, machine, time since the start, temperature of the processor, load,
/// status lights, and what they run.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "nodes")]
pub struct Nodes {
    /// scenario files whose nodes are meant, or nodes such as pi3.local or 192.168.0.1:5123
    #[argh(positional, arg_name = "target")]
    pub targets: Vec<String>,
    /// look for nodes that announce themselves in the local network
    #[argh(switch)]
    pub discover: bool,
    /// print JSON
    #[argh(switch)]
    pub json: bool,
    /// file with the cluster's key (default: illuminator/cluster.key in your configuration folder, if
    /// it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// talk to nodes without a key as well, unencrypted
    #[argh(switch)]
    pub insecure: bool,
}

/// Show the cables of a demonstration table: what is plugged into which socket of which unit, what is
/// wrong with it, and what is missing. Nothing is run.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "cables")]
pub struct Cables {
    /// scenario files whose units are meant, or nodes such as pi3.local or 192.168.0.1:5123 (default:
    /// this machine)
    #[argh(positional, arg_name = "target")]
    pub targets: Vec<String>,
    /// print JSON
    #[argh(switch)]
    pub json: bool,
    /// the folder in which the sockets of this machine are devices (default: /dev)
    #[argh(option, arg_name = "folder")]
    pub devices: Option<PathBuf>,
    /// ignore `connect`: all units are on this machine
    #[argh(switch)]
    pub local: bool,
    /// file with the cluster's key (default: illuminator/cluster.key in your configuration folder, if
    /// it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// talk to nodes without a key as well, unencrypted
    #[argh(switch)]
    pub insecure: bool,
}

/// Let the status lights of nodes blink, to see which is which.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "identify")]
pub struct Identify {
    /// nodes such as pi3.local or 192.168.0.1:5123, or scenario files whose nodes are meant
    #[argh(positional, arg_name = "target")]
    pub targets: Vec<String>,
    /// for how many seconds, up to 255 (default 5)
    #[argh(option, default = "5", arg_name = "seconds")]
    pub seconds: u8,
    /// file with the cluster's key (default: illuminator/cluster.key in your configuration folder, if
    /// it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// talk to nodes without a key as well, unencrypted
    #[argh(switch)]
    pub insecure: bool,
}

/// Work with the key that nodes and controllers of a cluster share.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "key")]
pub struct KeyCommand {
    /// what to do
    #[argh(subcommand)]
    pub action: KeyAction,
}

/// What to do with the key.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand)]
pub enum KeyAction {
    /// Make one.
    New(NewKey),
}

/// Make a new key from the system's random source, in a file that nobody else may read. A key that
/// is there is never replaced. 'controller deploy' makes one where there is none.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "new")]
pub struct NewKey {
    /// where to put it (default: illuminator/cluster.key in your configuration folder, which is
    /// ~/.config unless XDG_CONFIG_HOME says otherwise)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
}

/// Print what makes a shell complete commands, options, files and model types. For bash:
/// 'controller completions bash > ~/.local/share/bash-completion/completions/controller'; for zsh:
/// into a file '_controller' in a folder of $fpath; for fish: into
/// ~/.config/fish/completions/controller.fish.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "completions")]
pub struct Completions {
    /// the shell: bash, zsh or fish
    #[argh(positional)]
    pub shell: Shell,
}

/// A shell that completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// GNU Bash.
    Bash,
    /// Z shell.
    Zsh,
    /// fish.
    Fish,
}

impl std::str::FromStr for Shell {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "bash" => Ok(Self::Bash),
            "zsh" => Ok(Self::Zsh),
            "fish" => Ok(Self::Fish),
            _ => Err("there are completions for bash, zsh and fish".to_owned()),
        }
    }
}

/// Print the manual page of this program or of one of its commands, as 'man -l' shows it. Or write
/// those of all commands into a folder, where man finds them if that is 'man1' in one of its folders.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "man")]
pub struct Man {
    /// the command, such as run or key new
    #[argh(positional, arg_name = "command")]
    pub command: Vec<String>,
    /// write the pages of all commands into this folder
    #[argh(option, arg_name = "folder")]
    pub folder: Option<PathBuf>,
}

/// Reads a moment of simulated time.
fn moment(text: &str) -> Result<i64, String> {
    parse_moment(text).ok_or_else(|| {
        "give a date, and a time of day if it matters, such as '2026-07-06' or '2026-07-06 12:00'".to_owned()
    })
}

/// Reads a pace in simulated time.
fn real_time(text: &str) -> Result<Pace, String> {
    // What is no number is refused as one that is none.
    let factor = text.parse().unwrap_or(f64::NAN);
    Pace::real_time(factor).map_err(|invalid| invalid.to_string())
}

/// The shortest timeout, in seconds: less would take a node for lost between two signs of life.
const MIN_TIMEOUT: u32 = 2;

/// Reads a timeout.
fn timeout(text: &str) -> Result<u32, String> {
    let seconds = text
        .parse()
        .map_err(|_| format!("give a whole number of seconds, {MIN_TIMEOUT} or more"))?;
    if seconds < MIN_TIMEOUT {
        return Err(format!(
            "a node gives a sign of life every second, so it would count as lost between two of them; \
             give {MIN_TIMEOUT} or more"
        ));
    }
    Ok(seconds)
}
