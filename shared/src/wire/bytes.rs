//! Byte strings in one piece instead of byte by byte, for `#[serde(with = "bytes")]`.

use serde::{Deserialize, Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<&'de [u8], D::Error> {
    <&[u8]>::deserialize(deserializer)
}
