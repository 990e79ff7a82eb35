"""A simulator that notes all that it hears. What it does is said with `init`."""

import json
import sys

import mosaik_api_v3


class Chatter(mosaik_api_v3.Simulator):
    """Counts. `step`: ticks between its own steps; `limit`: how often it speaks at one tick; `ahead`: how many ticks
    later its events are; `log`: where it notes what it hears."""

    def __init__(self):
        super().__init__({"models": {}})

    def init(self, sid, time_resolution=1.0, type="hybrid", step=None, limit=1, ahead=0, log=None):
        more = {"trigger": ["i"], "non-persistent": ["o"]} if type == "hybrid" else {}
        attrs = {"event-based": ["i", "o"], "time-based": ["j", "p"]}.get(type, ["i", "j", "o", "p"])
        self.meta.update(type=type, models={"E": {"public": True, "params": [], "attrs": attrs, **more}})
        self.between, self.limit, self.ahead, self.log = step, limit, ahead, open(log, "w")
        self.time, self.spoken, self.count = -1, 0, 0
        return self.meta

    def create(self, num, model):
        return [{"eid": "e", "type": model}]

    def step(self, time, inputs, max_advance):
        print(json.dumps([time, inputs, max_advance]), file=self.log, flush=True)
        self.spoken = self.spoken + 1 if time == self.time else 1
        is_own = time != self.time
        self.time, self.count = time, self.count + 1
        return time + self.between if self.between and is_own else None

    def get_data(self, outputs):
        (eid, attrs), = outputs.items()
        values = {attr: self.count for attr in attrs if attr == "p" or self.spoken <= self.limit}
        return {"time": self.time + self.ahead, eid: values} if self.ahead else {eid: values}


if __name__ == "__main__":
    sys.exit(mosaik_api_v3.start_simulation(Chatter()))
