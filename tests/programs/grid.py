"""The scenario of scenarios/mosaik/grid.yaml with plain mosaik: each step is a row of plain.csv."""

import mosaik
import mosaik_api_v3

START = "2024-06-01 00:00:00"
PYTHON = '%(python)s -c "{}" %(addr)s'
COLUMNS = [
    ("PV-0.PV_0", "P[MW]"),
    ("Grid-0.Bus-5", "Vm[pu]"),
    ("Grid-0.Bus-6", "Vm[pu]"),
    ("Grid-0.Bus-7", "Vm[pu]"),
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


def main():
    programs = {
        "CSV": {"cmd": PYTHON.format("import mosaik_csv; mosaik_csv.main()")},
        "PV": {"cmd": PYTHON.format("from mosaik_components.pv import pvsimulator; pvsimulator.main()")},
        "Grid": {"cmd": PYTHON.format("from mosaik_components.pandapower import main; main()")},
        "Table": {"python": "__main__:Table"},
    }
    world = mosaik.World(programs, mosaik_config={"start_timeout": 60})
    sky = world.start("CSV", sim_start=START, datafile="scenarios/mosaik/sun.csv").Sun()
    panels = world.start("PV", start_date=START, step_size=900, gen_neg=False).PV.create(
        3, latitude=52.0, area=2000, efficiency=0.2, el_tilt=32.0, az_tilt=0.0
    )
    grid = world.start("Grid", step_size=900).Grid(network_function="create_cigre_network_lv")
    buses = [next(child for child in grid.children if child.eid == f"Bus-{n}") for n in (5, 6, 7)]
    table = world.start("Table").Table()
    for panel, bus in zip(panels, buses):
        world.connect(sky, panel, "DNI[W/m2]")
        world.connect(panel, bus, ("P[MW]", "P_gen[MW]"))
        world.connect(bus, table, "Vm[pu]")
    world.connect(panels[0], table, "P[MW]")
    world.run(until=86400)


main()
