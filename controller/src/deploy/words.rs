//! What the other side says: its bytes, made text that can be shown.

use smol::io::{AsyncRead, AsyncReadExt};

/// The most that is read of what a host says.
pub(super) const MOST_SAID: usize = 256 * 1024;

/// The longest reason that is shown.
const LONGEST: usize = 300;

/// Bytes of another machine as text. Lines end in a line feed alone, whatever ended them there: ssh
/// ends its own with a carriage return before it.
pub(super) fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\r', "")
}

/// The last of what was said, on one line; empty if nothing was.
pub(super) fn last_words(text: &str) -> String {
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.unwrap_or_default()
        .trim()
        .chars()
        .take(LONGEST)
        .collect()
}

/// The last words on standard error, else those on standard output: the other side's reason may be on
/// either.
pub(super) fn reason(stderr: &str, stdout: &str) -> String {
    let mut reasons = [stderr, stdout].into_iter().map(last_words);
    let reason = reasons.find(|reason| !reason.is_empty());
    reason.unwrap_or_else(|| "no reason given".to_owned())
}

/// The lines of a stream, as they come.
#[derive(Debug)]
pub(super) struct Lines<R> {
    stream: R,
    /// What has come since the last line.
    rest: Vec<u8>,
    /// All that was said so far.
    pub(super) said: String,
    has_ended: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(stream: R) -> Self {
        Self {
            stream,
            rest: Vec::new(),
            said: String::new(),
            has_ended: false,
        }
    }

    /// The next line, without its end; `None` at the end of the stream, or where it says too much.
    pub(super) async fn next(&mut self) -> Option<String> {
        let mut piece = [0; 4096];
        loop {
            if let Some(end) = self.rest.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(self.take(&line));
            }
            if self.has_ended || self.said.len() + self.rest.len() > MOST_SAID {
                let rest = std::mem::take(&mut self.rest);
                return (!rest.is_empty()).then(|| self.take(&rest));
            }
            match self.stream.read(&mut piece).await {
                Ok(count) if count > 0 => self.rest.extend_from_slice(&piece[..count]),
                _ => self.has_ended = true,
            }
        }
    }

    fn take(&mut self, line: &[u8]) -> String {
        let line = text_of(line);
        let line = line.trim_end_matches('\n');
        self.said.push_str(line);
        self.said.push('\n');
        line.to_owned()
    }

    /// Reads on to the end and keeps nothing, so that whoever writes is not held up.
    pub(super) async fn swallow(mut self) {
        let mut piece = [0; 4096];
        while matches!(self.stream.read(&mut piece).await, Ok(count) if count > 0) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_long_and_whatever_is_in_them() {
        let long = "é".repeat(5000);
        let said = format!("{long}\r\nlistens\n\nend").into_bytes();
        let said = [&said[..], b"\xff"].concat();
        let mut lines = Lines::new(&said[..]);
        let mut next = || smol::block_on(lines.next());
        assert_eq!(next(), Some(long));
        assert_eq!(next().as_deref(), Some("listens"));
        assert_eq!(next().as_deref(), Some(""));
        assert_eq!(next().as_deref(), Some("end\u{fffd}"));
        assert_eq!(next(), None);
        assert!(lines.said.ends_with("listens\n\nend\u{fffd}\n"));
    }

    #[test]
    fn whoever_talks_without_end_is_not_heard_to_the_end() {
        let said = vec![b'x'; 2 * MOST_SAID];
        let mut lines = Lines::new(&said[..]);
        assert!(smol::block_on(lines.next()).is_some_and(|line| line.len() < MOST_SAID + 5000));
        assert_eq!(smol::block_on(lines.next()), None);
    }

    #[test]
    fn a_reason_is_what_was_said_last_on_either_stream() {
        assert_eq!(reason("a\r\nb \r\n\r\n", "c"), "b");
        assert_eq!(
            reason("\n", "This account is not available.\n"),
            "This account is not available."
        );
        assert_eq!(reason("", ""), "no reason given");
        assert_eq!(last_words(&"é".repeat(500)).chars().count(), LONGEST);
    }
}
