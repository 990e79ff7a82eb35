//! Nodes and bridges on other machines: `controller deploy`, `controller undeploy` and `controller run --start`
//! against real sshds, each in a network and a file system of its own, and against a real systemd, in a
//! container or on a machine that QEMU emulates.

mod bridges;
mod container;
mod lan;
mod machine;
mod system;

mod cables;
mod deploying;
mod failing;
mod installed;
mod logging_in;
mod packages;
mod reaching;
mod removing;
mod service;
mod sharing;
mod starting;
