//! What is made of the description of the command line beside its help: completions for shells, manual
//! pages, and the tables of docs/commands.md.

mod bash;
mod fish;
mod man;
mod tables;
mod zsh;

use std::fs;
use std::path::Path;

use argh::{ArgsInfo, CommandInfoWithArgs};

use crate::PROGRAM;
use crate::arguments::{Arguments, Man, Shell};
use crate::new;
use crate::output::{answer, answer_line};

pub use tables::{command_table, exit_code_table, option_table};

/// What a shell needs to complete command lines of this program.
pub(crate) fn completions(shell: Shell) -> String {
    completions_of(PROGRAM, &Arguments::get_args_info(), shell)
}

/// What a shell needs to complete command lines of a program.
pub fn completions_of(program: &str, info: &CommandInfoWithArgs, shell: Shell) -> String {
    let commands = all(program, info);
    match shell {
        Shell::Bash => bash::script(&commands),
        Shell::Zsh => zsh::script(&commands),
        Shell::Fish => fish::script(&commands),
    }
}

/// Prints manual pages, or writes them. An error says what is wrong.
pub(crate) fn man(arguments: &Man) -> Result<(), String> {
    match &arguments.folder {
        Some(folder) => write_pages(folder),
        None => print_page(&arguments.command),
    }
}

fn print_page(command: &[String]) -> Result<(), String> {
    let path = [&[PROGRAM.to_owned()], command].concat().join(" ");
    let commands = all(PROGRAM, &Arguments::get_args_info());
    let Some(index) = commands.iter().position(|command| command.path == path) else {
        return Err(format!(
            "there is no command '{path}'; see '{PROGRAM} --help'"
        ));
    };
    answer(format_args!("{}", man::page(&commands, index)));
    Ok(())
}

fn write_pages(folder: &Path) -> Result<(), String> {
    let failed = |path: &Path, error| format!("cannot write {}: {error}", path.display());
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let pages = pages_of(PROGRAM, &Arguments::get_args_info());
    for (name, page) in &pages {
        let path = folder.join(name);
        fs::write(&path, page).map_err(|error| failed(&path, error))?;
    }
    answer_line!("{} pages in {}", pages.len(), folder.display());
    Ok(())
}

/// The manual pages of a program and all its commands, with the names of their files.
pub fn pages_of(program: &str, info: &CommandInfoWithArgs) -> Vec<(String, String)> {
    let commands = all(program, info);
    let page = |index: usize| {
        let name = format!("{}.1", commands[index].page());
        (name, man::page(&commands, index))
    };
    (0..commands.len()).map(page).collect()
}

/// A command, with the words that name it.
#[derive(Clone, Debug)]
struct Described {
    /// `controller key new`.
    path: String,
    info: CommandInfoWithArgs,
}

impl Described {
    /// The name of its manual page.
    fn page(&self) -> String {
        self.path.replace(' ', "-")
    }

    /// The name of the program.
    fn program(&self) -> &str {
        self.path.split(' ').next().unwrap_or_default()
    }

    /// The name of its function in a shell.
    fn function(&self) -> String {
        format!("_{}", self.page().replace('-', "_"))
    }

    /// The words that name it, without that of the program.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.path.split(' ').skip(1)
    }
}

/// A program and all its commands, each before those below it.
fn all(path: &str, info: &CommandInfoWithArgs) -> Vec<Described> {
    let mut commands = vec![Described {
        path: path.to_owned(),
        info: info.clone(),
    }];
    for below in &info.commands {
        let path = format!("{path} {}", below.name);
        commands.append(&mut all(&path, &below.command));
    }
    commands
}

/// What a value on the command line is, as far as a shell can complete it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    File,
    Folder,
    OneOf(Vec<String>),
    /// Nobody knows beforehand: a name, a number, a host.
    Free,
}

impl Value {
    /// By the name that its description gives it.
    fn called(name: &str, info: &CommandInfoWithArgs) -> Self {
        match name {
            "file" | "scenario" | "target" => Self::File,
            "folder" => Self::Folder,
            "type" => Self::OneOf(models::CATALOGUE.names().map(str::to_owned).collect()),
            "choice" => Self::OneOf(new::names().map(str::to_owned).collect()),
            "shell" => Self::OneOf(["bash", "zsh", "fish"].map(str::to_owned).to_vec()),
            "command" if info.name == "man" => {
                let root = Arguments::get_args_info();
                Self::OneOf(root.commands.iter().map(|c| c.name.to_owned()).collect())
            }
            _ => Self::Free,
        }
    }

    /// What stands at the place of this argument of a command.
    fn of_positional(command: &Described) -> Self {
        let last = command.info.positionals.last();
        last.map_or(Self::Free, |last| Self::called(last.name, &command.info))
    }
}
