//! What is said in MQTT 3.1.1 by somebody who publishes and nothing else: a handful of packets, without
//! acknowledgement, since whoever comes back is told everything anew.

use std::io::{self, ErrorKind};

/// Asks whether the server is still there.
pub(super) const PING: [u8; 2] = [0xC0, 0];

/// The length of the answer.
pub(super) const ANSWERED: usize = 2;

/// Says that no more comes.
pub(super) const DISCONNECT: [u8; 2] = [0xE0, 0];

/// The length of what a server answers to the first packet.
pub(super) const WELCOME: usize = 4;

/// Who wants to publish.
#[derive(Debug)]
pub(super) struct Hello<'a> {
    pub(super) client: &'a str,
    pub(super) keep_alive_seconds: u16,
    /// What the server is to publish, retained, once it hears no more: topic and payload.
    pub(super) will: (&'a str, &'a str),
    pub(super) user: Option<&'a str>,
    pub(super) password: Option<&'a str>,
}

impl Hello<'_> {
    /// The first packet.
    pub(super) fn packet(&self) -> io::Result<Vec<u8>> {
        // Nothing is left of an earlier connection; there is a will, and it is retained.
        let mut flags = 0b0010_0110;
        flags |= u8::from(self.user.is_some()) << 7;
        flags |= u8::from(self.password.is_some()) << 6;
        let mut body = Vec::new();
        append_text(&mut body, b"MQTT")?;
        body.extend([4, flags]);
        body.extend(self.keep_alive_seconds.to_be_bytes());
        let (topic, payload) = self.will;
        let fields = [
            Some(self.client),
            Some(topic),
            Some(payload),
            self.user,
            self.password,
        ];
        for text in fields.into_iter().flatten() {
            append_text(&mut body, text.as_bytes())?;
        }
        let mut packet = Vec::new();
        append_packet(&mut packet, 0x10, &[&body])?;
        Ok(packet)
    }
}

/// Whether the server lets one publish.
pub(super) fn check_welcome(answer: [u8; WELCOME]) -> Result<(), String> {
    match answer {
        [0x20, 2, _, 0] => Ok(()),
        [0x20, 2, _, code] => Err(match code {
            2 => "it refuses the name of this client".to_owned(),
            3 => "it is not available".to_owned(),
            4 | 5 => "it wants a user and a password that it knows".to_owned(),
            other => format!("it refuses the connection (code {other})"),
        }),
        _ => Err("it does not speak MQTT".to_owned()),
    }
}

/// Appends what publishes something that is kept for those who come later.
pub(super) fn append_publication(
    packets: &mut Vec<u8>,
    topic: &str,
    payload: &[u8],
) -> io::Result<()> {
    let mut head = Vec::new();
    append_text(&mut head, topic.as_bytes())?;
    append_packet(packets, 0x31, &[&head, payload])
}

/// Appends a packet of this kind.
fn append_packet(packets: &mut Vec<u8>, kind: u8, parts: &[&[u8]]) -> io::Result<()> {
    let mut length: usize = parts.iter().map(|part| part.len()).sum();
    if length >= 1 << 28 {
        return Err(too_long());
    }
    packets.push(kind);
    loop {
        // Seven bits at a time, the last ones first; the eighth says that more follow.
        let more = if length >= 128 { 0x80 } else { 0 };
        packets.push(u8::try_from(length % 128).unwrap_or(0) | more);
        length /= 128;
        if length == 0 {
            break;
        }
    }
    for part in parts {
        packets.extend_from_slice(part);
    }
    Ok(())
}

fn append_text(body: &mut Vec<u8>, text: &[u8]) -> io::Result<()> {
    let length = u16::try_from(text.len()).map_err(|_| too_long())?;
    body.extend(length.to_be_bytes());
    body.extend_from_slice(text);
    Ok(())
}

fn too_long() -> io::Error {
    io::Error::new(
        ErrorKind::InvalidInput,
        "it is too long for a packet of MQTT",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_have_these_bytes() {
        let hello = Hello {
            client: "me",
            keep_alive_seconds: 10,
            will: ("a", "off"),
            user: Some("u"),
            password: Some("pw"),
        };
        let expected = b"\x10\x1d\0\x04MQTT\x04\xe6\0\x0a\0\x02me\0\x01a\0\x03off\0\x01u\0\x02pw";
        assert_eq!(hello.packet().expect("short"), expected);
        let mut packet = Vec::new();
        append_publication(&mut packet, "a/b", b"1.5").expect("short");
        assert_eq!(packet, b"\x31\x08\0\x03a/b1.5");
    }

    #[test]
    fn long_packets_have_long_lengths() {
        for (payload, length) in [
            (124, vec![127]),
            (125, vec![0x80, 1]),
            (16_380, vec![0xff, 0x7f]),
            (16_381, vec![0x80, 0x80, 1]),
        ] {
            let mut packet = Vec::new();
            append_publication(&mut packet, "a", &vec![b'x'; payload]).expect("short");
            assert_eq!(packet[1..=length.len()], length, "{payload}");
        }
        let long = "x".repeat(65_536);
        append_publication(&mut Vec::new(), &long, b"").expect_err("no topic is so long");
    }

    #[test]
    fn what_a_server_answers_has_words() {
        check_welcome([0x20, 2, 0, 0]).expect("welcome");
        for (answer, said) in [
            ([0x20, 2, 0, 5], "a user and a password"),
            ([0x20, 2, 0, 9], "code 9"),
            (*b"HTTP", "does not speak MQTT"),
        ] {
            let error = check_welcome(answer).expect_err("refused");
            assert!(error.contains(said), "{error}");
        }
    }
}
