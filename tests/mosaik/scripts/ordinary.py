"""An ordinary script: two batteries and a constant, in steps of 900 s of a world that counts seconds."""

import json
import sys

import mosaik

starter = json.loads(sys.argv[1])
world = mosaik.World({"Illuminator": starter, "Player": {"python": "parts:Player"},
                      "Keeper": {"python": "parts:Keeper"}})
models = world.start("Illuminator", step_size=900)
player = world.start("Player", step_size=900, attrs=["kw"])
rows = world.start("Keeper", step_size=900).Rows()
batteries = models.Battery.create(
    2, max_p=8, min_p=-8, max_energy=20, charge_efficiency=100, discharge_efficiency=100, soc_min=0,
    soc_max=100, states={"soc": 50})
one, two = player.Values(values={"kw": [1, -2.5, 3]}), player.Values(values={"kw": [0.5, 0.5, 8]})
world.connect(one, batteries[0], ("kw", "flow2b"))
world.connect(one, batteries[1], ("kw", "flow2b"))
world.connect(two, batteries[1], ("kw", "flow2b"))
for battery in batteries:
    world.connect(battery, rows, "soc", "p_out")
try:
    models.Battery(max_pp=1)
except Exception as error:
    print("refused:", error)
world.run(until=3 * 900, print_progress=False)

import parts

print("rows:", json.dumps(parts.Keeper.rows, sort_keys=True))
