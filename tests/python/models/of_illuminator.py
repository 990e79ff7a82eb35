"""Classes as users of the Python Illuminator write them; with that package, or with the stand-in."""

from illuminator.builder import IlluminatorModel, ModelConstructor
from illuminator.builder.model import SimulatorType
from illuminator.engine import current_model


class Counter(ModelConstructor):
    parameters = {"start": 5}
    inputs = {"flow": 0, "news": 0}
    outputs = {"sum": 0, "never": 0}
    states = {"last": None, "count": 0, "seen": None}
    time_step_size = 1
    time = None

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.count = self._model.states.get("count") + self._model.parameters.get("start")

    def step(self, time, inputs, max_advance=900):
        data = self.unpack_inputs(inputs)
        sources = self.unpack_inputs(inputs, return_sources=True)
        self.count += 1
        self.set_states({"count": self.count, "last": data.get("news")})
        seen = [sources["flow"]["sources"], max_advance, self.time_resolution, self.get_state("count")]
        self.set_states({"seen": seen})
        self.set_outputs({"sum": data["flow"]})
        return time + self._model.time_step_size


class Reader(ModelConstructor):
    """Finds out what it has while it is built, as the reader of files does."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        for column in self._model.parameters["columns"]:
            current_model.setdefault("states", {})[column] = None
        super().__init__(**kwargs)

    def step(self, time, inputs, max_advance=900):
        self.set_states({column: 1.5 for column in self._model.parameters["columns"]})
        return time + self.time_step_size


class Wrong(ModelConstructor):
    """Sets what it has not, and forgets the next time."""

    outputs = {"x": 0}

    def step(self, time, inputs, max_advance=900):
        if time == 0:
            self.set_outputs({"y": 1})
        self.set_outputs({"x": 1})


class Declares(ModelConstructor):
    """Declares one name twice."""

    outputs = {"x": 0}

    def step(self, time, inputs, max_advance=900):
        return time + 1


class Abstract(ModelConstructor):
    outputs = {"x": 0}


declared = IlluminatorModel(parameters={"a": 1}, inputs={"b": 2}, outputs={"c": 3}, time_step_size=900, time=None)
assert declared.simulator_type is SimulatorType.TIME_BASED
assert declared.simulator_meta["models"]["Model"]["attrs"] == ["b", "c"]
