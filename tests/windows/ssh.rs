//! Stands in for Windows' ssh.exe: hands the remote command and standard input to a server on this machine, which has a
//! shell, and writes what that says. `tests/windows.sh` compiles it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::{env, process, thread};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let host = arguments.iter().position(|argument| argument == "--");
    let host = &arguments[host.expect("a host behind --") + 1];
    if arguments[0] == "-G" {
        print!("hostname {host}\r\nport 22\r\nproxyjump none\r\n");
        return Ok(());
    }
    // What Windows' own fails without, where a configuration says that connections are shared.
    if !arguments
        .iter()
        .any(|argument| argument == "-oControlPath=none")
    {
        eprintln!("getsockname failed: Not a socket");
        process::exit(255);
    }
    let server = env::var("SSH_SERVER").expect("an address");
    let mut there = TcpStream::connect(server)?;
    let command = arguments.last().expect("a command");
    there.write_all(&u32::try_from(command.len()).expect("short").to_be_bytes())?;
    there.write_all(command.as_bytes())?;
    let mut input = there.try_clone()?;
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut input);
        let _ = input.shutdown(Shutdown::Write);
    });
    let mut piece = [0; 4096];
    loop {
        match there.read(&mut piece)? {
            0 => return Ok(()),
            count => io::stdout().write_all(&piece[..count])?,
        }
        io::stdout().flush()?;
    }
}
