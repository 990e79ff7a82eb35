"""Energy-system simulations of the Illuminator Cluster, from Python.

    import illuminator_cluster as ic

    run = ic.run("scenario.yaml", {"Storage.max_energy": 50})
    run.plot()                # a pandas DataFrame, with a time index
    run.units["Storage.soc"]  # '%'
    run.totals["self_sufficiency"]

All of it is done by the command ``controller``, which comes with this package: options are its options under their own
names, with ``_`` for ``-``, and its messages are those of the exceptions.
"""

from .catalogue import models
from .checking import check
from .errors import (
    IlluminatorError,
    IlluminatorWarning,
    ModelError,
    NodeError,
    OutputError,
    ScenarioError,
    UnknownNameError,
    UsageError,
)
from .page import Page, show
from .result import Run, read
from .running import run
from .simulation import Simulation
from .sweeping import Table, sweep

__all__ = [
    "IlluminatorError",
    "IlluminatorWarning",
    "ModelError",
    "NodeError",
    "OutputError",
    "Page",
    "Run",
    "ScenarioError",
    "Simulation",
    "Table",
    "UnknownNameError",
    "UsageError",
    "check",
    "models",
    "read",
    "run",
    "show",
    "sweep",
]
