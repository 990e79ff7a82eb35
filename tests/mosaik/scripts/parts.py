"""What the scripts beside this one have in common: a simulator that plays values, and one that keeps them."""

import mosaik_api_v3


class Player(mosaik_api_v3.Simulator):
    """Its entities publish lists of values, one value a step."""

    def __init__(self):
        super().__init__({"api_version": "3.0", "type": "time-based", "models": {
            "Values": {"public": True, "params": ["values", "eid"], "attrs": []}}})
        self.values = {}

    def init(self, sid, time_resolution, step_size=1, attrs=()):
        self.step_size = step_size
        self.meta["models"]["Values"]["attrs"] = list(attrs)
        return self.meta

    def create(self, num, model, values, eid=None):
        eid = eid or f"v{len(self.values)}"
        self.values[eid] = values
        return [{"eid": eid, "type": model}]

    def step(self, time, inputs, max_advance):
        self.place = time // self.step_size
        return time + self.step_size

    def get_data(self, outputs):
        def now(values):
            return values[min(self.place, len(values) - 1)]
        return {eid: {attr: now(self.values[eid][attr]) for attr in attrs} for eid, attrs in outputs.items()}


class Keeper(mosaik_api_v3.Simulator):
    """Keeps what comes in each step, in ``rows``."""

    rows = []

    def __init__(self):
        super().__init__({"api_version": "3.0", "type": "time-based", "models": {
            "Rows": {"public": True, "any_inputs": True, "params": [], "attrs": []}}})

    def init(self, sid, time_resolution, step_size=1):
        self.step_size = step_size
        Keeper.rows = []
        return self.meta

    def create(self, num, model):
        return [{"eid": "rows", "type": model}]

    def step(self, time, inputs, max_advance):
        Keeper.rows.append(inputs.get("rows", {}))
        return time + self.step_size

    def get_data(self, outputs):
        return {}
