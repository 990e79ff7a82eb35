//! What servers want to know of who writes to them: from a file or the environment, where no list of processes
//! shows it.

use std::env;
use std::env::VarError;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// More than this is no secret of a server.
pub(super) const MAX_LENGTH: u64 = 4096;

/// The secret in a file, else in a variable of the environment; `None` where there is neither.
pub(super) fn secret(file: Option<&Path>, variable: &str) -> Result<Option<String>, String> {
    match file {
        Some(path) => in_file(path).map(Some),
        None => in_environment(variable),
    }
}

fn in_environment(variable: &str) -> Result<Option<String>, String> {
    match env::var(variable) {
        Ok(secret) if secret.contains(char::is_control) => Err(format!(
            "{variable} in the environment must be one line, the secret"
        )),
        Ok(secret) => Ok(Some(secret).filter(|secret| !secret.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("{variable} in the environment must be UTF-8")),
    }
}

fn in_file(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let text = read(path).map_err(|cause| format!("cannot read '{shown}': {cause}"))?;
    if text.len() as u64 > MAX_LENGTH {
        return Err(format!(
            "'{shown}' is longer than {MAX_LENGTH} bytes; name a file with one line, the secret"
        ));
    }
    let secret = text.trim();
    if secret.is_empty() || secret.contains(char::is_control) {
        return Err(format!("'{shown}' must have one line, the secret"));
    }
    Ok(secret.to_owned())
}

/// The text in a file, or a piece of it that is longer than any secret.
fn read(path: &Path) -> io::Result<String> {
    let mut text = Vec::new();
    File::open(path)?
        .take(MAX_LENGTH + 1)
        .read_to_end(&mut text)?;
    String::from_utf8(text).map_err(|_| io::Error::other("it must be UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_secret_is_the_one_line_of_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        let missing = secret(Some(&path), "NOBODY_SETS_THIS").expect_err("no file");
        assert!(missing.contains("cannot read '"), "{missing}");
        let read = |text: &[u8]| {
            fs::write(&path, text).expect("written");
            secret(Some(&path), "NOBODY_SETS_THIS")
        };
        assert_eq!(read(b" me:a b\r\n"), Ok(Some("me:a b".to_owned())));
        for (text, said) in [
            (&b""[..], "one line"),
            (b"\n \n", "one line"),
            (b"sesame\nsesame", "one line"),
            (b"sesame\xff", "UTF-8"),
            (&[b's'; 4097], "longer than 4096 bytes"),
        ] {
            let wrong = read(text).expect_err("no secret");
            assert!(wrong.contains(said) && !wrong.contains("ss"), "{wrong}");
            assert!(!wrong.contains("sesame"), "{wrong}");
        }
        let folder = secret(Some(folder.path()), "NOBODY_SETS_THIS");
        assert!(folder.expect_err("a folder").contains("cannot read '"));
        assert_eq!(secret(None, "NOBODY_SETS_THIS"), Ok(None));
    }
}
