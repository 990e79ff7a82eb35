"""What came of a run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pandas

from .command import call

# The release of pandas.
_PANDAS = tuple(map(int, pandas.__version__.split(".")[:2]))


class Run(pandas.DataFrame):
    """The rows of a run: a DataFrame with a column for each monitored item, and the simulated time as its index.

    units: the unit of each column, such as 'kW'; None where there is none. Also as attrs['units'], which frames made
    from this one have as well.
    totals: what it comes to: energy made, used and stored (kWh), self-sufficiency (from 0 to 1) and more, as
    'controller totals --json' has it.
    record: what the run was made from, where it ran, how long it took, as NAME.run.json has it; empty where there is
    none.
    path: the file that the rows are from. Of a run that was not told where to write, it is there as long as this is.
    """

    _metadata = ["units", "totals", "record", "path"]

    @property
    def _constructor(self) -> type[pandas.DataFrame]:
        # What is made from the rows of a run is no run.
        return pandas.DataFrame


def read(
    result: str | os.PathLike[str],
    scenario: str | os.PathLike[str] | None = None,
    record: dict[str, Any] | None = None,
) -> Run:
    """Reads a result of this program or of the Python Illuminator.

    scenario: the file that it is from, if it is not what its record says.
    record: its record, if it is not the file beside it.

    Raises UsageError where there is no result.
    """
    path = Path(result)
    told = call("totals", {"json": True, "scenario": scenario}, path).expect()
    frame = rows(path)
    # Names that are there twice get a number from pandas.
    frame.columns = [column["name"] for column in told["columns"]]
    # A row at midnight may have a date alone, which pandas 1 takes as it is, and 2 only if it is told.
    mixed = {"format": "ISO8601"} if _PANDAS >= (2,) else {}
    frame.index = pandas.to_datetime(frame.index, **mixed)
    frame.index.name = "date"
    run = Run(frame)
    run.units = {column["name"]: column["unit"] for column in told["columns"]}
    run.attrs["units"] = dict(run.units)
    run.totals = told["totals"]
    run.record = record if record is not None else _record(path)
    run.path = path
    return run


def rows(path: Path) -> pandas.DataFrame:
    """The rows of a file, with the first column as their index. Numbers are those of the file, to the last bit."""
    exact = {} if _PANDAS >= (3, 1) else {"float_precision": "round_trip"}
    return pandas.read_csv(path, index_col=0, **exact)


def _record(result: Path) -> dict[str, Any]:
    try:
        return json.loads(result.with_suffix(".run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
