//! The protocol of mosaik's simulators: messages of JSON in frames of TCP.

mod frame;
mod json;
mod message;

pub use frame::{FrameError, Frames, MAX_FRAME, append_frame, read_frame, read_frame_up_to};
pub use json::{JsonError, MAX_DEPTH, append_json, read_json};
pub use message::{Call, Failed, Message, MessageError};
