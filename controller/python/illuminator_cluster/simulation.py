"""A scenario that a program changes before it runs."""

from __future__ import annotations

import copy
import os
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping

from ruamel.yaml import YAML, YAMLError

from .catalogue import models
from .command import call
from .errors import UnknownNameError, UsageError, unknown

if TYPE_CHECKING:
    from .result import Run


class Simulation:
    """A scenario, what can be done to it, and its runs: the class of the Python Illuminator, with its names.

    config: a scenario file (YAML), or a mapping with what such a file has. The file stays as it is.

    What is set is checked when it runs. Comments and order of the file are kept, so that what is said of its lines holds
    for 'NAME.scenario.yaml', which a run puts beside its result if the scenario was changed.

    Raises ScenarioError where the file cannot be read.
    """

    def __init__(self, config: str | os.PathLike[str] | Mapping[str, Any]) -> None:
        if isinstance(config, Mapping):
            self._path = None
            self._config = _plain(copy.deepcopy(config))
        else:
            self._path = Path(config)
            self._config = _load(self._path)
        self._read = _dump(self._config) if self._path is not None else None

    @property
    def config(self) -> dict[str, Any]:
        """The scenario as it is now."""
        return self._config

    def run(self, output: str | os.PathLike[str] | None = None, **options: Any) -> Run:
        """Runs the scenario, and writes the result where it says, or to 'output'.

        options: those of 'controller run'.

        Returns the result, and raises what running.run raises.
        """
        from .running import write

        return write(self, output, options)

    def set_scenario_param(self, parameter: str, value: Any) -> None:
        """Replaces a value of the section 'scenario', such as 'end_time'.

        Raises UnknownNameError, a KeyError, where the file does not have it.
        """
        _replace(self._config.get("scenario"), "'scenario'", "parameter", parameter, value)

    def set_monitor_param(self, parameter: str, value: Any) -> None:
        """Replaces a value of the section 'monitor', such as 'file'.

        Raises UnknownNameError, a KeyError, where the file does not have it.
        """
        _replace(self._config.get("monitor"), "'monitor'", "parameter", parameter, value)

    def set_model_param(self, model_name: str, parameter: str, value: Any) -> None:
        """Replaces a parameter of a model.

        Raises UnknownNameError, a KeyError, where there is no such model, or the file does not have the parameter.
        """
        model = self._model(model_name)
        _replace(model.get("parameters"), f"model '{model_name}'", "parameter", parameter, value)

    def set_model_parameters(self, model_name: str, params: Mapping[str, Any]) -> None:
        """Replaces parameters of a model, all of them or none.

        Raises UnknownNameError, a KeyError, as set_model_param does.
        """
        self.edit_models({model_name: params})

    def edit_models(self, configuration: Mapping[str, Mapping[str, Any]]) -> None:
        """Replaces parameters of models, such as {'Storage': {'max_energy': 50}}: all of them or none.

        Raises UnknownNameError, a KeyError, as set_model_param does.
        """
        for model_name, params in configuration.items():
            known = self._model(model_name).get("parameters") or {}
            for parameter in params:
                if parameter not in known:
                    raise unknown(f"model '{model_name}'", "parameter", parameter, known)
        for model_name, params in configuration.items():
            for parameter, value in params.items():
                self.set_model_param(model_name, parameter, value)

    def set_model_state(self, model_name: str, state: str, value: Any) -> None:
        """Replaces the value with which a state of a model begins.

        Raises UnknownNameError, a KeyError, where there is no such model, or the file does not have the state.
        """
        model = self._model(model_name)
        _replace(model.get("states"), f"model '{model_name}'", "state", state, value)

    def add_model(self, model: Mapping[str, Any]) -> None:
        """Adds a model, as a scenario file has it.

        Raises ValueError where it has no name or no type, or there is a model of its name.
        """
        if not {"name", "type"} <= model.keys():
            raise ValueError(f"a model has a 'name' and a 'type'; this one has: {', '.join(model) or 'nothing'}")
        if model["name"] in self._names():
            raise ValueError(f"there is a model '{model['name']}' already; remove it first, or take another name")
        self._config["models"].append(_plain(copy.deepcopy(model)))

    def remove_model(self, model_name: str) -> None:
        """Removes a model, with its connections and what is monitored of it.

        Raises UnknownNameError, a KeyError, where there is none.
        """
        model = self._model(model_name)
        self._config["models"].remove(model)
        _keep(self._config.get("connections"), lambda each: model_name not in map(_model_of, _ends(each)))
        _keep(self._config.get("monitor", {}).get("items"), lambda item: _model_of(item) != model_name)

    def add_connection(self, connection: Mapping[str, Any]) -> None:
        """Adds a connection, such as {'from': 'Panels.pv_gen', 'to': 'Control.pv_gen'}. It is not time-shifted unless
        it says so.

        Raises ValueError where an end is missing.
        """
        _check_ends(connection)
        self._config["connections"].append({"time_shifted": False, **_plain(copy.deepcopy(connection))})

    def remove_connection(self, connection: Mapping[str, Any]) -> None:
        """Removes a connection, named by its 'from' and 'to'. Where there is none, there is nothing to do.

        Raises ValueError where an end is missing.
        """
        _check_ends(connection)
        _keep(self._config.get("connections"), lambda each: _ends(each) != _ends(connection))

    def give(self, values: Mapping[str, Any]) -> None:
        """Gives parameters values, and states those with which they begin: {'Storage.max_energy': 50}. A parameter that
        the file leaves to its default can be given as well.

        Raises UnknownNameError, a KeyError, where there is no such model, or it has nothing of that name.
        """
        for name, value in values.items():
            model_name, point, attribute = name.partition(".")
            if not point:
                raise UnknownNameError(f"'{name}' is no parameter; one is written 'Model.parameter'")
            model = self._model(model_name)
            parameters, states = model.get("parameters") or {}, model.get("states") or {}
            if attribute not in parameters and attribute in states:
                states[attribute] = _plain(value)
                continue
            declared = parameters if attribute in parameters else _parameters_of(model)
            if attribute not in declared:
                raise unknown(f"model '{model_name}'", "parameter", attribute, {**declared, **parameters, **states})
            model.setdefault("parameters", {})[attribute] = _plain(value)

    @property
    def name(self) -> str:
        """What files of a run are called."""
        return self._path.stem if self._path is not None else "scenario"

    def is_changed(self) -> bool:
        """Whether there is no file that has it as it is now."""
        return self._read is None or _dump(self._config) != self._read

    def file(self, folder: str | os.PathLike[str], name: str | None = None) -> Path:
        """A file that has the scenario as it is now: the one that it is from, else a new one in a folder, which is made
        if need be."""
        if self._path is not None and not self.is_changed():
            return self._path
        path = Path(folder, name or f"{self.name}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_dump(self._config), encoding="utf-8")
        return path

    def _names(self) -> list[str]:
        return [model.get("name") for model in self._config["models"]]

    def _model(self, name: str) -> dict[str, Any]:
        for model in self._config["models"]:
            if model.get("name") == name:
                return model
        raise unknown("the scenario", "model", name, self._names())


class ScenarioFile:
    """A scenario that runs as it stands in its file."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self.name = self._path.stem

    def file(self, folder: str | os.PathLike[str], name: str | None = None) -> Path:
        """The file."""
        return self._path

    def is_changed(self) -> bool:
        """Never."""
        return False


def writable(
    scenario: str | os.PathLike[str] | Mapping[str, Any] | Simulation, values: Mapping[str, Any] | None = None
) -> Simulation | ScenarioFile:
    """A scenario, with other values, as something that has a file. What is given stays as it is."""
    if isinstance(scenario, Simulation):
        if not values:
            return scenario
        scenario = copy.deepcopy(scenario)
    elif isinstance(scenario, Mapping) or values:
        scenario = Simulation(scenario)
    else:
        return ScenarioFile(scenario)
    scenario.give(values or {})
    return scenario


def _yaml() -> YAML:
    # What the controller reads is YAML 1.2, and so is this. Long lines stay as they are.
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 1 << 20
    return yaml


def _load(path: Path) -> dict[str, Any]:
    try:
        config = _yaml().load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError):
        # The command says what is wrong with a file, with its line.
        call("check", {"json": True, "local": True}, path).expect()
        raise
    if not isinstance(config, Mapping) or not isinstance(config.get("models"), list):
        raise UsageError(f"'{path}' is no scenario: it has no list 'models'", 1)
    return config


def _dump(config: Mapping[str, Any]) -> str:
    text = StringIO()
    _yaml().dump(config, text)
    return text.getvalue()


def _plain(value: Any) -> Any:
    """A value as YAML has it, where it comes from NumPy or pandas."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if hasattr(value, "tolist"):
        return value.tolist()
    return value


def _replace(section: dict[str, Any] | None, owner: str, kind: str, key: str, value: Any) -> None:
    if not section or key not in section:
        raise unknown(owner, kind, key, section or {})
    section[key] = _plain(value)


def _keep(values: list[Any] | None, keeps: Any) -> None:
    """Removes the others from a list that stays the same object, which has comments of the file."""
    if values is not None:
        for index in reversed(range(len(values))):
            if not keeps(values[index]):
                del values[index]


def _ends(connection: Mapping[str, Any]) -> tuple[str, str]:
    return connection["from"], connection["to"]


def _check_ends(connection: Mapping[str, Any]) -> None:
    if not {"from", "to"} <= connection.keys():
        raise ValueError(f"a connection has 'from' and 'to'; this one has: {', '.join(connection) or 'nothing'}")


def _model_of(reference: str) -> str:
    return reference.partition(".")[0]


def _parameters_of(model: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that the type of a model declares; none for a type that the catalogue does not have."""
    try:
        declared = models(model["type"])
    except UsageError:
        return {}
    return dict.fromkeys(declared.index[declared["role"] == "parameter"])
