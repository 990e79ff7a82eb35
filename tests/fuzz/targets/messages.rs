//! Frames, and the messages in them, in all directions. What is understood is written again and means
//! the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postcard::to_stdvec;
use shared::value::Value;
use shared::wire::{FrameBuffer, MAX_HANDSHAKE_FRAME, OnLink, ToController, ToNode, decode};

macro_rules! check {
    ($content:expr, $message:ty) => {
        if let Ok(message) = decode::<$message>($content) {
            let written = to_stdvec(&message).expect("a message is written");
            let again = decode::<$message>(&written).expect("what is written is read");
            // By their bytes: a NaN is not equal to itself.
            assert_eq!(to_stdvec(&again).expect("it was before"), written);
        }
    };
}

fuzz_target!(|bytes: &[u8]| {
    all(bytes);
    let mut buffer = FrameBuffer::new(MAX_HANDSHAKE_FRAME);
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = &rest[buffer.push(rest)..];
        while let Ok(Some(content)) = buffer.next_frame() {
            all(content);
        }
    }
});

fn all(content: &[u8]) {
    check!(content, ToNode<'_>);
    check!(content, ToController<'_>);
    check!(content, OnLink<'_>);
    check!(content, Value);
}
