//! Access lists, by the system's own programs: safe code of the standard library does not come to them.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::process::CommandExt;
use std::path::{self, Path, PathBuf};
use std::process::{Command, Stdio};

use super::Exposure;
use super::access_list::{name_of, others, user_in};

/// A program without a console opens none for these.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// Whoever owns a file, for where the system does not say who the user is.
const OWNER: &str = "S-1-3-4";

pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)?;
    let opened = close_and_open(path);
    if opened.is_err() {
        // An empty file helps nobody.
        let _ = fs::remove_file(path);
    }
    opened
}

/// Nobody else comes to the file from here on, and nobody has opened it before: then it could not be opened for this
/// process alone.
fn close_and_open(path: &Path) -> io::Result<File> {
    restrict(path)?;
    if let Some(Exposure { to, .. }) = exposure_of(path)? {
        return Err(io::Error::other(format!(
            "it stays open to others ({to}); choose a folder on a disk that has access rights, such as one of yours"
        )));
    }
    OpenOptions::new().write(true).share_mode(0).open(path)
}

pub(super) fn restrict(path: &Path) -> io::Result<()> {
    let user = user()?.unwrap_or_else(|| OWNER.to_owned());
    icacls(
        path,
        [
            "/inheritance:r".as_ref(),
            "/grant:r".as_ref(),
            grant(&user).as_ref(),
        ],
    )
}

pub(super) fn exposure(_: &File, path: &Path) -> io::Result<Option<Exposure>> {
    exposure_of(path)
}

fn exposure_of(path: &Path) -> io::Result<Option<Exposure>> {
    let folder = tempfile::tempdir()?;
    let saved = folder.path().join("list");
    icacls(path, ["/save".as_ref(), saved.as_os_str()])?;
    let saved = match fs::read(&saved) {
        Ok(saved) => saved,
        // Wine's icacls does nothing. The files there have permission bits, which it does not show.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut others =
        others(&saved).ok_or_else(|| io::Error::other("icacls shows no access list of it"))?;
    if others.is_empty() {
        return Ok(None);
    }
    let user = user()?;
    others.retain(|other| Some(other) != user.as_ref());
    Ok((!others.is_empty()).then(|| {
        let others: Vec<&str> = others.iter().map(|other| name_of(other)).collect();
        let (path, grant) = (path.display(), grant(user.as_deref().unwrap_or(OWNER)));
        Exposure {
            to: others.join(", "),
            // The first takes away what was granted on the file itself, the second what it has from its folder.
            remedy: format!(
                "'icacls \"{path}\" /reset' and then 'icacls \"{path}\" /inheritance:r /grant:r {grant}'"
            ),
        }
    }))
}

/// How `icacls` is told that somebody may do everything.
fn grant(user: &str) -> String {
    format!("*{user}:F")
}

/// Who this process runs as; `None` under Wine, which does not tell.
fn user() -> io::Result<Option<String>> {
    let said = run("whoami.exe", ["/user", "/fo", "csv", "/nh"].map(OsStr::new))?;
    Ok(user_in(&said).map(str::to_owned))
}

fn icacls<const N: usize>(path: &Path, arguments: [&OsStr; N]) -> io::Result<()> {
    // One that begins with a slash is no option.
    let path = path::absolute(path)?;
    run(
        "icacls.exe",
        [path.as_os_str()].into_iter().chain(arguments),
    )?;
    Ok(())
}

/// Runs a program of the system, and returns what it said.
fn run<'a>(name: &str, arguments: impl IntoIterator<Item = &'a OsStr>) -> io::Result<String> {
    let windows = env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
    let program = PathBuf::from(windows).join("System32").join(name);
    let output = Command::new(&program)
        .args(arguments)
        .stdin(Stdio::null())
        .creation_flags(CREATE_NO_WINDOW)
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", program.display())))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("{name}: {}", said.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
