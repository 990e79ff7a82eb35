"""The world of the Python Illuminator: its own battery, and ours that it connects to, with the same values."""

import json
import sys

import mosaik_api_v3
from illuminator import engine

START = "2012-06-01 00:00:00"
with open("flows.csv", "w") as file:
    file.write("flows\ntime,kw\n")
    for tick in range(24):
        file.write(f"2012-06-01 {tick // 4:02}:{tick % 4 * 15:02}:00,{(tick * 7 % 11) - 5.25}\n")


def rows(store, monitor):
    """What a world with this starter for the battery gives."""
    models = [
        {"name": "Flows", "type": "CSV", "parameters": {
            "file_path": "flows.csv", "delimiter": ",", "date_format": "YYYY-MM-DD HH:mm:ss"},
         "states": {"kw": None}, "time_step_size": 1},
        {"name": "Store", "type": "Battery", "parameters": {
            "max_p": 8, "min_p": -8, "max_energy": 20, "charge_efficiency": 90, "discharge_efficiency": 90,
            "soc_min": 10, "soc_max": 90}, "inputs": {"flow2b": 0}, "outputs": {"p_out": 0, "p_in": 0},
         "states": {"mod": 0, "soc": 50, "flag": 0}, "time_step_size": 1},
    ]
    starters = engine.generate_mosaik_configuration({"models": models})
    starters["Store"] = store or starters["Store"]
    starters["Keeper"] = {"python": "parts:Keeper"}
    world = engine.create_world(starters, time_resolution=900, start_time=START)
    entities = engine.start_simulators(world, models)
    engine.build_connections(world, entities, [
        {"from": "Flows.kw", "to": "Store.flow2b", "time_shifted": False}], models)
    keeper = world.start("Keeper").Rows()
    world.connect(entities["Store"][0], keeper, "soc", "p_out", "p_in")
    world.run(until=24, print_progress=False)
    return monitor.rows


import parts

ours = rows({"connect": sys.argv[1]}, parts.Keeper)
theirs = rows(None, parts.Keeper)
print("ours:", json.dumps(ours, sort_keys=True))
print("theirs:", json.dumps(theirs, sort_keys=True))
