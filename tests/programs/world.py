"""A world for plain mosaik that a scenario of the tests has as well: a loop of weak connections, events, and the agents of
pyexamplemas, which ask back. `world.py target ADDRESS` is what they ask, `world.py CHATTER FOLDER` runs the world; the
simulators note in the folder what they hear."""

import json
import sys

import mosaik_api_v3


class Target(mosaik_api_v3.Simulator):
    """Counts the ticks, and notes what is set."""

    def __init__(self):
        model = {"public": True, "params": [], "attrs": ["val_in", "val_out"]}
        super().__init__({"type": "time-based", "models": {"T": model}})

    def init(self, sid, time_resolution=1.0, log=None):
        self.log = open(log, "w")
        return self.meta

    def create(self, num, model):
        return [{"eid": "t", "type": model}]

    def step(self, time, inputs, max_advance):
        print(json.dumps([time, inputs, max_advance]), file=self.log, flush=True)
        self.time = time
        return time + 1

    def get_data(self, outputs):
        return {eid: {attr: self.time * 10 for attr in attrs} for eid, attrs in outputs.items()}


def run(chatter, folder):
    import mosaik

    python = f"{sys.executable} {{}} %(addr)s"
    world = mosaik.World(
        {
            **{name: {"cmd": python.format(chatter)} for name in "ABC"},
            "Target": {"cmd": python.format(f"{__file__} target")},
            "Mas": {"cmd": "pyexamplemas %(addr)s"},
        }
    )
    log = f"{folder}/{{}}".format
    with world.group():
        a = world.start("A", type="hybrid", step=2, limit=3, log=log("A")).E()
        b = world.start("B", type="hybrid", step=3, limit=2, log=log("B")).E()
    c = world.start("C", type="event-based", limit=1, log=log("C")).E()
    target = world.start("Target", log=log("Target")).T()
    agent = world.start("Mas", step_size=1).Agent()
    world.connect_one(a, b, "o", "i")
    world.connect_one(b, a, "o", "i", weak=True)
    world.connect_one(b, a, "p", "j", weak=True, initial_data=-1)
    world.connect_one(a, c, "o", "i")
    world.connect(target, agent, async_requests=True)
    world.run(until=9, print_progress=False)


if __name__ == "__main__":
    if sys.argv[1] == "target":
        sys.argv.pop(1)
        mosaik_api_v3.start_simulation(Target())
    else:
        run(*sys.argv[1:])
