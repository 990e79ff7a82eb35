//! Nodes on other machines: `controller deploy`, `controller undeploy` and `controller run --start`
//! against real sshds, each in a network and a file system of its own.

mod lan;
mod machine;

mod deploying;
mod failing;
mod removing;
mod starting;
