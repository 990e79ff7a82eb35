//! A site whose models are programs on this machine: controllers run units of them here, as they run models on
//! nodes.
//!
//! Whoever has the cluster's key may run models, but no commands: programs are those that the configuration of
//! this machine lists, each by the name that a scenario has for it.

mod listed;
mod programs;

use std::path::Path;
use std::sync::Arc;

use node::config::{Config, ConfigError};
use node::{ServeError, serve_programs};
use shared::model::Registry;
use shared::wire::BRIDGE_PORT;

use crate::arguments::Serve;
use listed::Listed;
use programs::Site;

/// The configuration file that is read where no other one is named, if it is there.
pub(crate) const DEFAULT_CONFIG: &str = "/etc/illuminator/bridge.toml";

/// No types but those of programs.
static NO_TYPES: Registry = Registry::of(&[]);

/// Serves controllers until a signal ends it. What the command line says wins over the file.
pub(crate) fn serve(arguments: &Serve) -> Result<(), ServeError> {
    let file = arguments.config.as_deref();
    let flags = Config {
        listen: arguments.listen.clone(),
        key: arguments.key.clone(),
        insecure: arguments.insecure,
        quiet: arguments.quiet,
        ..Config::default()
    };
    let usual = Path::new(DEFAULT_CONFIG);
    let path = file.unwrap_or(usual);
    let config = match file {
        None if !usual.exists() => Config::default(),
        _ => Config::load(Some(path))?,
    };
    let defaults = match &arguments.defaults {
        Some(file) => Config::load(Some(file))?,
        None => Config::default(),
    };
    let mut config = defaults.overridden(config).overridden(flags);
    if config.listen.is_empty() {
        config.listen.push(format!("127.0.0.1:{BRIDGE_PORT}"));
    }
    // It is no node: who looks for nodes is to find none here, and there are no cables. Its lights are those of models.
    config.announce = Some(false);
    config.devices = Some("none".into());
    let listed = Listed::read(&config.programs);
    let listed = listed.map_err(|(line, message)| ConfigError::Wrong {
        file: path.to_owned(),
        line,
        message,
    })?;
    let site = Arc::new(Site::new(listed, path.to_owned()));
    serve_programs(&config, NO_TYPES.clone(), site)
}
