"""Scenarios that are checked and not run."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import Any, Mapping

from .command import call, warn
from .simulation import Simulation, writable


def check(scenario: str | os.PathLike[str] | Mapping[str, Any] | Simulation, **options: Any) -> dict[str, Any]:
    """Checks a scenario and the data files that it names, and asks its nodes (unless local=True is given).

    scenario: a file, a mapping with what such a file has, or a Simulation.
    options: those of 'controller check'.

    Returns what is in it: 'scenario' (its name), 'ticks', 'models', 'sites', and 'problems', which can only be warnings
    and notes. Python warns of the former.

    Raises ScenarioError where it is refused, NodeError where a node does not answer, and UsageError.
    """
    with TemporaryDirectory(prefix="illuminator-") as folder:
        path = writable(scenario).file(folder)
        answer = call("check", {"json": True, **options}, path)
    (checked,) = (answer.json() or {}).get("files") or (None,)
    if answer.code != 0 or checked is None:
        raise answer.error(checked)
    warn(checked["problems"])
    return checked
