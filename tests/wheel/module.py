"""What the module for Python promises, where the wheel is installed. Runs in a folder that has the examples."""

import os
import signal
import subprocess
import threading
import time
import unittest
import urllib.request
import warnings
from pathlib import Path

import pandas

import illuminator_cluster as ic

SCENARIO = "scenarios/power-balance.yaml"


class Runs(unittest.TestCase):
    def test_a_run_is_a_frame_with_the_time_as_its_index(self):
        run = ic.run(SCENARIO)
        self.assertIsInstance(run, pandas.DataFrame)
        self.assertEqual(len(run), 384)
        self.assertEqual(run.index[0], pandas.Timestamp("2026-07-06 00:00:00"))
        # A row at midnight has a date alone in files of the Python Illuminator.
        self.assertIn("\n2026-07-07,", run.path.read_text())
        self.assertTrue(ic.run(SCENARIO, whole_dates=True).index.equals(run.index))
        self.assertEqual(run.index[1] - run.index[0], pandas.Timedelta(seconds=900))
        self.assertEqual(run.units["Storage.soc"], "%")
        self.assertEqual(run.attrs["units"]["Panels.pv_gen"], "kW")
        self.assertEqual(run.totals["rows"], 384)
        self.assertEqual(run.record["made_from"][0]["path"], SCENARIO)

    def test_numbers_are_those_of_the_file(self):
        run = ic.run(SCENARIO, output="numbers/run.csv", whole_dates=True)
        lines = Path("numbers/run.csv").read_text().splitlines()
        self.assertEqual(list(run.columns), lines[0].split(",")[1:])
        for line, (time_of_row, row) in zip(lines[1:], run.iterrows()):
            cells = line.split(",")
            self.assertEqual(str(time_of_row), cells[0])
            self.assertEqual(list(row), [float(cell) for cell in cells[1:]])

    def test_what_is_made_from_a_run_is_a_plain_frame(self):
        run = ic.run(SCENARIO)
        self.assertIs(type(run[["Storage.soc"]]), pandas.DataFrame)
        self.assertIs(type(run.resample("D").mean()), pandas.DataFrame)

    def test_its_file_is_gone_with_it_or_stays_where_it_was_told(self):
        run = ic.run(SCENARIO)
        path = run.path
        self.assertTrue(path.exists())
        del run
        self.assertFalse(path.exists())
        ic.run(SCENARIO, {"Storage.max_energy": 20}, output="kept/out.csv")
        kept = ic.read("kept/out.csv")
        self.assertEqual(kept.record["made_from"][0]["path"], "kept/out.scenario.yaml")
        again = ic.run("kept/out.scenario.yaml")
        pandas.testing.assert_frame_equal(pandas.DataFrame(again), pandas.DataFrame(kept))

    def test_values_are_those_of_a_scenario_that_has_them(self):
        text = Path(SCENARIO).read_text().replace("max_energy: 90 ", "max_energy: 20 ")
        Path("twenty.yaml").write_text(text)
        given = ic.run(SCENARIO, {"Storage.max_energy": 20, "Storage.soc": 50})
        pandas.testing.assert_frame_equal(pandas.DataFrame(given), pandas.DataFrame(ic.run("twenty.yaml")))

    def test_values_may_be_of_numpy(self):
        import numpy

        wide = ic.run(SCENARIO, {"Storage.max_energy": numpy.float64(20)})
        self.assertEqual(wide.totals, ic.run(SCENARIO, {"Storage.max_energy": 20.0}).totals)

    def test_a_mapping_is_a_scenario(self):
        scenario = dict(ic.Simulation(SCENARIO).config)
        self.assertEqual(ic.run(scenario).totals, ic.run(SCENARIO).totals)

    def test_words_of_yaml_stay_what_they_are(self):
        # In YAML 1.2 'no' is a text, 0o17 is 15, and 12:30 is no number.
        Path("words.yaml").write_text(
            Path(SCENARIO).read_text().replace("name: 'power balance'", "name: no").replace("houses: 30", "houses: 0o17")
        )
        simulation = ic.Simulation("words.yaml")
        self.assertEqual(simulation.config["scenario"]["name"], "no")
        simulation.set_model_param("Storage", "max_energy", 20)
        self.assertEqual(simulation.run("words.csv").record["scenario"], "no")
        self.assertEqual(ic.Simulation("words.scenario.yaml").config["models"][5]["parameters"]["houses"], 15)


class Refusals(unittest.TestCase):
    def test_messages_are_those_of_the_command(self):
        Path("wrong.yaml").write_text(Path(SCENARIO).read_text().replace("soc_max:", "soc_mxa:"))
        ended = subprocess.run(["controller", "run", "-q", "wrong.yaml"], capture_output=True, text=True)
        with self.assertRaises(ic.ScenarioError) as raised:
            ic.run("wrong.yaml")
        self.assertEqual(str(raised.exception), ended.stderr.strip())
        self.assertEqual(raised.exception.exit_code, 2)
        self.assertEqual(raised.exception.report["problems"][0]["line"], 80)
        for refuse in (ic.check, ic.sweep):
            with self.assertRaises(ic.IlluminatorError):
                refuse("wrong.yaml")

    def test_data_that_cannot_be_read_are_named(self):
        data = Path("scenarios/data/summer/households.csv").read_text().splitlines(keepends=True)
        Path("short.csv").write_text("".join([*data[:60], "2026-07-06 14:30:00,x\n", *data[61:]]))
        simulation = ic.Simulation(SCENARIO)
        simulation.set_model_param("HomeFile", "file_path", "short.csv")
        with self.assertRaises(ic.IlluminatorError) as raised:
            simulation.run("fails.csv")
        self.assertIn("short.csv", str(raised.exception))

    def test_what_is_not_there_is_named(self):
        for scenario in ("nowhere.yaml", ic.__file__):
            with self.assertRaises(ic.IlluminatorError):
                ic.run(scenario)
            with self.assertRaises(ic.IlluminatorError):
                ic.run(scenario, {"Storage.max_energy": 20})
        with self.assertRaisesRegex(ic.UsageError, "no option '--colour'"):
            ic.run(SCENARIO, colour="red")
        with self.assertRaisesRegex(ic.UsageError, "did you mean 'Battery'"):
            ic.models("Batery")
        with self.assertRaisesRegex(KeyError, "did you mean 'Storage'"):
            ic.run(SCENARIO, {"Storag.max_energy": 20})
        with self.assertRaises(ic.UsageError):
            ic.show("nowhere.csv", browser=False)

    def test_a_node_that_is_not_there_is_an_error_of_a_node(self):
        simulation = ic.Simulation(SCENARIO)
        simulation.config["models"][0]["connect"] = {"ip": "127.0.0.1", "port": 9}
        with self.assertRaises(ic.NodeError):
            ic.run(simulation, insecure=True, wait=0)

    def test_warnings_are_told_to_the_caller(self):
        simulation = ic.Simulation(SCENARIO)
        simulation.config["models"][7]["parameters"]["soc_mni"] = 5
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            ic.run(simulation)
            ic.check(simulation)
        told = [warning for warning in told if warning.category is ic.IlluminatorWarning]
        self.assertEqual(len(told), 2)
        for warning in told:
            self.assertIn("did you mean 'soc_min'", str(warning.message))
            self.assertEqual(warning.filename, __file__)


class Interruptions(unittest.TestCase):
    def test_ctrl_c_ends_the_run(self):
        Path("slow").mkdir()
        main = threading.main_thread().ident

        def interrupt():
            for _ in range(600):
                if Path("slow/out.partial.csv").exists():
                    break
                time.sleep(0.05)
            signal.pthread_kill(main, signal.SIGINT)

        threading.Thread(target=interrupt).start()
        with self.assertRaises(KeyboardInterrupt):
            ic.run(SCENARIO, output="slow/out.csv", pace="1/s")
        own = subprocess.run(["pgrep", "--parent", str(os.getpid()), "controller"], capture_output=True)
        self.assertEqual(own.stdout, b"")
        # It ended as it does for Ctrl-C: its rows are in order.
        self.assertIn('"interrupted"', Path("slow/out.partial.run.json").read_text())


class Others(unittest.TestCase):
    def test_a_check_says_what_is_in_a_scenario(self):
        checked = ic.check(SCENARIO)
        self.assertEqual((checked["ticks"], len(checked["models"])), (384, 8))

    def test_types_are_those_of_the_command(self):
        self.assertIn("Battery", ic.models().index)
        battery = ic.models("Battery")
        self.assertEqual(tuple(battery.loc["soc", ["role", "unit"]]), ("state", "%"))

    def test_a_sweep_is_a_table(self):
        table = ic.sweep(SCENARIO, {"Storage.max_energy": [20, 50.5], "Homes.houses": range(20, 31, 10)})
        self.assertEqual(len(table), 4)
        self.assertEqual(list(table["Storage.max_energy"]), [20, 20, 50.5, 50.5])
        self.assertEqual((table.units["made"], table.units["self_sufficiency"]), ("kWh", None))
        samples = pandas.DataFrame({"Storage.max_energy": [20.0, 50.5]})
        sampled = ic.sweep(SCENARIO, samples=samples, indicators=["top=max(Storage.soc)"], output="top.csv")
        self.assertEqual(list(sampled.columns), ["Storage.max_energy", "top"])
        self.assertTrue(Path("top.csv").exists())

    def test_a_page_is_there_until_it_is_closed(self):
        run = ic.run(SCENARIO)
        with ic.show(run, browser=False) as page:
            with urllib.request.urlopen(page.address) as answer:
                self.assertEqual(answer.status, 200)
        with self.assertRaises(OSError):
            urllib.request.urlopen(page.address)


if __name__ == "__main__":
    unittest.main(verbosity=2)
