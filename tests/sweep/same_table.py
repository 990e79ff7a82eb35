"""Compares two tables of a sweep as pandas reads them: same_table.py PARQUET CSV COLUMN=TYPE …"""

import sys

import pandas
import pyarrow.parquet

parquet = pandas.read_parquet(sys.argv[1])
csv = pandas.read_csv(sys.argv[2], float_precision="round_trip")
texts = [name for name in csv if not pandas.api.types.is_numeric_dtype(csv[name])]
pandas.testing.assert_frame_equal(parquet.astype({name: object for name in texts}),
                                  csv.astype({name: object for name in texts}))
schema = pyarrow.parquet.read_schema(sys.argv[1])
for expected in sys.argv[3:]:
    name, kind = expected.rsplit("=", 1)
    assert str(schema.field(name).type) == kind, (expected, schema)
assert schema.metadata[b"unit made [kWh]"] == b"kWh", schema.metadata
