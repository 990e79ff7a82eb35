"""Runs of scenarios."""

from __future__ import annotations

import os
import shutil
import weakref
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Mapping

from .command import call, warn
from .result import Run, read
from .simulation import ScenarioFile, Simulation, writable


def run(
    scenario: str | os.PathLike[str] | Mapping[str, Any] | Simulation,
    values: Mapping[str, Any] | None = None,
    *,
    output: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Run:
    """Runs a scenario.

    scenario: a file, a mapping with what such a file has, or a Simulation. File names in it are relative to the folder
    that you are in.
    values: other values of parameters, and of states in the beginning: {'Storage.max_energy': 50}.
    output: where the result stays (CSV), with its record; else it is gone with what is returned. A scenario with other
    values is put beside it, as NAME.scenario.yaml.
    options: those of 'controller run', such as local=True, timeout=20, spare=['pi4.local'], strict=True,
    whole_dates=True.

    Returns the rows, with units, totals and record. Python warns of what the scenario cannot mean.

    Raises ScenarioError, ModelError, NodeError, OutputError or UsageError with the message of the command, and
    UnknownNameError where there is no such model or parameter. Ctrl-C ends the run.
    """
    prepared = writable(scenario, values)
    if output is not None:
        return write(prepared, output, options)
    folder = mkdtemp(prefix="illuminator-")
    result = Path(folder, f"{prepared.name}.csv")
    try:
        done = _finished(prepared.file(folder), result, options)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(done, shutil.rmtree, folder, ignore_errors=True)
    return done


def write(
    scenario: Simulation | ScenarioFile, output: str | os.PathLike[str] | None, options: Mapping[str, Any]
) -> Run:
    """Runs a scenario into a file that stays: this one, else that of its monitor."""
    if output is not None and os.fspath(output) == "-":
        raise ValueError("'-' is no file; without 'output', the rows are only returned")
    if not scenario.is_changed():
        return _finished(scenario.file("."), output, options)
    result = Path(output if output is not None else _monitored(scenario))
    return _finished(scenario.file(result.parent, f"{result.stem}.scenario.yaml"), output, options)


def _finished(scenario: Path, output: str | os.PathLike[str] | None, options: Mapping[str, Any]) -> Run:
    record = call("run", {"json": True, "output": output, **options}, scenario).expect()
    warn(record["problems"])
    return read(record["file"], scenario, record)


def _monitored(scenario: Simulation | ScenarioFile) -> str:
    """Where a scenario wants its result; what is no name is refused in the run."""
    monitor = scenario.config.get("monitor") if isinstance(scenario, Simulation) else None
    file = monitor.get("file") if isinstance(monitor, Mapping) else None
    return file if isinstance(file, str) and file else "out.csv"
