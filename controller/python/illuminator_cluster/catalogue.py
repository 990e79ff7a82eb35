"""The model types."""

from __future__ import annotations

import pandas

from .command import call

_ROLES = {"parameters": "parameter", "inputs": "input", "outputs": "output", "states": "state"}


def models(model_type: str | None = None) -> pandas.DataFrame:
    """The model types, with what each is; or the attributes of one of them.

    A type has a row for each parameter, input, output and state, by its name: 'role', 'symbol', 'unit', 'holds' (its
    default, or what readers get) and 'meaning'.

    Raises UsageError where there is no such type.
    """
    if model_type is None:
        types = call("models", {"json": True}).expect()["types"]
        index = pandas.Index([each["type"] for each in types], name="type")
        return pandas.DataFrame({"summary": [each["summary"] for each in types]}, index=index)
    (declared,) = call("models", {"json": True}, model_type).expect()["types"]
    rows = [{**row, "role": role} for section, role in _ROLES.items() for row in declared[section]]
    columns = ["name", "role", "symbol", "unit", "holds", "meaning"]
    frame = pandas.DataFrame(rows, columns=columns).set_index("name")
    frame.attrs["summary"] = declared["summary"]
    return frame
