"""Steps a second of one battery in a world of mosaik: through the bridge, and as a class of the Python Illuminator.

usage: mosaik_bridge.py BRIDGE [STEPS]     with mosaik; the class where `illuminator` is installed
"""

import contextlib
import copy
import importlib.util
import io
import sys
import time

import mosaik
import mosaik_api_v3
from loguru import logger

PARAMETERS = {"max_p": 8, "min_p": -8, "max_energy": 20, "charge_efficiency": 90, "discharge_efficiency": 90,
              "soc_min": 10, "soc_max": 90}
SECTIONS = {"inputs": {"flow2b": 0}, "outputs": {"p_out": 0, "p_in": 0}, "states": {"mod": 0, "soc": 50, "flag": 0}}


class Ends(mosaik_api_v3.Simulator):
    """What feeds the battery, and what takes its level."""

    def __init__(self):
        super().__init__({"api_version": "3.0", "type": "time-based", "models": {
            "Flow": {"public": True, "params": [], "attrs": ["kw"]},
            "Level": {"public": True, "params": [], "attrs": ["soc"]}}})

    def init(self, sid, time_resolution):
        return self.meta

    def create(self, num, model):
        return [{"eid": model, "type": model}]

    def step(self, time, inputs, max_advance):
        self.time = time
        return time + 1

    def get_data(self, outputs):
        value = {"message_origin": "output", "value": (self.time * 7 % 11) - 5.25}
        return {"Flow": {"kw": value}}


def steps_a_second(starter, steps):
    """Of a world whose battery is started in this way."""
    # The class changes what it is made of.
    sections = copy.deepcopy(SECTIONS)
    entry = {"name": "Store", "type": "Battery", "parameters": PARAMETERS, "time_step_size": 1, **sections}
    if "python" in starter:
        from illuminator import engine
        engine.set_current_model(entry)
    world = mosaik.World({"Store": starter, "Ends": {"python": "__main__:Ends"}}, time_resolution=900,
                         skip_greetings=True)
    battery = world.start("Store", sim_params={"Store": entry}).Battery(**PARAMETERS)
    flow, level = world.start("Ends").Flow(), world.start("Ends").Level()
    world.connect(flow, battery, ("kw", "flow2b"))
    world.connect(battery, level, "soc")
    begun = time.perf_counter()
    world.run(until=steps, print_progress=False)
    return steps / (time.perf_counter() - begun)


def main():
    logger.remove()
    bridge, steps = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    starters = {"bridge": {"cmd": f"{bridge} run Battery %(addr)s -q"}}
    if importlib.util.find_spec("illuminator"):
        starters["class"] = {"python": "illuminator.models:Battery"}
    for _ in range(3):
        for name, starter in starters.items():
            with contextlib.redirect_stdout(io.StringIO()):
                rate = steps_a_second(starter, steps)
            print(f"mosaik {mosaik.__version__}, {name}: {rate:.0f} steps/s", flush=True)


main()
