"""What can go wrong, and what is to be said of it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, Iterable


class IlluminatorError(Exception):
    """The command did not do what was asked. Its text is the command's message.

    exit_code: the code with which it ended.
    report: what it printed as JSON, else None: 'problems' has each error and warning with file, line and column, and
    'partial' the file of the rows up to a failure.
    """

    def __init__(self, message: str, exit_code: int, report: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.report = report


class UsageError(IlluminatorError):
    """Wrong use, or an error of this machine (exit code 1)."""


class ScenarioError(IlluminatorError):
    """The scenario is refused (exit code 2)."""


class ModelError(IlluminatorError):
    """A model failed (exit code 3)."""


class NodeError(IlluminatorError):
    """A node failed or cannot be reached (exit code 4)."""


class OutputError(IlluminatorError):
    """The result cannot be written (exit code 5)."""


class UnknownNameError(KeyError):
    """A scenario does not have what is to be changed."""

    def __str__(self) -> str:
        # KeyError shows its key, in quotes.
        return str(self.args[0])


class IlluminatorWarning(UserWarning):
    """A scenario runs, and yet cannot be meant so."""


_BY_CODE = {1: UsageError, 2: ScenarioError, 3: ModelError, 4: NodeError, 5: OutputError}


def failed(message: str, exit_code: int, report: dict[str, Any] | None = None) -> IlluminatorError:
    """The exception of an exit code."""
    return _BY_CODE.get(exit_code, IlluminatorError)(message, exit_code, report)


def unknown(owner: str, kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """That something has nothing of this kind and name, and what it has."""
    known = list(known)
    near = get_close_matches(name, known, n=1)
    meant = f", did you mean '{near[0]}'?" if near else ""
    return UnknownNameError(f"{owner} has no {kind} '{name}'{meant} (has: {', '.join(known) or 'none'})")
