#!/usr/bin/env python3
"""macos.py FILE…: what can be seen of wheels and programs for Macs without a Mac. pip takes a wheel for one; in it are
controller and bridge, which may be executed, nodes and licences. Programs are for the processor and the macOS that the
name of the wheel promises, or the folder of the program's target; they are linked with libraries that every macOS has, and
have the signature without which Apple's processors refuse a program, with a hash for each of their pages.
"""

import hashlib
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# The numbers of processors in programs, and what wheels call them.
PROCESSORS = {0x0100000C: "arm64", 0x01000007: "x86_64"}

# What a program is for whose target has this name: the processor, and the oldest macOS.
TARGETS = {"aarch64-apple-darwin": ("arm64", (11, 0)), "x86_64-apple-darwin": ("x86_64", (10, 12))}

# Libraries that are part of every macOS.
LIBRARIES = {
    "/usr/lib/libSystem.B.dylib",
    "/usr/lib/libiconv.2.dylib",
    "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
}

# Load commands. The second one names a library that need not be there.
LIBRARY, WEAK_LIBRARY, SIGNATURE, OLDEST_MACOS, OLDEST_SYSTEM = 0xC, 0x80000018, 0x1D, 0x24, 0x32

PROGRAM, DIRECTORY, SIGNATURES = 0xFEEDFACF, 0xFADE0C02, 0xFADE0CC0
EXECUTABLE, POSITION_INDEPENDENT = 2, 0x200000
MACOS = 1
ADHOC = 2


class Wrong(Exception):
    """Something is not as a Mac wants it."""


def expect(holds, what):
    if not holds:
        raise Wrong(what)


def commands(program):
    """The load commands of a program: what each is, and its bytes."""
    at = 32
    for _ in range(struct.unpack_from("<I", program, 16)[0]):
        kind, length = struct.unpack_from("<2I", program, at)
        yield kind, program[at : at + length]
        at += length


def version(number):
    return number >> 16, number >> 8 & 0xFF


def check_signature(program, at, length):
    """A signature without an identity: a list of hashes, of all pages before it."""
    magic, _, count = struct.unpack_from(">3I", program, at)
    expect(magic == SIGNATURES, "its signature is none")
    places = dict(struct.unpack_from(">2I", program, at + 12 + 8 * number) for number in range(count))
    directory = program[at + places[0] : at + length]
    (magic, _, _, flags, hashes, _, _, pages, limit) = struct.unpack_from(">9I", directory)
    size, kind, _, page = struct.unpack_from("4B", directory, 36)
    expect(magic == DIRECTORY and flags & ADHOC, "its signature is not one without an identity")
    expect((size, kind) == (32, 2), "its pages have no SHA-256")
    expect(limit == at and pages == -(-limit >> page), "its signature is not for all of it")
    for number in range(pages):
        content = program[number << page : min(limit, number + 1 << page)]
        known = directory[hashes + size * number :][:size]
        expect(hashlib.sha256(content).digest() == known, f"page {number} is not the one that was signed")


def check_program(program, processor, macos):
    magic, own, _, kind, _, _, flags, _ = struct.unpack_from("<8I", program)
    expect(magic == PROGRAM, "it is no program for a Mac")
    expect(PROCESSORS.get(own) == processor, f"it is not for {processor}")
    expect(kind == EXECUTABLE and flags & POSITION_INDEPENDENT, "it is not executable from anywhere in memory")
    oldest, signed, libraries = None, False, set()
    for kind, command in commands(program):
        if kind in (LIBRARY, WEAK_LIBRARY):
            [place] = struct.unpack_from("<I", command, 8)
            libraries.add(command[place:].rstrip(b"\0").decode())
        elif kind == OLDEST_MACOS:
            oldest = version(*struct.unpack_from("<I", command, 8))
        elif kind == OLDEST_SYSTEM:
            system, number = struct.unpack_from("<2I", command, 8)
            expect(system == MACOS, "it is for another system of Apple's")
            oldest = version(number)
        elif kind == SIGNATURE:
            check_signature(program, *struct.unpack_from("<2I", command, 8))
            signed = True
    expect(oldest is not None and oldest <= macos, f"it wants macOS {oldest}, and the wheel promises {macos}")
    expect("/usr/lib/libSystem.B.dylib" in libraries, "it is not linked with the system")
    expect(libraries <= LIBRARIES, f"it is linked with {sorted(libraries - LIBRARIES)}")
    expect(signed or processor != "arm64", "it has no signature, and Apple's processors refuse it")
    oldest = ".".join(map(str, oldest))
    libraries = " and ".join(sorted(library.rsplit("/", 1)[1] for library in libraries))
    return f"{processor}, macOS {oldest} and later, linked with {libraries}, {'signed' if signed else 'not signed'}"


def check_wheel(path):
    tag = re.search(r"-py3-none-(macosx_(\d+)_(\d+)_(\w+))\.whl$", path.name)
    expect(tag, "its name has no tag for macOS")
    platform, *macos, processor = tag.groups()
    macos = tuple(map(int, macos))
    with tempfile.TemporaryDirectory() as folder:
        pip = "-m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-index --no-deps"
        only = f"--platform {platform} --only-binary :all: --target".split()
        subprocess.run([sys.executable, *pip.split(), *only, folder, path], check=True)
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        nodes = [name for name in names if "/lib/illuminator/nodes/illuminator-node-" in name]
        expect(len(nodes) == 4 and all(wheel.getinfo(name).file_size for name in nodes), f"it has the nodes {nodes}")
        expect(any(name.endswith("/LICENCES.txt") for name in names), "it has no licences")
        for program in "controller", "illuminator-bridge":
            [name] = [name for name in names if name.endswith(f".data/scripts/{program}")]
            expect(wheel.getinfo(name).external_attr >> 16 & 0o111, f"{program} may not be executed")
            try:
                print(f"{path.name}, {program}: {check_program(wheel.read(name), processor, macos)}")
            except Wrong as what:
                raise Wrong(f"{program}: {what}") from None


def check(path):
    if path.suffix == ".whl":
        return check_wheel(path)
    targets = [TARGETS[part] for part in path.resolve().parts if part in TARGETS]
    expect(len(targets) == 1, f"it is in no folder of a target: {', '.join(TARGETS)}")
    print(f"{path.name}: {check_program(path.read_bytes(), *targets[0])}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for argument in map(Path, sys.argv[1:]):
        try:
            check(argument)
        except Wrong as what:
            sys.exit(f"{argument}: {what}")
