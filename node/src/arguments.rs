//! The command line.

use std::path::PathBuf;

use argh::FromArgs;

/// Runs models of an energy-system simulation for the controllers of an Illuminator cluster.
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
    /// Serve controllers.
    Serve(Serve),
    /// Serve one type.
    Run(Run),
    /// List the types.
    Models(Models),
}

/// Wait for controllers, and run the models that they send. Ends on Ctrl-C or SIGTERM.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "serve")]
pub struct Serve {
    /// address and port to listen on, such as 192.168.0.1:5123 (default: 127.0.0.1:5123, which only
    /// this machine can reach). May be given several times
    #[argh(option, arg_name = "address:port")]
    pub listen: Vec<String>,
    /// file with the cluster's key (default: /etc/illuminator/cluster.key, if it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// do without a key: whoever reaches the port can use the node, and read along
    #[argh(switch)]
    pub insecure: bool,
    /// do not report sessions
    #[argh(switch)]
    pub quiet: bool,
}

/// Wait for controllers like 'serve', but run models of one type only.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "run")]
pub struct Run {
    /// the name of the model type, such as Battery
    #[argh(positional)]
    pub model_type: String,
    /// address and port to listen on (default: 127.0.0.1:5123). May be given several times
    #[argh(option, arg_name = "address:port")]
    pub listen: Vec<String>,
    /// without --listen: let other machines in, that is listen on port 5123 of all addresses of this
    /// one
    #[argh(switch)]
    pub remote: bool,
    /// file with the cluster's key (default: /etc/illuminator/cluster.key, if it is there)
    #[argh(option, arg_name = "file")]
    pub key: Option<PathBuf>,
    /// do without a key: whoever reaches the port can use the node, and read along
    #[argh(switch)]
    pub insecure: bool,
    /// do not report sessions
    #[argh(switch)]
    pub quiet: bool,
}

/// List the model types that this program can run.
#[derive(Debug, FromArgs)]
#[argh(subcommand, name = "models")]
pub struct Models {}
