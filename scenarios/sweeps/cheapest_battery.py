"""The battery that costs least over ten years: what it costs itself, and what the neighbourhood buys. Found by Optuna.

    pip install optuna
    python scenarios/sweeps/cheapest_battery.py        # in the folder of the project, with 'controller' on the path
"""
import json
import subprocess

import optuna

command = ["controller", "sweep", "scenarios/power-balance.yaml", "--ask", "--indicators", "totals"]
controller = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def cost(trial):
    size = trial.suggest_float("max_energy", 5, 300)  # kWh, at 250 EUR each
    controller.stdin.write(json.dumps({"Storage.max_energy": size}) + "\n")
    controller.stdin.flush()
    told = json.loads(controller.stdout.readline())["indicators"]
    years = 10 * 365.25 / 4 / 2  # four summer days stand for half of a year
    return 250 * size + years * (0.30 * told["bought"] - 0.08 * told["sold"])


optuna.logging.set_verbosity(optuna.logging.WARNING)
study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1))
study.optimize(cost, n_trials=100)
print(f"{study.best_params['max_energy']:.0f} kWh: {study.best_value:.0f} EUR in ten years")
controller.stdin.close()
