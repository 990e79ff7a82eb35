"""Reads cases from standard input, and says what pvlib has for each: position of the sun, and the parts of radiation."""

import json
import sys

import pandas
from pvlib import irradiance, solarposition


def answer(case):
    time = pandas.DatetimeIndex([case["utc"]], tz="UTC")
    sun = solarposition.get_solarposition(time, case["latitude"], case["longitude"], method="nrel_numpy")
    zenith = 90 - sun["elevation"]
    found = {"hs": float(sun["elevation"].iloc[0]), "Az": float(sun["azimuth"].iloc[0])}
    for name in ("erbs", "boland"):
        parts = getattr(irradiance, name)(case["global"], zenith, time)
        found[name] = [float(parts["dhi"].iloc[0]), float(parts["dni"].iloc[0])]
    return found


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
