#!/usr/bin/env python3
"""licences.py FILE PACKAGE:TARGET…: writes FILE, the licences of what others made that is in these programs: crates, what
a crate of ours holds beside code, Rust's standard library, and the C library that a target is linked with.

It comes along wherever a program does. Texts are those in the crates' own files and in the toolchain's, as they are on
this machine for who has built the program. A crate without a text is an error, and nothing is written.
"""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What crates call such a file.
CALLED = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)

# What crates of ours hold that others made, beside code.
HELD = {
    "illuminator-controller": {
        "uPlot, which draws charts on the page": "controller/page/vendor/uPlot.LICENSE",
        "DejaVu Sans, the font of plots": "controller/src/chart/font/LICENSE",
    }
}

MINGW = Path("/usr/share/doc/mingw-w64-x86-64-dev/copyright")


class Missing(Exception):
    """There is no text of a licence."""


def texts(crate, licence, folder):
    """The texts of a crate's licences, from the files in its folder that are called so."""
    files = sorted(path for path in folder.iterdir() if CALLED.match(path.name) and path.is_file())
    found = [path.read_text(encoding="utf-8", errors="replace").strip() for path in files]
    found = [text for text in found if text]
    if not found:
        raise Missing(
            f"{crate} ({licence}) has no text of its licence in {folder}, and must not be in what is shipped without one: "
            "take a version or a crate that has it"
        )
    return found


class Plain(HTMLParser):
    """A page as text. What stands in it as it is, and stood there before, is named alone."""

    def __init__(self):
        super().__init__()
        self.parts, self.exact, self.known = [], None, set()

    def handle_starttag(self, tag, attrs):
        if tag == "pre":
            self.exact = []

    def handle_endtag(self, tag):
        if tag == "pre" and self.exact is not None:
            text = "".join(self.exact).strip()
            alike = " ".join(text.split())
            self.parts.append("\n(as above)\n" if alike in self.known else f"\n{text}\n")
            self.known.add(alike)
            self.exact = None

    def handle_data(self, data):
        if self.exact is not None:
            self.exact.append(data)
        elif data.strip():
            self.parts.append(" ".join(data.split()) + "\n")


def musl(libm):
    """The notice of musl, which is in the licence of the crate libm: that is made after it."""
    if not any("Rich Felker" in text for text in libm):
        raise Missing("the licence of the crate libm has the notice of musl no more: name another place for it in licences.py")
    return libm


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def standard_library():
    page = Path(output("rustc", "--print", "sysroot").strip()) / "share/doc/rust/COPYRIGHT-library.html"
    if not page.is_file():
        raise Missing(f"{page} is not there, which has the licences of Rust's standard library: take a toolchain of rustup")
    plain = Plain()
    plain.feed(page.read_text(encoding="utf-8"))
    return "".join(plain.parts).strip()


def gathered(programs):
    """What is in these programs, by its name: its licence and the texts of that."""
    # Without what only other systems need, which would have to be fetched.
    platforms = [word for target in sorted({target for _, target in programs}) for word in ("--filter-platform", target)]
    metadata = json.loads(output("cargo", "metadata", "--locked", "--format-version", "1", *platforms))
    packages = {(package["name"], package["version"]): package for package in metadata["packages"]}
    found = {}
    for package, target in programs:
        tree = output(
            "cargo", "tree", "--locked", "--package", package, "--target", target, "--edges", "normal,no-proc-macro",
            "--prefix", "none", "--format", "{p}",
        )
        for line in tree.splitlines():
            name, version = line.split()[:2]
            crate = packages[name, version[1:]]
            if crate["source"] is None:
                for held, path in HELD.get(name, {}).items():
                    found[held] = [(ROOT / path).read_text(encoding="utf-8").strip()]
                continue
            licence = crate["license"] or "a licence of its own"
            called = f"{name} {crate['version']} ({licence})"
            if called not in found:
                found[called] = texts(f"{name} {crate['version']}", licence, Path(crate["manifest_path"]).parent)
        if "-windows-gnu" in target:
            if not MINGW.is_file():
                raise Missing(f"{MINGW} is not there, the licences of MinGW's runtime: apt-get install mingw-w64-x86-64-dev")
            found["the runtime of mingw-w64"] = [MINGW.read_text(encoding="utf-8").strip()]
        elif "-linux-musl" in target:
            (libm,) = (crate for (name, _), crate in packages.items() if name == "libm")
            found["musl, the C library"] = musl(texts("libm", libm["license"], Path(libm["manifest_path"]).parent))
    return found


def written(programs, found, library):
    """The file: first what is there, then each text with all that it is for."""
    names = "\n".join(f"  {package} for {target}" for package, target in programs)
    by_text = {}
    for name in sorted(found, key=str.lower):
        for text in found[name]:
            by_text.setdefault(" ".join(text.split()), (text, []))[1].append(name)
    parts = [
        f"The licences of what others made that is in these programs:\n\n{names}\n\n"
        "The programs themselves are under the MIT licence of the Illuminator Cluster, which comes beside this file."
    ]
    parts += ["\n".join(f"* {name}" for name in names) + f"\n\n{text}" for text, names in by_text.values()]
    parts.append(f"* Rust's standard library\n\n{library}")
    return f"\n\n{'=' * 100}\n\n".join(parts) + "\n"


def main(arguments):
    if len(arguments) < 2 or not all(":" in argument for argument in arguments[1:]):
        sys.exit("usage: licences.py FILE PACKAGE:TARGET…")
    programs = [tuple(argument.split(":", 1)) for argument in arguments[1:]]
    try:
        found = gathered(programs)
        text = written(programs, found, standard_library())
    except Missing as missing:
        sys.exit(f"licences.py: {missing}")
    except subprocess.CalledProcessError as failed:
        sys.exit(f"licences.py: {' '.join(failed.cmd[:2])} failed with code {failed.returncode}")
    path = Path(arguments[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
