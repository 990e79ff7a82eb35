"""Compares two files of HDF5: what is in them, and what is related to what."""

import sys

import h5py


def content(path):
    """Everything in a file, by name."""
    found = {}

    def note(name, item):
        attributes = {key: str(value) for key, value in item.attrs.items()}
        values = item[()].tolist() if isinstance(item, h5py.Dataset) else None
        found[name] = (attributes, values)

    with h5py.File(path, "r") as file:
        file.visititems(note)
    return found


ours, plain = content(sys.argv[1]), content(sys.argv[2])
assert plain, "there is something to compare"
assert ours.keys() == plain.keys(), sorted(ours.keys() ^ plain.keys())
for name, expected in plain.items():
    assert ours[name] == expected, f"{name}: {ours[name]} is not {expected}"
