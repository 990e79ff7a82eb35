#!/usr/bin/env python3
"""Advisories of RustSec where its database cannot be fetched: as a table, and as cargo-deny reads them.

    advisories.py list DATABASE >.ci/advisories.txt   a table of what a checkout of the database says
    advisories.py unpack FOLDER                       that table as a database, in FOLDER

The database is https://github.com/RustSec/advisory-db. The table has what decides whether a version is concerned, of all
packages, so that it is of use for those as well that somebody adds here; what an advisory says is in the database.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

TABLE = Path(__file__).with_suffix(".txt")
HEAD = """\
# Advisories of RustSec, as of {day}: number, package, kind if it is no vulnerability, versions that are mended, versions
# that never had it. Made by advisories.py. RustSec gives these data to the public domain (CC0 1.0), but for what it has
# from the database of GitHub (CC BY 4.0).
"""


def read(page):
    """What the head of an advisory says: TOML between two fences."""
    return tomllib.loads(page.read_text().split("```toml\n", 1)[1].split("\n```", 1)[0])


def table(database):
    """The table of a checkout, with the day of its last commit."""
    day = subprocess.check_output(["git", "-C", database, "log", "-1", "--format=%cs"], text=True).strip()
    yield HEAD.format(day=day)
    for page in sorted(Path(database, "crates").glob("*/RUSTSEC-*.md"), key=lambda page: page.stem):
        content = read(page)
        advisory, versions = content["advisory"], content["versions"]
        if "withdrawn" in advisory:
            continue
        ranges = (" || ".join(versions.get(key, [])) for key in ("patched", "unaffected"))
        kind = advisory.get("informational", "")
        yield "; ".join([advisory["id"], advisory["package"], kind, *ranges]).rstrip("; ") + "\n"


def unpack(folder):
    """A database with the advisories of the table."""
    for line in TABLE.read_text().splitlines():
        if line.startswith("#"):
            continue
        number, package, kind, patched, unaffected = [*line.split("; "), "", "", ""][:5]
        page = Path(folder, "crates", package, f"{number}.md")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(
            f'```toml\n[advisory]\nid = "{number}"\npackage = "{package}"\ndate = "{number[8:12]}-01-01"\n'
            + (f'informational = "{kind}"\n' if kind else "")
            + f"[versions]\npatched = {ranges(patched)}\nunaffected = {ranges(unaffected)}\n```\n\n"
            f"# https://rustsec.org/advisories/{number}\n"
        )


def ranges(text):
    """Ranges of versions as a list in TOML."""
    return "[" + ", ".join(f'"{one}"' for one in text.split(" || ") if one) + "]"


match sys.argv[1:]:
    case ["list", database]:
        sys.stdout.writelines(table(database))
    case ["unpack", folder]:
        unpack(folder)
    case _:
        sys.exit(__doc__)
