//! Which node or bridge for which processor, and where it is on this machine.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::service::Service;
use crate::cards::Kind;

/// A processor and the programs for it.
struct Processor {
    /// What `uname -m` says, or a node on a card.
    name: &'static str,
    /// The targets whose programs run on it, best first.
    targets: &'static [&'static str],
    /// How ELF files name it: class and machine.
    elf: (u8, u16),
}

const ARMV7: &[&str] = &[
    "armv7-unknown-linux-musleabihf",
    "arm-unknown-linux-musleabi",
];

const PROCESSORS: &[Processor] = &[
    Processor {
        name: "aarch64",
        targets: &["aarch64-unknown-linux-musl"],
        elf: (2, 183),
    },
    Processor {
        name: "armv8l",
        targets: ARMV7,
        elf: (1, 40),
    },
    Processor {
        name: "armv7l",
        targets: ARMV7,
        elf: (1, 40),
    },
    Processor {
        name: "armv6l",
        targets: &["arm-unknown-linux-musleabi"],
        elf: (1, 40),
    },
    // What a node on a card says, whichever of them it runs on.
    Processor {
        name: "arm",
        targets: &["arm-unknown-linux-musleabi"],
        elf: (1, 40),
    },
    Processor {
        name: "x86_64",
        targets: &["x86_64-unknown-linux-musl"],
        elf: (2, 62),
    },
];

/// Where packages put nodes and bridges, seen from the folder above that of the controller: `/usr` for Debian's, a
/// Python environment for the wheel.
const INSTALLED: &str = "lib/illuminator/nodes";

/// Where nodes and bridges are looked for.
#[derive(Debug)]
pub(crate) struct Binaries {
    /// Folders in which files are called `illuminator-node-<target>` and `illuminator-bridge-<target>`.
    folders: Vec<PathBuf>,
    /// The `target` folder of a checkout.
    checkout: Option<PathBuf>,
}

/// A program for another machine.
#[derive(Debug)]
pub(super) struct Binary {
    pub(super) path: PathBuf,
}

impl Binaries {
    /// Looks in this folder first, then where nodes usually are.
    pub(crate) fn new(first: Option<&Path>) -> Self {
        // Installers of Python programs put a symbolic link to a command on the path.
        let own = std::env::current_exe().and_then(std::fs::canonicalize);
        Self::of(own.ok().as_deref(), first)
    }

    /// Likewise for the controller that is this file.
    fn of(own: Option<&Path>, first: Option<&Path>) -> Self {
        let beside = own.and_then(Path::parent);
        let above = beside.and_then(Path::parent);
        // pip on Windows, for one user: commands are in the folder of a version of Python, files beside that.
        let scripts = beside.filter(|folder| folder.ends_with("Scripts"));
        let shared = scripts.and(above).and_then(Path::parent);
        let folders = [
            first.map(Path::to_owned),
            beside.map(|folder| folder.join("nodes")),
            above.map(|folder| folder.join(INSTALLED)),
            shared.map(|folder| folder.join(INSTALLED)),
        ];
        Self {
            folders: folders.into_iter().flatten().collect(),
            // target/release/controller
            checkout: above.map(Path::to_owned),
        }
    }

    /// Where a program for a target may be, best first.
    pub(super) fn places(&self, program: Service, target: &str) -> impl Iterator<Item = PathBuf> {
        let name = format!("{}-{target}", program.name());
        let folders = self.folders.iter().map(move |folder| folder.join(&name));
        let built = format!("{target}/node/{}", program.name());
        folders.chain(self.checkout.iter().map(move |root| root.join(&built)))
    }

    /// The image that cards for a kind of Pis are made from.
    pub(crate) fn image(&self, kind: Kind) -> Result<PathBuf, String> {
        let (pi, name) = (kind.name(), kind.image());
        let folders = self.folders.iter().map(|folder| folder.join(name));
        let built = self
            .checkout
            .iter()
            .map(|root| root.join("image").join(name));
        folders.chain(built).find(|path| path.is_file()).ok_or_else(|| {
            format!(
                "there is no image here to make cards for {pi} Pis from; build it with 'node/image/build.sh {pi}' in \
                 the project's folder on Linux, or put {name} of a release into '{}', or name it with --base",
                self.folders[0].display()
            )
        })
    }

    /// A program for what `uname -m` says.
    pub(super) fn for_processor(
        &self,
        program: Service,
        processor: &str,
    ) -> Result<Binary, String> {
        let (kind, name) = (program.kind(), program.name());
        let known = PROCESSORS.iter().find(|known| known.name == processor);
        let Some(Processor { targets, elf, .. }) = known else {
            let names: Vec<&str> = PROCESSORS.iter().map(|known| known.name).collect();
            let names = names.join(", ");
            return Err(format!(
                "there is no {kind} for its processor '{processor}' (there are: {names})"
            ));
        };
        let mut places = targets
            .iter()
            .flat_map(|target| self.places(program, target));
        let Some(path) = places.find(|path| path.is_file()) else {
            let (target, folder) = (targets[0], self.folders[0].display());
            return Err(format!(
                "there is no {kind} for {target} here; build it with 'node/build.sh {option}{target}' in the \
                 project's folder, or put {name}-{target} into '{folder}'",
                option = program.build_option()
            ));
        };
        check_elf(&path, *elf)?;
        Ok(Binary { path })
    }
}

/// Checks that a file is a program for a processor.
fn check_elf(path: &Path, (class, machine): (u8, u16)) -> Result<(), String> {
    let name = path.display();
    let mut head = [0; 20];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut head))
        .map_err(|error| format!("cannot read '{name}': {error}"))?;
    if head[..4] != *b"\x7fELF" {
        return Err(format!("'{name}' is not a program for Linux"));
    }
    let found = u16::from_le_bytes([head[18], head[19]]);
    if (head[4], found) == (class, machine) {
        return Ok(());
    }
    Err(format!(
        "'{name}' is for another processor: its ELF machine is {found} and should be {machine}"
    ))
}

impl Binary {
    /// All of it.
    pub(super) fn read(&self) -> Result<Vec<u8>, String> {
        let name = self.path.display();
        std::fs::read(&self.path).map_err(|error| format!("cannot read '{name}': {error}"))
    }

    /// Checksum and length, as POSIX `cksum` prints them.
    pub(super) fn sum(&self) -> Result<String, String> {
        let name = self.path.display();
        let cannot = |error: std::io::Error| format!("cannot read '{name}': {error}");
        let file = File::open(&self.path).map_err(cannot)?;
        cksum(BufReader::new(file)).map_err(cannot)
    }
}

/// The CRC that POSIX describes for `cksum`: its polynomial, over the content and then the length,
/// least significant byte first.
fn cksum(mut content: impl Read) -> std::io::Result<String> {
    let table = table();
    let step = |crc: u32, byte: u8| (crc << 8) ^ table[usize::from((crc >> 24) as u8 ^ byte)];
    let (mut crc, mut length) = (0_u32, 0_u64);
    let mut piece = [0; 8192];
    loop {
        let count = content.read(&mut piece)?;
        if count == 0 {
            break;
        }
        length += count as u64;
        crc = piece[..count]
            .iter()
            .fold(crc, |crc, &byte| step(crc, byte));
    }
    let mut rest = length;
    while rest > 0 {
        crc = step(crc, (rest & 0xff) as u8);
        rest >>= 8;
    }
    Ok(format!("{} {length}", !crc))
}

fn table() -> [u32; 256] {
    std::array::from_fn(|index| {
        let start = u32::try_from(index).unwrap_or_default() << 24;
        (0..8).fold(start, |crc, _| {
            let carry = crc >> 31;
            (crc << 1) ^ (carry * 0x04c1_1db7)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_posix() {
        // printf '' | cksum; printf 123456789 | cksum; head -c 10000 /dev/zero | cksum
        for (content, expected) in [
            (&b""[..], "4294967295 0"),
            (b"123456789", "930766865 9"),
            (&[0; 10_000], "1774879241 10000"),
        ] {
            assert_eq!(cksum(content).expect("readable"), expected);
        }
    }

    #[test]
    fn a_processor_has_its_node() {
        let folder = tempfile::tempdir().expect("a folder");
        let binaries = Binaries::new(Some(folder.path()));
        let write = |target: &str, class: u8, machine: u8| {
            let mut head = [0; 64];
            head[..5].copy_from_slice(&[0x7f, b'E', b'L', b'F', class]);
            head[18] = machine;
            let path = folder.path().join(format!("illuminator-node-{target}"));
            std::fs::write(path, head).expect("written");
        };
        write("arm-unknown-linux-musleabi", 1, 40);
        write("aarch64-unknown-linux-musl", 2, 62);
        // A Pi 3 runs the node of a Pi Zero where there is none of its own.
        for processor in ["armv6l", "armv7l", "arm"] {
            let zero = binaries
                .for_processor(Service::Node, processor)
                .expect("found");
            assert!(
                zero.path
                    .ends_with("illuminator-node-arm-unknown-linux-musleabi")
            );
        }
        let wrong = binaries
            .for_processor(Service::Node, "aarch64")
            .expect_err("for a PC");
        assert!(
            wrong.contains("ELF machine is 62 and should be 183"),
            "{wrong}"
        );
        let none = binaries
            .for_processor(Service::Node, "riscv64")
            .expect_err("unknown");
        assert!(
            none.contains("'riscv64'") && none.contains("armv7l"),
            "{none}"
        );
    }

    #[test]
    fn an_installed_controller_has_nodes_in_the_lib_beside_its_folder() {
        let prefix = tempfile::tempdir().expect("a folder");
        let nodes = prefix.path().join("lib/illuminator/nodes");
        std::fs::create_dir_all(&nodes).expect("made");
        let node = nodes.join("illuminator-node-x86_64-unknown-linux-musl");
        let mut head = [0; 64];
        head[..5].copy_from_slice(b"\x7fELF\x02");
        head[18] = 62;
        std::fs::write(&node, head).expect("written");
        let binaries = Binaries::of(Some(&prefix.path().join("bin/controller")), None);
        let found = binaries.for_processor(Service::Node, "x86_64");
        assert_eq!(found.expect("found").path, node);
    }

    #[test]
    fn a_controller_that_pip_installed_for_one_user_of_windows_has_nodes_beside_the_folder_of_python()
     {
        let base = tempfile::tempdir().expect("a folder");
        let nodes = base.path().join(INSTALLED);
        let name = "illuminator-node-x86_64-unknown-linux-musl";
        let places = |own: &str| -> Vec<PathBuf> {
            Binaries::of(Some(&base.path().join(own)), None)
                .places(Service::Node, "x86_64-unknown-linux-musl")
                .collect()
        };
        assert!(places("Python313/Scripts/controller.exe").contains(&nodes.join(name)));
        assert!(places("Scripts/controller.exe").contains(&nodes.join(name)));
        // Elsewhere that folder may be anybody's.
        assert!(!places("lab/bin/controller").contains(&nodes.join(name)));
    }

    #[test]
    fn the_image_of_cards_is_beside_nodes() {
        let folder = tempfile::tempdir().expect("a folder");
        let binaries = Binaries::new(Some(folder.path()));
        for kind in [Kind::Bits64, Kind::Bits32] {
            let image = folder.path().join(kind.image());
            std::fs::write(&image, b"").expect("written");
            assert_eq!(binaries.image(kind), Ok(image));
        }
        let nowhere = Binaries {
            folders: vec![folder.path().join("no")],
            checkout: None,
        };
        let missing = nowhere.image(Kind::Bits32).expect_err("not there");
        for remedy in [
            "'node/image/build.sh 32-bit'",
            "put illuminator-image-32-bit.img.gz",
            "--base",
        ] {
            assert!(missing.contains(remedy), "{missing}");
        }
    }

    #[test]
    fn what_is_missing_is_named_with_the_way_to_build_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let binaries = Binaries::new(Some(folder.path()));
        let missing = binaries
            .for_processor(Service::Node, "armv7l")
            .expect_err("not there");
        let command = "node/build.sh armv7-unknown-linux-musleabihf";
        assert!(missing.contains(command), "{missing}");
        let missing = binaries.for_processor(Service::Bridge, "armv6l");
        let missing = missing.expect_err("not there");
        let command = "node/build.sh --bridge arm-unknown-linux-musleabi'";
        assert!(missing.contains(command), "{missing}");
    }
}
