"""Classes of the small form."""

import gc

COLLECTS_WHILE_LOADED = gc.get_threshold()[0] != 0


class Tank:
    parameters = {"volume": 0.5, "label": str}
    inputs = {"heat": float, "demand": 0.0}
    outputs = {"power": 0.0}
    states = {"temperature": 60.0, "steps": 0}
    units = {"heat": "kW", "temperature": "°C"}

    def step(self, time, inputs):
        print("step", time)
        hours = self.time_resolution * self.time_step_size / 3600
        self.temperature += (inputs["heat"] - inputs["demand"]) * hours / self.volume
        return {"power": inputs["heat"], "steps": self.steps + 1}


class Built:
    """Knows what it has only once it is built."""

    parameters = {"count": 2}
    time_step_size = 4

    def __init__(self, count):
        self.inputs = {f"in{number}": 0 for number in range(count)}
        self.outputs = {"total": float}

    def step(self, time, inputs):
        return {"total": sum(inputs.values())}

    def finalize(self):
        print("closed")


class Everything:
    """Returns what its input tells it to."""

    inputs = {"what": "", "list": None}
    outputs = {"number": 0.0}
    states = {"any": None, "kept": 1.0}

    def step(self, time, inputs):
        what, fine = inputs["what"], {"number": 1, "any": inputs["list"]}
        if what == "raise":
            raise RuntimeError("the pump has no oil")
        if what == "exit":
            raise SystemExit("enough")
        if what == "set":
            return {**fine, "any": {1, 2}}
        if what == "object":
            return {**fine, "any": [object()]}
        if what == "key":
            return {**fine, "any": {(1, 2): 3}}
        if what == "infinite":
            return {**fine, "any": [float("nan"), float("inf"), float("-inf")]}
        return {
            "nothing": None,
            "less": {},
            "more": {**fine, "numbr": 1},
            "text": {"number": "1"},
            "truth": {"number": True},
            "null": {"number": None},
        }.get(what, fine)


class Numpy:
    """Publishes what numpy has in place of numbers."""

    inputs = {"x": 0.0}
    outputs = {"double": 0.0, "single": 0.0, "integer": 0}
    states = {"truth": True, "array": []}

    def step(self, time, inputs):
        import numpy

        self.truth, self.array = numpy.bool_(True), numpy.array([1, 2])
        x = inputs["x"]
        return {"double": numpy.float64(x), "single": numpy.float32(x), "integer": numpy.int64(3)}


class NoStep:
    outputs = {"x": 0.0}


class OtherStep:
    def step(self, inputs):
        return {}


class List:
    outputs = ["x"]

    def step(self, time, inputs):
        return {}


class Twice:
    outputs = {"x": 0.0}
    states = {"x": 0.0}

    def step(self, time, inputs):
        return {}


class Reserved:
    parameters = {"inputs": 1}

    def step(self, time, inputs):
        return {}


class Broken:
    def __init__(self):
        raise OSError("no such valve")

    def step(self, time, inputs):
        return {}


def function(time, inputs):
    return {}


class Garbage:
    """Says whether Python looks for garbage: while this module is loaded, afterwards, and among how many things not."""

    outputs = {"loading": True, "stepping": False, "left_out": 0}

    def step(self, time, inputs):
        stepping = gc.isenabled() and gc.get_threshold()[0] != 0
        return {"loading": COLLECTS_WHILE_LOADED, "stepping": stepping, "left_out": gc.get_freeze_count()}
