"""Many variants of a scenario."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Iterable, Mapping

import pandas

from .command import call, warn_of
from .result import rows
from .simulation import Simulation, writable

# Variants that failed are named, and the others are in the table.
_SOME_FAILED = 3


class Table(pandas.DataFrame):
    """A row for each variant: its values, and what came of them. The index is its number.

    units: the unit of each indicator; None where there is none. Also as attrs['units'].
    summary: how many variants were run, failed, and how long that took.
    """

    _metadata = ["units", "summary"]

    @property
    def _constructor(self) -> type[pandas.DataFrame]:
        # What is made from the table is no table of a sweep.
        return pandas.DataFrame


def sweep(
    scenario: str | os.PathLike[str] | Mapping[str, Any] | Simulation,
    values: Mapping[str, Iterable[Any]] | None = None,
    *,
    samples: str | os.PathLike[str] | pandas.DataFrame | None = None,
    indicators: str | Iterable[str] = "totals",
    output: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Table:
    """Runs variants of a scenario, on all cores.

    scenario: a file, a mapping with what such a file has, or a Simulation.
    values: of parameters, {'Storage.max_energy': range(10, 210, 10)}: all combinations, or with aligned=True the first
    ones together, the second ones, and so on. They take the place of 'multi_parameters' of the scenario.
    samples: a table with a row for each variant and a column for each parameter.
    indicators: what is to be known of a variant: 'totals', 'peak=max(Grid.power)' and others, beside those of the
    scenario.
    output: where the table stays (CSV); else it is only returned.
    options: those of 'controller sweep', such as on='pi1.local,pi2.local', jobs=2, strict=True.

    Python warns of variants that failed; their rows say nothing. Raises what run raises.
    """
    indicators = [indicators] if isinstance(indicators, str) else list(indicators)
    options = {"json": True, "set": [_given(*each) for each in (values or {}).items()], "indicators": indicators, **options}
    with TemporaryDirectory(prefix="illuminator-") as folder:
        path = Path(output) if output is not None else Path(folder, "table.csv")
        if isinstance(samples, pandas.DataFrame):
            table, samples = samples, Path(folder, "samples.csv")
            table.to_csv(samples, index=False)
        answer = call("sweep", {"output": path, "samples": samples, **options}, writable(scenario).file(folder))
        summary = answer.expect(_SOME_FAILED)
        if summary["failed"]:
            warn_of(answer.said.strip())
        return _read(path, summary)


def _given(name: str, values: Iterable[Any]) -> str:
    values = [values] if isinstance(values, (str, int, float)) else values
    plain = [value.item() if hasattr(value, "item") else value for value in values]
    # A list of YAML, without its brackets, is what the option takes.
    return f"{name}={json.dumps(plain, ensure_ascii=False)[1:-1]}"


def _read(path: Path, summary: dict[str, Any]) -> Table:
    frame = rows(path)
    titles = [re.fullmatch(r"(.*?)(?: \[(.*)\])?", column).groups() for column in frame.columns]
    frame.columns = [name.replace(".parameter.", ".", 1) for name, _ in titles]
    table = Table(frame)
    table.units = {column: None if unit == "-" else unit for column, (_, unit) in zip(frame.columns, titles)}
    table.attrs["units"] = dict(table.units)
    table.summary = summary
    return table
