//! The command line.

#![allow(clippy::struct_excessive_bools, reason = "switches are what they are")]
#![allow(
    clippy::doc_markdown,
    reason = "these comments are shown as help texts"
)]

use std::path::PathBuf;

use argh::FromArgs;

/// Runs energy-system simulations described by Illuminator scenario files: on this machine, and on
/// the Raspberry Pis that the scenario names.
///
/// Exit codes: 0 done, 1 wrong use or an error of this machine, 2 the scenario is refused,
/// 3 a model failed, 4 a node failed or cannot be reached, 5 the result cannot be written,
/// 130 interrupted.
#[derive(Debug, FromArgs)]
pub struct Arguments {
    /// print the version and end
    #[argh(switch)]
    pub version: bool,
    /// what to do
    #[argh(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, FromArgs)]
#[argh(subcommand)]
pub enum Command {
    /// Run a scenario.
    Run(Run),
    /// Check a scenario.
    Check(Check),
    /// Show the model types.
    Models(Models),
    /// Print the schema.
    Schema(Schema),
    /// Show nodes.
    Nodes(Nodes),
    /// Make lights blink.
    Identify(Identify),
    /// Make the key.
    Key(KeyCommand),
}

/// Run a scenario and write the monitored values to its CSV file. Models with `connect` run on the
/// node that it names, all others here. File names in the scenario are relative to the folder you
/// are in.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "run")]
pub struct Run {
    /// the scenario file (YAML)
    #[argh(positional)]
    pub scenario: PathBuf,
    /// write the result here instead of the scenario's monitor file
    #[argh(option, short = 'o', arg_name = "file")]
    pub output: Option<PathBuf>,
    /// ignore `connect`: run every model on this machine
    #[argh(switch)]
    pub local: bool,
    /// treat warnings as errors
    #[argh(switch)]
    pub strict: bool,
    /// print errors only
    #[argh(switch, short = 'q')]
    pub quiet: bool,
    /// print the summary as JSON
    #[argh(switch)]
    pub json: bool,
    /// seconds without a sign of life after which a node counts as lost (default 10, at least 2:
    /// nodes give one every second)
    #[argh(option, default = "10", arg_name = "seconds")]
    pub timeout: u32,
    /// file with the cluster's key (default: illuminator/cluster.key in your configuration folder, if
    /// it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// talk to nodes without a key as well, unencrypted
    #[argh(switch)]
    pub insecure: bool,
}

/// Check a scenario without running it: everything that can be known beforehand, and whether the
/// nodes that it names answer and have the model types that they need.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "check")]
pub struct Check {
    /// the scenario file (YAML)
    #[argh(positional)]
    pub scenario: PathBuf,
    /// do not ask the nodes
    #[argh(switch)]
    pub local: bool,
    /// treat warnings as errors
    #[argh(switch)]
    pub strict: bool,
    /// print errors only
    #[argh(switch, short = 'q')]
    pub quiet: bool,
    /// file with the cluster's key (default: illuminator/cluster.key in your configuration folder, if
    /// it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// talk to nodes without a key as well, unencrypted
    #[argh(switch)]
    pub insecure: bool,
}

/// Show the model types, or one of them with its parameters, inputs, outputs and states.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "models")]
pub struct Models {
    /// the name of a type, such as Battery
    #[argh(positional)]
    pub model_type: Option<String>,
    /// print the pages of all types as one Markdown document
    #[argh(switch)]
    pub markdown: bool,
}

/// Print the JSON Schema of scenario files, with which editors complete and check them.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "schema")]
pub struct Schema {}

/// Show how nodes are: release, machine, time since the start, temperature of the processor, load,
/// status lights, and what they run.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "nodes")]
pub struct Nodes {
    /// scenario files whose nodes are meant, or nodes such as pi3.local or 192.168.0.1:5123
    #[argh(positional)]
    pub targets: Vec<String>,
    /// look for nodes in the local network, with Avahi
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

/// Let the status lights of nodes blink, to see which is which.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "identify")]
pub struct Identify {
    /// nodes such as pi3.local or 192.168.0.1:5123, or scenario files whose nodes are meant
    #[argh(positional)]
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
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "key")]
pub struct KeyCommand {
    /// what to do
    #[argh(subcommand)]
    pub action: KeyAction,
}

/// What to do with the key.
#[derive(Debug, FromArgs)]
#[argh(subcommand)]
pub enum KeyAction {
    /// Make one.
    New(NewKey),
}

/// Make a new key from the system's random source, in a file that nobody else may read. A key that
/// is there is never replaced. 'controller deploy' makes one where there is none.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "new")]
pub struct NewKey {
    /// where to put it (default: illuminator/cluster.key in your configuration folder, which is
    /// ~/.config unless XDG_CONFIG_HOME says otherwise)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
}
