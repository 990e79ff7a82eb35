"""A functional mock-up unit (FMI 2 or 3, co-simulation) as a model of a scenario, by way of FMPy:

    pip install fmpy

    simulators:
      Boiler: {python: 'fmu:Fmu'}
    models:
    - {name: Kettle, type: Boiler, parameters: {file: 'kettle.fmu', start: {volume: 0.2}}}

`file` is the unit, relative to the folder you are in. `start` has values of its parameters, and of what else may be
set before the first step. Its inputs and outputs are those that it describes itself, with their names and units; an
input that nothing is connected to keeps its start value. In each step the unit gets its inputs, advances by the
length of the step, and its outputs are those at the end of it: numbers as outputs, all else as states. Arrays and
binary values are left out.
"""

import shutil

from fmpy import extract, read_model_description
from fmpy.simulation import instantiate_fmu


class Fmu:
    parameters = {"file": str, "start": {}}

    def __init__(self, file, start):
        self.folder = extract(file)
        try:
            self.begin(read_model_description(self.folder), start)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def begin(self, description, start):
        if description.coSimulation is None:
            raise ValueError(f"'{description.modelName}' is no unit for co-simulation")
        self.version = description.fmiVersion[0]
        scalars = [v for v in description.modelVariables if not v.dimensions and v.type not in ("Binary", "Clock")]
        self.variables = {variable.name: variable for variable in scalars}
        unknown = sorted(set(start) - set(self.variables))
        if unknown:
            raise ValueError(f"'{description.modelName}' has no variable '{unknown[0]}'")
        self.inputs = {v.name: self.default(v) for v in scalars if v.causality == "input"}
        outputs = [v for v in scalars if v.causality == "output"]
        self.states = {v.name: None for v in outputs if v.type in ("Boolean", "String", "Enumeration")}
        self.outputs = {v.name: None for v in outputs if v.name not in self.states}
        self.units = {v.name: v.unit for v in scalars if v.unit}

        self.fmu = instantiate_fmu(self.folder, description, "CoSimulation")
        if self.version == "2":
            self.fmu.setupExperiment(startTime=0.0)
        for name, value in start.items():
            self.set(name, value)
        self.fmu.enterInitializationMode()
        self.fmu.exitInitializationMode()

    def step(self, time, inputs):
        for name, value in inputs.items():
            if value is not None:
                self.set(name, value)
        length = self.time_resolution * self.time_step_size
        self.fmu.doStep(float(time * self.time_resolution), float(length))
        return {name: self.get(name) for name in [*self.outputs, *self.states]}

    def finalize(self):
        self.fmu.terminate()
        self.fmu.freeInstance()
        shutil.rmtree(self.folder, ignore_errors=True)

    def default(self, variable):
        """The start value of an input; `None` where the unit says none, which leaves the input alone."""
        if variable.start is None:
            return None
        return KINDS.get(variable.type, int)(variable.start)

    def access(self, variable):
        """What FMI calls the type of a variable, in the functions that set and get it."""
        enumeration = "Integer" if self.version == "2" else "Int64"
        return enumeration if variable.type == "Enumeration" else variable.type

    def set(self, name, value):
        variable = self.variables[name]
        value = KINDS.get(variable.type, int)(value)
        getattr(self.fmu, f"set{self.access(variable)}")([variable.valueReference], [value])

    def get(self, name):
        variable = self.variables[name]
        (value,) = getattr(self.fmu, f"get{self.access(variable)}")([variable.valueReference])
        if isinstance(value, bytes):
            value = value.decode()
        return KINDS.get(variable.type, int)(value)


def truth(value):
    """`bool('false')` would be true."""
    return value.lower() in ("true", "1") if isinstance(value, str) else bool(value)


# Of other types are integers.
KINDS = {"Real": float, "Float64": float, "Float32": float, "Boolean": truth, "String": str}
