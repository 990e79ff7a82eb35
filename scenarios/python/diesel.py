"""A diesel generator set, as a model of a scenario."""


class DieselSet:
    """Generates what the sun leaves open. Once started it runs for a while, and never below its least load.

    Fuel: a straight line over the power, as in data sheets; idling costs as well.
    """

    parameters = {
        "rated": 30.0,  # kW
        "least_load": 0.3,  # of the rated power
        "least_hours": 1.0,  # that it runs once it is started
        "idle_fuel": 0.08,  # l/h for each kW of rated power
        "fuel_per_kwh": 0.25,  # l/kWh
    }
    inputs = {"demand": float, "sun": 0.0}
    outputs = {"power": 0.0, "surplus": 0.0}
    states = {"hours_to_run": 0.0, "fuel": 0.0, "starts": 0}
    units = {"demand": "kW", "sun": "kW", "power": "kW", "surplus": "kW", "hours_to_run": "h", "fuel": "l"}

    def step(self, time, inputs):
        hours = self.time_resolution * self.time_step_size / 3600
        missing = inputs["demand"] - inputs["sun"]
        if missing > 0 and self.hours_to_run <= 0:
            self.hours_to_run = self.least_hours
            self.starts += 1
        power = 0.0
        if self.hours_to_run > 0:
            power = min(max(missing, self.least_load * self.rated), self.rated)
            self.fuel += (self.idle_fuel * self.rated + self.fuel_per_kwh * power) * hours
            self.hours_to_run -= hours
        return {"power": power, "surplus": power - missing}
