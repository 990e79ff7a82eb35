//! The programs that a bridge may start.

use std::collections::BTreeMap;
use std::path::Path;

use foreign::{Fault, Program, SimulatorRequest};
use node::config::ProgramSetting;
use terminal::spelling::nearest;

/// The keys of a program.
const KEYS: &str = "python, command, connect, interpreter, folder";

/// Programs by the names that scenarios have for them.
#[derive(Debug, Default)]
pub(super) struct Listed(BTreeMap<String, Entry>);

/// A program that may be started.
#[derive(Debug)]
struct Entry {
    program: Program,
    /// Where its modules are.
    folder: Option<String>,
}

impl Listed {
    /// Takes what a configuration says; or tells what is wrong with it, and in which line.
    pub(super) fn read(settings: &[ProgramSetting]) -> Result<Self, (usize, String)> {
        let mut by_name: BTreeMap<&str, (usize, BTreeMap<&str, &str>)> = BTreeMap::new();
        for setting in settings {
            let first = || (setting.line, BTreeMap::new());
            let (_, said) = by_name.entry(&setting.program).or_insert_with(first);
            said.insert(&setting.key, &setting.text);
        }
        let entries = by_name.into_iter().map(|(name, (line, said))| {
            let entry = Entry::read(name, said).map_err(|what| (line, what))?;
            Ok((name.to_owned(), entry))
        });
        entries.collect::<Result<_, _>>().map(Self)
    }

    /// What a request for a program comes to here: what is listed under its name, if that is what is wanted.
    pub(super) fn allow(
        &self,
        mut request: SimulatorRequest,
        file: &Path,
    ) -> Result<SimulatorRequest, Fault> {
        let file = file.display();
        let refused = |code: &'static str, message: String| Fault {
            code: code.into(),
            simulator: request.name.clone(),
            message,
            request: None,
            output: Vec::new(),
        };
        let Some(entry) = self.0.get(&request.listed_as) else {
            let near = nearest(&request.listed_as, self.0.keys().map(String::as_str));
            let near = near.map_or(String::new(), |near| format!(", did you mean '{near}'?"));
            let message = format!(
                "this machine starts no program that its own configuration does not list{near}; write \
                 [programs.{}] and {} into {file} there",
                request.listed_as,
                setting(&request.program),
            );
            return Err(refused("program_not_listed", message));
        };
        if said(&entry.program) != said(&request.program) {
            let message = format!(
                "{file} of this machine lists it with {}, and the scenario has {}; change one of them",
                setting(&entry.program),
                setting(&request.program),
            );
            return Err(refused("program_differs", message));
        }
        request.program = entry.program.clone();
        request.folders = entry.folder.iter().cloned().collect();
        Ok(request)
    }
}

impl Entry {
    /// A program of this name, of which this is said.
    fn read(name: &str, mut said: BTreeMap<&str, &str>) -> Result<Self, String> {
        let mut take = |key| said.remove(key).map(str::to_owned);
        let interpreter = take("interpreter");
        let folder = take("folder");
        let program = match (take("python"), take("command"), take("connect")) {
            (Some(class), None, None) => Program::Python { class, interpreter },
            (None, Some(line), None) => Program::Command { line, interpreter },
            (None, None, Some(address)) => Program::Connect { address },
            _ => {
                return Err(format!(
                    "[programs.{name}] must have one of 'python', 'command' and 'connect', such as python = \
                     \"my_models.battery:MyBattery\""
                ));
            }
        };
        match said.keys().next() {
            None => Ok(Self { program, folder }),
            Some(key) => Err(format!(
                "[programs.{name}] has an unknown key '{key}' (keys: {KEYS})"
            )),
        }
    }
}

/// What a scenario says of a program as well: what runs it is the business of its machine.
fn said(program: &Program) -> (u8, &str) {
    match program {
        Program::Python { class, .. } => (0, class),
        Program::Command { line, .. } => (1, line),
        Program::Connect { address } => (2, address),
    }
}

/// How a configuration says it.
fn setting(program: &Program) -> String {
    let (key, text) = (["python", "command", "connect"], said(program));
    format!(
        "{} = \"{}\"",
        key[usize::from(text.0)],
        text.1.escape_debug()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting_of(program: &str, key: &str, text: &str) -> ProgramSetting {
        ProgramSetting {
            line: 7,
            program: program.into(),
            key: key.into(),
            text: text.into(),
        }
    }

    fn request(name: &str, class: &str) -> SimulatorRequest {
        SimulatorRequest {
            name: "Bath".into(),
            listed_as: name.into(),
            program: Program::Python {
                class: class.into(),
                interpreter: Some("/bin/sh".into()),
            },
            folders: vec!["/tmp".into()],
            resolution: 900,
            ticks: 4,
            init: Vec::new(),
            entities: Vec::new(),
            calls: Vec::new(),
            pipeline: true,
        }
    }

    fn listed() -> Listed {
        let settings = [
            setting_of("Store", "python", "battery:Store"),
            setting_of("Store", "folder", "/home/pi/models"),
            setting_of("Sun", "command", "python3 sun.py %(addr)s"),
        ];
        Listed::read(&settings).expect("programs")
    }

    fn refused(request: SimulatorRequest) -> (String, String) {
        let fault = listed()
            .allow(request, Path::new("b.toml"))
            .expect_err("refused");
        (fault.code.into_owned(), fault.message)
    }

    #[test]
    fn a_listed_program_runs_as_its_machine_says() {
        let allowed = listed().allow(request("Store", "battery:Store"), Path::new("b.toml"));
        let allowed = allowed.expect("listed");
        let program = Program::Python {
            class: "battery:Store".into(),
            interpreter: None,
        };
        assert_eq!(
            allowed.program, program,
            "not with the interpreter of somebody else"
        );
        assert_eq!(allowed.folders, ["/home/pi/models"]);
    }

    #[test]
    fn what_is_not_listed_is_not_started() {
        let (code, message) = refused(request("Stor", "battery:Store"));
        assert_eq!(code, "program_not_listed");
        assert!(message.contains("did you mean 'Store'?"), "{message}");
        let line = "write [programs.Stor] and python = \"battery:Store\" into b.toml there";
        assert!(message.contains(line), "{message}");
        let (code, message) = refused(request("Store", "os:system"));
        assert_eq!(code, "program_differs");
        assert!(message.contains("python = \"battery:Store\""), "{message}");
        assert_eq!(refused(request("Sun", "sun")).0, "program_differs");
    }

    #[test]
    fn a_configuration_that_lists_no_program_is_refused() {
        let wrong = |settings: &[ProgramSetting]| {
            let (line, what) = Listed::read(settings).expect_err("refused");
            assert_eq!(line, 7);
            what
        };
        let none = wrong(&[setting_of("A", "folder", "x")]);
        assert!(
            none.starts_with("[programs.A] must have one of 'python'"),
            "{none}"
        );
        let two = [
            setting_of("A", "python", "x:Y"),
            setting_of("A", "connect", "h:1"),
        ];
        assert!(wrong(&two).starts_with("[programs.A] must have one"));
        let unknown = [
            setting_of("A", "python", "x:Y"),
            setting_of("A", "pyhton", "z"),
        ];
        assert!(wrong(&unknown).contains("unknown key 'pyhton'"));
    }
}
