#!/usr/bin/env python3
"""licences.py: what controller/packaging/licences.py promises of the file that comes along with programs."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "controller/packaging/licences.py"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SCRIPT.parent))

import licences  # noqa: E402


class Licences(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_crate_without_a_text_is_refused_by_name(self):
        (self.folder / "README.md").write_text("under MIT")
        (self.folder / "LICENSE").write_text(" \n")
        with self.assertRaisesRegex(licences.Missing, r"sun 1\.0 \(MIT\) has no text of its licence"):
            licences.texts("sun 1.0", "MIT", self.folder)

    def test_all_texts_of_a_crate_come_along(self):
        for name in ("LICENSE-MIT", "license-apache.txt", "NOTICE", "COPYING.md"):
            (self.folder / name).write_text(f"text of {name}\n")
        self.assertEqual(len(licences.texts("sun 1.0", "MIT", self.folder)), 4)

    def test_a_libm_without_the_notice_of_musl_is_refused(self):
        with self.assertRaisesRegex(licences.Missing, "notice of musl"):
            licences.musl(["Permission is hereby granted"])

    def test_the_same_text_stands_once_with_all_that_it_is_for(self):
        found = {"sun 1.0 (MIT)": ["as\n is"], "moon 2.0 (MIT)": ["as is"], "star 3.0 (MIT)": ["as was"]}
        text = licences.written([("illuminator-node", "here")], found, "std")
        self.assertIn("* moon 2.0 (MIT)\n* sun 1.0 (MIT)\n\nas is\n", text)
        self.assertIn("illuminator-node for here", text)
        self.assertIn("* Rust's standard library\n\nstd\n", text)

    def test_a_page_becomes_text_without_what_stood_there_before(self):
        page = licences.Plain()
        page.feed("<h3>a</h3><pre>one\n  two &lt;me@here&gt;</pre><h3>b</h3><pre>one two\n&lt;me@here&gt;</pre><pre>other</pre>")
        self.assertEqual("".join(page.parts), "a\n\none\n  two <me@here>\nb\n\n(as above)\n\nother\n")

    def test_programs_that_are_shipped_have_all_texts(self):
        path = self.folder / "of/all.txt"
        programs = ["illuminator-controller:x86_64-unknown-linux-musl", "illuminator-node:arm-unknown-linux-musleabi"]
        subprocess.run([SCRIPT, path, *programs], check=True, timeout=120)
        text = path.read_text(encoding="utf-8")
        # A crate, one for the pins of a Pi only, what is no crate, and what the toolchain brings.
        for name in ("snow ", "rppal ", "uPlot", "DejaVu Sans", "musl, the C library", "Rust's standard library"):
            self.assertIn(f"\n* {name}", text)
        self.assertIn("Rich Felker", text)
        # What only compiles them is in none, nor what is for another system.
        for name in ("unicode-ident ", "syn ", "proptest ", "windows-sys "):
            self.assertNotIn(f"\n* {name}", text)

    def test_what_fails_leaves_no_file(self):
        path = self.folder / "none.txt"
        done = subprocess.run([SCRIPT, path, "illuminator-nobody:x86_64-unknown-linux-musl"], capture_output=True, timeout=120)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"cargo tree failed", done.stderr)
        self.assertFalse(path.exists())


if __name__ == "__main__":
    unittest.main()
