//! Errors with what they come from, in one text.

use std::error::Error;

/// An error and its sources, from the outside in: `cannot read 'x.yaml': permission denied`. Each is
/// shown with all that it has (`{:#}`).
pub fn chain(error: &dyn Error) -> String {
    let mut text = format!("{error:#}");
    let mut next = error.source();
    while let Some(source) = next {
        let more = format!("{source:#}");
        // Errors of the system, and of other crates, often have the text of their source in their own.
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use thiserror::Error;

    #[derive(Debug, Error)]
    enum Failure {
        #[error("cannot read 'x'")]
        Read(#[source] io::Error),
        #[error("cannot read 'x': {0}")]
        ReadAndSaid(#[source] io::Error),
        #[error(transparent)]
        Inner(Box<Failure>),
    }

    #[test]
    fn a_source_follows_once_whoever_shows_it() {
        let cause = || io::Error::other("it is gone");
        for failure in [
            Failure::Read(cause()),
            Failure::ReadAndSaid(cause()),
            Failure::Inner(Box::new(Failure::Read(cause()))),
        ] {
            assert_eq!(chain(&failure), "cannot read 'x': it is gone");
        }
    }
}
