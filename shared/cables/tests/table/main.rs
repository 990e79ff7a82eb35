//! The driver of the boards against simulated ones, behind pseudo-terminals and in real time.

#![cfg(target_os = "linux")]

mod pictures;
mod plugs;
mod sockets;
mod support;
