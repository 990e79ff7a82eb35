"""What decides how much the neighbourhood buys: its battery, its panels, or how many households there are? Sobol indices.

    pip install SALib
    python scenarios/sweeps/sobol.py        # in the folder of the project, with 'controller' on the path
"""
import json
import subprocess

import numpy
from SALib.analyze import sobol
from SALib.sample import sobol as sampling

names = ["Storage.max_energy", "Panels.cap", "Homes.houses"]
problem = {"num_vars": 3, "names": names, "bounds": [[10, 200], [5000, 80000], [10, 60]]}
samples = sampling.sample(problem, 256, seed=1)
questions = "".join(json.dumps(dict(zip(names, row))) + "\n" for row in samples.tolist())
command = ["controller", "sweep", "scenarios/power-balance.yaml", "--ask", "--indicators", "totals"]
told = subprocess.run(command, input=questions, capture_output=True, text=True, check=True).stdout
bought = numpy.array([json.loads(line)["indicators"]["bought"] for line in told.splitlines()])
indices = sobol.analyze(problem, bought, seed=1)
for name, first, total in zip(names, indices["S1"], indices["ST"]):
    print(f"{name:20} first order {first:5.2f}, total {total:5.2f}")
