//! The command line.

use std::path::PathBuf;

use argh::{ArgsInfo, FromArgs};

/// Brings together an Illuminator cluster and the co-simulation framework mosaik.
#[derive(Debug, FromArgs, ArgsInfo)]
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
pub enum Command {
    /// Serve mosaik.
    Serve(Serve),
    /// Serve one type.
    Run(Run),
}

/// Be a simulator for mosaik that has all model types of the Illuminator (--mosaik), or a site of a cluster whose
/// models are programs on this machine, those that the configuration lists. Ends on Ctrl-C or SIGTERM.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "serve")]
pub struct Serve {
    /// address and port at which mosaik finds it, such as 127.0.0.1:5678
    #[argh(option, arg_name = "address:port")]
    pub mosaik: Option<String>,
    /// address and port at which controllers find it, such as 192.168.0.3:5124 (default: 127.0.0.1:5124). May be
    /// given several times; not with --mosaik
    #[argh(option, arg_name = "address:port")]
    pub listen: Vec<String>,
    /// configuration file, which lists programs (default: /etc/illuminator/bridge.toml, if it is there); not with
    /// --mosaik
    #[argh(option, arg_name = "file")]
    pub config: Option<PathBuf>,
    /// another one, for what that file does not say: 'controller deploy' writes one; not with --mosaik
    #[argh(option, arg_name = "file")]
    pub defaults: Option<PathBuf>,
    /// nodes that run the models for mosaik, with commas between them; without, they run here
    #[argh(option, arg_name = "nodes")]
    pub nodes: Option<String>,
    /// file with the cluster's key
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// let other machines in without a key, and mosaik has none: whoever reaches the port can use it, and read along
    #[argh(switch)]
    pub insecure: bool,
    /// do not report sessions
    #[argh(switch, short = 'q')]
    pub quiet: bool,
}

/// Be a simulator for mosaik that has one model type.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "run")]
pub struct Run {
    /// the name of the model type, such as Battery
    #[argh(positional, arg_name = "type")]
    pub model_type: String,
    /// address and port of mosaik, which waits there; with --remote, to wait at for mosaik
    #[argh(positional, arg_name = "address:port")]
    pub address: String,
    /// wait for mosaik, which connects
    #[argh(switch, short = 'r')]
    pub remote: bool,
    /// let other machines in: mosaik has no keys, so whoever reaches the port can use it, and read along
    #[argh(switch)]
    pub insecure: bool,
    /// do not report sessions
    #[argh(switch, short = 'q')]
    pub quiet: bool,
}
