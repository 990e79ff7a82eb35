"""A simulator for mosaik that adds one: a link of the chain of programs.py."""

import mosaik_api_v3

META = {
    "type": "time-based",
    "models": {"Link": {"public": True, "params": [], "attrs": ["in", "out"]}},
}


class Link(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__(META)
        self.value = 0.0

    def init(self, sid, time_resolution=1.0):
        return self.meta

    def create(self, num, model):
        return [{"eid": "Link", "type": model}]

    def step(self, time, inputs, max_advance):
        arrived = inputs.get("Link", {}).get("in", {})
        self.value = next(iter(arrived.values()), float(time)) + 1.0
        return time + 1

    def get_data(self, outputs):
        return {"Link": {"out": self.value}}


if __name__ == "__main__":
    mosaik_api_v3.start_simulation(Link())
