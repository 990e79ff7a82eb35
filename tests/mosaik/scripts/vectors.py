"""Recorded steps of models, in worlds of their own: prints what differs, and how many there were."""

import json
import math
import sys

import mosaik
import parts

address, file = sys.argv[1:]
cases = json.load(open(file))


def is_same(expected, got, tolerance):
    if type(expected) is not type(got):
        return False
    if isinstance(expected, float):
        return expected == got or math.isclose(expected, got, rel_tol=tolerance[0], abs_tol=tolerance[1])
    if isinstance(expected, dict):
        return expected.keys() == got.keys() and all(is_same(expected[k], got[k], tolerance) for k in expected)
    if isinstance(expected, list):
        return len(expected) == len(got) and all(map(is_same, expected, got, [tolerance] * len(got)))
    return expected == got


for case in cases:
    step = case["resolution"] * case["size"]
    sources = {}
    for name, source, values in case["inputs"]:
        sources.setdefault(source, {})[name] = values
    starters = {source: {"python": "parts:Player"} for source in sources}
    world = mosaik.World({"Illuminator": {"connect": address}, "Keeper": {"python": "parts:Keeper"}, **starters})
    models = world.start("Illuminator", step_size=case["resolution"])
    model = getattr(models, case["type"])(**case["create"])
    rows = world.start("Keeper", step_size=step).Rows()
    entities = {}
    for source, values in sources.items():
        # Called as a model of the Illuminator is, so that its name is the one in the vectors.
        player = world.start(source, step_size=step, attrs=list(values))
        entities[source] = player.Values(values=values, eid="time-based_0")
    for name, source, _ in case["inputs"]:
        world.connect(entities[source], model, name)
    for name in case["published"]:
        world.connect(model, rows, name)
    world.run(until=step * len(case["expected"]), print_progress=False)
    for number, (expected, row) in enumerate(zip(case["expected"], parts.Keeper.rows, strict=True)):
        got = {name: value for name, sources in row.items() for value in sources.values()}
        for name, value in expected.items():
            if not is_same(value, got[name], case["tolerance"]):
                print(f"DIFFERS {case['type']} '{case['name']}' step {number}: {name} is {got[name]}, not {value}")
print("cases:", len(cases))
