"""The scenarios grid.yaml and records.yaml of scenarios/mosaik with plain mosaik. Each step is a row of plain.csv; with
the argument 'records' there are records.h5 and buses.csv instead."""

import sys

import mosaik
import mosaik_api_v3

START = "2024-06-01 00:00:00"
PYTHON = '%(python)s -c "{}" %(addr)s'
COLUMNS = [
    ("Panels-0.PV_0", "P[MW]"),
    ("Network-0.Bus-5", "Vm[pu]"),
    ("Network-0.Bus-6", "Vm[pu]"),
    ("Network-0.Bus-7", "Vm[pu]"),
]


class Table(mosaik_api_v3.Simulator):
    """Writes a row for each step."""

    def __init__(self):
        super().__init__(
            {
                "api_version": "3.0",
                "type": "time-based",
                "models": {"Table": {"public": True, "any_inputs": True, "params": [], "attrs": []}},
            }
        )
        self.file = open("plain.csv", "w", encoding="utf-8")
        self.file.write("time\n")

    def create(self, num, model):
        return [{"eid": "table", "type": model}]

    def step(self, time, inputs, max_advance):
        values = inputs["table"]
        cells = [repr(float(values[attribute][source])) for source, attribute in COLUMNS]
        self.file.write(",".join([str(time), *cells]) + "\n")
        return time + 900

    def get_data(self, outputs):
        return {}

    def finalize(self):
        self.file.close()


def record(world, panels, buses):
    """Has two more simulators keep what there is."""
    store = world.start("Store", step_size=900, duration=86400).Database(filename="records.h5")
    writer = world.start("Writer", start_date=START, output_file="buses.csv").CSVWriter(buff_size=10)
    for panel in panels:
        world.connect(panel, store, "P[MW]")
    for keeper in (store, writer):
        for bus in buses:
            world.connect(bus, keeper, "Vm[pu]")


def main():
    programs = {
        "Weather": {"cmd": PYTHON.format("import mosaik_csv; mosaik_csv.main()")},
        "Panels": {"cmd": PYTHON.format("from mosaik_components.pv import pvsimulator; pvsimulator.main()")},
        "Network": {"cmd": PYTHON.format("from mosaik_components.pandapower import main; main()")},
        "Store": {"cmd": PYTHON.format("from mosaik_components.hdf5 import main; main()")},
        "Writer": {"python": "mosaik_csv_writer:CSVWriter"},
        "Table": {"python": "__main__:Table"},
    }
    world = mosaik.World(programs, mosaik_config={"start_timeout": 60})
    sky = world.start("Weather", sim_start=START, datafile="scenarios/mosaik/sun.csv").Sun()
    panels = world.start("Panels", start_date=START, step_size=900, gen_neg=False).PV.create(
        3, latitude=52.0, area=2000, efficiency=0.2, el_tilt=32.0, az_tilt=0.0
    )
    grid = world.start("Network", step_size=900).Grid(network_function="create_cigre_network_lv")
    buses = [next(child for child in grid.children if child.eid == f"Bus-{n}") for n in (5, 6, 7)]
    for panel, bus in zip(panels, buses):
        world.connect(sky, panel, "DNI[W/m2]")
        world.connect(panel, bus, ("P[MW]", "P_gen[MW]"))
    if "records" in sys.argv:
        record(world, panels, buses)
    else:
        table = world.start("Table").Table()
        world.connect(panels[0], table, "P[MW]")
        for bus in buses:
            world.connect(bus, table, "Vm[pu]")
    world.run(until=86400)


main()
