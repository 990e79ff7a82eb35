//! The command line.

#![allow(clippy::struct_excessive_bools, reason = "switches are what they are")]

use std::path::PathBuf;

use argh::{ArgsInfo, FromArgs};
use shared::wire::DEFAULT_PORT;

use crate::config::{Config, LedConfig, LedTarget, pin};

/// Runs models of an energy-system simulation for the controllers of an Illuminator cluster.
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
    /// Serve controllers.
    Serve(Serve),
    /// Serve one type.
    Run(Run),
    /// List the types.
    Models(Models),
}

/// Wait for controllers, and run the models that they send. Ends on Ctrl-C or SIGTERM.
#[derive(Debug, FromArgs, ArgsInfo)]
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
    #[argh(switch, short = 'q')]
    pub quiet: bool,
    /// do not announce this node in its networks, where 'controller nodes --discover' looks
    #[argh(switch)]
    pub no_announce: bool,
    /// configuration file (default: /etc/illuminator/node.toml, if it is there). Options win over
    /// what it says
    #[argh(option, arg_name = "file")]
    pub config: Option<PathBuf>,
    /// another one, for what that file does not say: 'controller deploy' writes one
    #[argh(option, arg_name = "file")]
    pub defaults: Option<PathBuf>,
    /// pass updates on to the socket that is standard input: so a card's node is started
    #[argh(switch)]
    pub updates: bool,
    /// folder in which sockets for the cables of a table are devices (default: /dev), or none: leave
    /// them alone
    #[argh(option, arg_name = "folder")]
    pub devices: Option<PathBuf>,
    /// pin (BCM number) of an LED that breathes while the node is idle and is steady during a run
    #[argh(option, arg_name = "pin", from_str_fn(pin))]
    pub led_ready: Option<u8>,
    /// pin of an LED that blinks with the steps
    #[argh(option, arg_name = "pin", from_str_fn(pin))]
    pub led_step: Option<u8>,
    /// pin of an LED that shows faults: one blink and a pause for a model that failed, two for a
    /// controller that was lost, three for a wrong key
    #[argh(option, arg_name = "pin", from_str_fn(pin))]
    pub led_fault: Option<u8>,
    /// these LEDs shine when their pin is low
    #[argh(switch)]
    pub led_active_low: bool,
    /// what drives LEDs: gpio (default), none, sim (tells what they would show) or sim:FILE
    #[argh(option, arg_name = "output")]
    pub led_output: Option<LedTarget>,
}

/// Wait for controllers like 'serve', but run models of one type only.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "run")]
pub struct Run {
    /// the name of the model type, such as Battery
    #[argh(positional, arg_name = "type")]
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
    #[argh(switch, short = 'q')]
    pub quiet: bool,
    /// do not announce this node in its networks, where 'controller nodes --discover' looks
    #[argh(switch)]
    pub no_announce: bool,
    /// configuration file (default: /etc/illuminator/node.toml, if it is there). Options win over
    /// what it says
    #[argh(option, arg_name = "file")]
    pub config: Option<PathBuf>,
    /// folder in which sockets for the cables of a table are devices (default: /dev), or none: leave
    /// them alone
    #[argh(option, arg_name = "folder")]
    pub devices: Option<PathBuf>,
    /// pin (BCM number) of an LED that breathes while the node is idle and is steady during a run
    #[argh(option, arg_name = "pin", from_str_fn(pin))]
    pub led_ready: Option<u8>,
    /// pin of an LED that blinks with the steps
    #[argh(option, arg_name = "pin", from_str_fn(pin))]
    pub led_step: Option<u8>,
    /// pin of an LED that shows faults: one blink and a pause for a model that failed, two for a
    /// controller that was lost, three for a wrong key
    #[argh(option, arg_name = "pin", from_str_fn(pin))]
    pub led_fault: Option<u8>,
    /// these LEDs shine when their pin is low
    #[argh(switch)]
    pub led_active_low: bool,
    /// what drives LEDs: gpio (default), none, sim (tells what they would show) or sim:FILE
    #[argh(option, arg_name = "output")]
    pub led_output: Option<LedTarget>,
}

/// List the model types that this program can run.
#[derive(Debug, FromArgs, ArgsInfo)]
#[argh(subcommand, name = "models")]
pub struct Models {}

impl Serve {
    /// What it says, for [`Config::overridden`].
    pub fn flags(&self) -> Config {
        Config {
            listen: self.listen.clone(),
            key: self.key.clone(),
            insecure: self.insecure,
            quiet: self.quiet,
            announce: self.no_announce.then_some(false),
            devices: self.devices.clone(),
            updates: self.updates,
            #[cfg(feature = "programs")]
            programs: Vec::new(),
            leds: LedConfig {
                ready: self.led_ready,
                step: self.led_step,
                fault: self.led_fault,
                active_low: self.led_active_low,
                allow: Vec::new(),
                output: self.led_output.clone(),
            },
        }
    }
}

impl Run {
    /// What it says, for [`Config::overridden`].
    pub fn flags(&self) -> Config {
        let mut listen = self.listen.clone();
        if listen.is_empty() && self.remote {
            listen.push(format!("0.0.0.0:{DEFAULT_PORT}"));
        }
        Config {
            listen,
            key: self.key.clone(),
            insecure: self.insecure,
            quiet: self.quiet,
            announce: self.no_announce.then_some(false),
            devices: self.devices.clone(),
            updates: false,
            #[cfg(feature = "programs")]
            programs: Vec::new(),
            leds: LedConfig {
                ready: self.led_ready,
                step: self.led_step,
                fault: self.led_fault,
                active_low: self.led_active_low,
                allow: Vec::new(),
                output: self.led_output.clone(),
            },
        }
    }
}
