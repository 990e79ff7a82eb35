"""The command that does the work: where it is, and one call of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import warnings
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, Iterable, Mapping

from .errors import IlluminatorError, IlluminatorWarning, failed

_NAMES = ("controller", "controller.exe")

# How long a run that is interrupted may take to leave its rows in order.
_PATIENCE = 10.0


@lru_cache(maxsize=None)
def controller() -> str:
    """The path of the command: the one that was installed with this package, else the one on the path."""
    try:
        files = metadata.files("illuminator-cluster") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = file.locate()
        if file.name in _NAMES and os.path.isfile(path):
            return os.path.realpath(path)
    found = shutil.which("controller")
    if found is None:
        raise FileNotFoundError("the command 'controller' is neither installed with this package nor on the path")
    return found


@dataclass
class Answer:
    """What a call of the command came to."""

    code: int
    output: str
    said: str

    def json(self) -> dict[str, Any] | None:
        """What it printed as JSON; None where it printed none."""
        try:
            return json.loads(self.output)
        except ValueError:
            return None

    def expect(self, *codes: int) -> dict[str, Any]:
        """What it printed as JSON, where it ended with 0 or one of these codes; else its error is raised."""
        report = self.json()
        if self.code in (0, *codes) and report is not None:
            return report
        raise self.error(report)

    def error(self, report: dict[str, Any] | None) -> IlluminatorError:
        """Its error: what this report says of it, else what it said."""
        message = ((report or {}).get("error") or {}).get("message") or self.said.strip()
        message = message[len("error: "):] if message.startswith("error: ") else message
        return failed(message or f"the command ended with code {self.code}", self.code, report)


def call(command: str, options: Mapping[str, Any], *arguments: str | os.PathLike[str]) -> Answer:
    """Calls a command, and waits until it has ended. Whatever ends the waiting ends the command."""
    words = [controller(), command, *_words(options), "--", *map(os.fspath, arguments)]
    child = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    try:
        output, said = child.communicate()
    except BaseException:
        end(child)
        raise
    return Answer(child.returncode, output, said)


def end(child: subprocess.Popen[str]) -> None:
    """Ends a process as Ctrl-C does, and one that stays at once."""
    if child.poll() is None:
        # Elsewhere, Ctrl-C is for all programs of a console, this one included.
        child.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
    try:
        child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for stream in (child.stdout, child.stderr):
        if stream is not None:
            stream.close()


def warn(problems: Iterable[Mapping[str, Any]]) -> None:
    """Has Python tell the warnings among the problems of a scenario to whoever called this package."""
    for problem in problems:
        if problem["severity"] == "warning":
            place = [str(problem[key]) for key in ("file", "line", "column") if problem.get(key) is not None]
            warn_of(": ".join([":".join(place), problem["message"]] if place else [problem["message"]]))


def warn_of(text: str) -> None:
    """Has Python tell a warning, with the line that called this package."""
    frame, depth = sys._getframe(), 1
    while frame.f_back is not None and frame.f_globals.get("__package__") == __package__:
        frame, depth = frame.f_back, depth + 1
    warnings.warn(text, IlluminatorWarning, stacklevel=depth)


def _words(options: Mapping[str, Any]) -> list[str]:
    words = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        for each in value if isinstance(value, (list, tuple)) else [value]:
            if each is True:
                words.append(option)
            elif each is not None and each is not False:
                words.append(f"{option}={os.fspath(each) if isinstance(each, Path) else each}")
    return words
