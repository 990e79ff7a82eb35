"""A unit to try fmu.py with: `pip install pythonfmu` and `pythonfmu build -f scenarios/fmu/kettle.py` make Kettle.fmu."""

from pythonfmu import Boolean, Fmi2Causality, Fmi2Slave, Fmi2Variability, Integer, Real


class Kettle(Fmi2Slave):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.volume, self.power = 0.5, 0.0
        self.temperature, self.warm, self.steps = 20.0, False, 0
        output, discrete = Fmi2Causality.output, Fmi2Variability.discrete
        tunable = Fmi2Variability.tunable
        self.register_variable(Real("volume", causality=Fmi2Causality.parameter, variability=tunable))
        self.register_variable(Real("power", causality=Fmi2Causality.input))
        self.register_variable(Real("temperature", causality=output))
        self.register_variable(Boolean("warm", causality=output, variability=discrete))
        self.register_variable(Integer("steps", causality=output, variability=discrete))

    def do_step(self, current_time, step_size):
        loss = 0.01 * (self.temperature - 20)
        self.temperature += (self.power - loss) * step_size / (self.volume * 4186)
        self.warm = self.temperature > 24
        self.steps += 1
        return True
