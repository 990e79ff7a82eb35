//! Stands in for Windows' icacls.exe and whoami.exe, which do nothing under Wine. The access list of every file is what
//! the file ACCESS_LIST has; without that these do nothing either. `tests/windows.sh` compiles it.

use std::{env, fs, io};

const USER: &str = "S-1-5-21-1-2-3-1001";

fn main() -> io::Result<()> {
    let Some(list) = env::var_os("ACCESS_LIST") else {
        return Ok(());
    };
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["/user", "/fo", "csv", "/nh"] => print!("\"laptop\\jan\",\"{USER}\"\r\n"),
        [file, "/save", to] => {
            let name = file.rsplit('\\').next().expect("a name");
            let text = format!("{name}\r\n{}\r\n", fs::read_to_string(list)?.trim());
            fs::write(
                to,
                text.encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect::<Vec<u8>>(),
            )?;
        }
        [_, "/inheritance:r", "/grant:r", grant] => {
            let user = grant
                .strip_prefix('*')
                .and_then(|grant| grant.strip_suffix(":F"));
            fs::write(list, format!("D:PAI(A;;FA;;;{})", user.expect("a user")))?;
        }
        _ => panic!("{words:?}"),
    }
    Ok(())
}
