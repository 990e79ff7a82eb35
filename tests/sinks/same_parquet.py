"""Compares a Parquet file with the result of the same run: same_parquet.py PARQUET CSV [COLUMN=TYPE …]."""

import csv
import sys

import pyarrow.parquet

table = pyarrow.parquet.read_table(sys.argv[1])
with open(sys.argv[2], newline="", encoding="utf-8") as file:
    head, *rows = csv.reader(file)
assert table.column_names == head, (table.column_names, head)
assert table.num_rows == len(rows) > 0, (table.num_rows, len(rows))
for expected in ["date=timestamp[us]", *sys.argv[3:]]:
    name, kind = expected.split("=")
    assert str(table.schema.field(name).type) == kind, (expected, table.schema)
if "Cell.soc" in head:
    assert table.schema.metadata[b"unit Cell.soc"] == b"%", table.schema.metadata

for place, name in enumerate(head):
    kind = str(table.schema.field(name).type)
    for number, (value, row) in enumerate(zip(table.column(name).to_pylist(), rows)):
        cell = row[place]
        if kind == "double" and value is not None:
            same = float(cell) == value
        elif kind == "timestamp[us]":
            same = cell in (str(value), value.date().isoformat())
        else:
            same = cell == ("" if value is None else str(value))
        assert same, f"{name}, row {number}: {cell!r} and {value!r}"
