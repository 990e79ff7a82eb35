//! Nodes and bridges as services that are put on machines: what each has there.

use super::hosts::Host;
use crate::cluster::Endpoint;

pub(super) use crate::cluster::Service;

/// The release that is installed: that of this controller.
pub(super) const RELEASE: &str = env!("CARGO_PKG_VERSION");

impl Service {
    /// The user as whom it runs.
    pub(super) fn user(self) -> &'static str {
        match self {
            Self::Node => "illuminator",
            Self::Bridge => "illuminator-bridge",
        }
    }

    /// What stands before the steps of its installation.
    pub(super) fn lead(self) -> &'static str {
        match self {
            Self::Node => "",
            Self::Bridge => "bridge ",
        }
    }

    /// What `node/build.sh` is told to make it.
    pub(super) fn build_option(self) -> &'static str {
        match self {
            Self::Node => "",
            Self::Bridge => "--bridge ",
        }
    }

    /// The file on the machine with which its owner configures it.
    pub(super) fn configuration(self) -> &'static str {
        match self {
            Self::Node => "/etc/illuminator/node.toml",
            Self::Bridge => "/etc/illuminator/bridge.toml",
        }
    }

    /// Where a host has it.
    pub(super) fn at(self, host: &Host, port: u16) -> Endpoint {
        Endpoint {
            service: self,
            ..host.at(port)
        }
    }

    /// The name under which it arrives in the user's folder. It tells hosts apart, as they may share that
    /// folder.
    pub(super) fn upload_name(self, host: &Host) -> String {
        format!(".{}.{}", self.name(), host.name.replace([':', '%'], "-"))
    }
}

/// The ports of a program on a machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    /// Where the user says that it is to listen.
    pub(super) named: Option<u16>,
    /// Where it is configured to listen.
    pub(super) configured: u16,
    /// Where it is to be met.
    pub(super) met: u16,
}
