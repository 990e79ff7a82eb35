"""Runs a world under mosaik: `worlds.py WORLD FOLDER`, where WORLD is JSON and FOLDER is for what is heard."""

import json
import os
import sys

import mosaik

world, folder = json.loads(sys.argv[1]), sys.argv[2]
chatter = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chatter.py")
names = [sim["name"] for sim in world["sims"]]
run = mosaik.World({name: {"cmd": f"%(python)s {chatter} %(addr)s"} for name in names})
entities = {}


def start(sims):
    for sim in sims:
        started = run.start(sim["name"], **sim["init"], log=os.path.join(folder, sim["name"]))
        entities[sim["name"]] = started.E()


with run.group():
    start(sim for sim in world["sims"] if sim.get("group"))
start(sim for sim in world["sims"] if not sim.get("group"))
for source, output, target, attribute, how in world["connections"]:
    run.connect_one(entities[source], entities[target], output, attribute, **how)
run.run(until=world["until"], print_progress=False)
