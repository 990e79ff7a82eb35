"""Serves one class as a simulator for mosaik, with nothing but Python 3.9 or later.

    python - [--path FOLDER]... MODULE:CLASS HOST:PORT

The class is a model of the Python Illuminator, with or without that package, or of the small form with
declarations and `step(self, time, inputs)`. The program dials HOST:PORT and answers requests until it is told to
stop. Where the class cannot be served it says why in one line and ends with one of the codes below.
"""

from __future__ import annotations

import contextlib
import copy
import difflib
import gc
import importlib
import importlib.abc
import importlib.machinery
import inspect
import json
import numbers
import os
import socket
import sys
import traceback
from abc import ABC, abstractmethod
from enum import Enum
from typing import Any, Dict, Iterable, Iterator, List, Optional

MODULE_NOT_FOUND, CLASS_NOT_FOUND, CLASS_WRONG, CLASS_FAILED = 81, 82, 83, 84
USAGE = NO_REQUEST = 2
ROLES = {"inputs": "input", "outputs": "output", "states": "state"}
TAKEN = ("parameters", *ROLES, "units", "step", "finalize")
KINDS = {int: "a number", float: "a number", bool: "true or false", str: "a text", list: "a list", dict: "a mapping"}


class Refusal(Exception):
    """The class cannot be served."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


# Values


def plain(value: Any) -> Any:
    """A number or an array of numpy as Python's own."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no number, text, boolean, list or mapping")


encode = json.JSONEncoder(default=plain).encode


def native(value: Any) -> Any:
    """A value without numpy around it."""
    return value.tolist() if hasattr(value, "tolist") and not isinstance(value, type) else value


def sendable(value: Any) -> Any:
    """What a default is, if that can be said in JSON."""
    try:
        return json.loads(encode(value))
    except (TypeError, ValueError):
        return None


def total(values: Iterable[Any], start: Any = 0) -> Any:
    """Plain addition from left to right. That of Python 3.12 corrects roundings, and older ones do not."""
    for value in values:
        start = start + value
    return start


def combined(attribute: str, messages: List[Any]) -> Any:
    """Outputs are added; a single state is as it is, and several are a list."""
    if not all(isinstance(message, dict) and "message_origin" in message for message in messages):
        raise TypeError(f"input '{attribute}' receives a bare value, and should receive an output or a state")
    values = [message["value"] for message in messages]
    origins = {message["message_origin"] for message in messages}
    if origins == {"output"}:
        return total(values)
    if origins == {"state"}:
        return values[0] if len(values) == 1 else values
    raise TypeError(f"input '{attribute}' receives outputs and states, which cannot be combined")


def revived(inputs: dict) -> dict:
    """What arrives, with floats of numpy where they have been some: they are rounded in another way."""
    for attributes in inputs.values():
        for sources in attributes.values():
            for message in sources.values():
                if isinstance(message, dict) and message.pop("numpy", False):
                    message["value"] = float_of_numpy(message["value"])
    return inputs


def float_of_numpy(value: float) -> Any:
    """A float of numpy, where that is installed."""
    try:
        return importlib.import_module("numpy").float64(value)
    except ModuleNotFoundError:
        return value


# What models of the Python Illuminator import, where that package is not installed


class SimulatorType(Enum):
    """When the steps of a model are due."""

    TIME_BASED = "time-based"
    EVENT_BASED = "event-based"
    HYBRID = "hybrid"


class IlluminatorModel:
    """What a model declares."""

    def __init__(self, **declared: Any) -> None:
        self.parameters: dict = {}
        self.inputs: dict = {}
        self.outputs: dict = {}
        self.states: dict = {}
        self.triggers: list = []
        self.simulator_type, self.time_step_size = SimulatorType.TIME_BASED, 1
        self.time, self.model_type = None, "Model"
        vars(self).update(declared)
        both = sorted(set(self.outputs) & set(self.states))
        if both:
            raise ValueError(f"'{both[0]}' is both an output and a state")

    @property
    def simulator_meta(self) -> dict:
        """What mosaik wants to know."""
        attributes = list(dict.fromkeys([*self.inputs, *self.outputs, *self.states]))
        model = {"public": True, "params": list(self.parameters), "attrs": attributes}
        return {"type": self.simulator_type.value, "models": {self.model_type: model}}


current_model: Dict[str, Any] = {}


class ModelConstructor:
    """What models are derived from."""

    parameters: dict = {}
    inputs: dict = {}
    outputs: dict = {}
    states: dict = {}
    time_step_size: int = 1

    def __init__(self, **_: Any) -> None:
        for key in ("parameters", *ROLES, "time_step_size"):
            setattr(self, key, current_model.get(key, getattr(self, key)))
        self.model_type = current_model.get("type", "Model")
        sections = {key: getattr(self, key) for key in ("parameters", *ROLES, "time_step_size", "model_type")}
        self._model = IlluminatorModel(**sections)
        self.meta = self._model.simulator_meta
        self.model_entities: Dict[str, IlluminatorModel] = {}
        self.time = 0
        self.sid: Optional[str] = None
        self.time_resolution: Optional[int] = None

    def init(self, sid: str, time_resolution: int = 1, **_: Any) -> dict:
        self.sid, self.time_resolution = sid, time_resolution
        return self._model.simulator_meta

    def create(self, num: int, model: str, **_: Any) -> List[dict]:
        ids = [f"{self._model.simulator_type.value}_{number}" for number in range(num)]
        self.model_entities.update(dict.fromkeys(ids, self._model))
        return [{"eid": eid, "type": model} for eid in ids]

    def setup_done(self) -> None:
        pass

    def finalize(self) -> None:
        pass

    def get_data(self, outputs: dict) -> dict:
        return {eid: {name: self._published(name) for name in names} for eid, names in outputs.items()}

    def _published(self, name: str) -> Any:
        for section in (self._model.outputs, self._model.states):
            if name in section:
                return section[name]
        raise RuntimeError(f"{self.sid} publishes no '{name}'")

    def get_state(self, attr: str) -> Any:
        if attr not in self._model.states:
            raise RuntimeError(f"{self.sid} has no state '{attr}'")
        state = self._model.states[attr]
        return state["value"] if isinstance(state, dict) and "message_origin" in state else state

    def set_states(self, states: dict) -> None:
        self._publish("state", self._model.states, states)

    def set_outputs(self, outputs: dict) -> None:
        self._publish("output", self._model.outputs, outputs)

    def _publish(self, role: str, section: dict, values: dict) -> None:
        for name, value in values.items():
            if name not in section:
                raise RuntimeError(f"{self.sid} has no {role} '{name}': declare it under '{role}s'")
            section[name] = {"message_origin": role, "value": value}

    def unpack_inputs(self, inputs: dict, return_sources: bool = False) -> dict:
        data = {}
        for attributes in inputs.values():
            for name, sources in attributes.items():
                value = combined(name, list(sources.values()))
                data[name] = {"value": value, "sources": list(sources)} if return_sources else value
        return data


class StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds these modules where nobody else does."""

    builder = {
        "ModelConstructor": ModelConstructor,
        "IlluminatorModel": IlluminatorModel,
        "SimulatorType": SimulatorType,
    }
    modules = {
        "illuminator": {},
        "illuminator.builder": builder,
        "illuminator.builder.model": builder,
        "illuminator.engine": {"current_model": current_model},
    }

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname not in self.modules:
            return None
        is_package = fullname in ("illuminator", "illuminator.builder")
        return importlib.machinery.ModuleSpec(fullname, self, is_package=is_package)

    def exec_module(self, module: Any) -> None:
        vars(module).update(self.modules[module.__name__])


# The two forms of classes, each as a simulator


def described(name: str, step_size: int, parameters: dict, sections: dict, units: dict) -> dict:
    """What a simulator says of itself."""
    attributes: Dict[str, dict] = {}
    for section, role in ROLES.items():
        for attribute, initial in sections[section].items():
            attributes[attribute] = {"role": role, "initial": sendable(initial)}
            if attribute in units:
                attributes[attribute]["unit"] = units[attribute]
    defaults = {parameter: sendable(default) for parameter, default in parameters.items()}
    model = {"public": True, "params": list(parameters), "attrs": list(attributes)}
    return {
        "api_version": "3.0",
        "type": "time-based",
        "models": {name: model},
        "extra_methods": [],
        "illuminator": {"step_size": step_size, "parameters": defaults, "attributes": attributes},
    }


class Simulator(ABC):
    """A class behind mosaik's interface."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        self.model: Any = None
        self.is_made = False

    def init(self, sid: str, time_resolution: int = 1, sim_params: Any = None, start_time: Any = None) -> dict:
        if not isinstance(sim_params, dict) or len(sim_params) != 1:
            raise ValueError("'init' needs 'sim_params' with one model, by its name")
        ((self.name, entry),) = sim_params.items()
        try:
            description = self.make(entry, sid, time_resolution, start_time)
        except Refusal:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise Refusal(CLASS_FAILED, f"class '{self.cls.__name__}' could not be made: {reason}") from error
        self.is_made = True
        return description

    @abstractmethod
    def make(self, entry: dict, sid: str, time_resolution: int, start_time: Optional[str]) -> dict:
        """Makes the model of an entry of a scenario; what the simulator says of itself."""

    def setup_done(self) -> None:
        pass

    def finalize(self) -> None:
        if self.is_made and hasattr(self.model, "finalize"):
            self.model.finalize()


class IlluminatorSimulator(Simulator):
    """A model of the Python Illuminator."""

    def make(self, entry: dict, sid: str, time_resolution: int, start_time: Optional[str]) -> dict:
        # The base class takes these from there, and a reader of files adds its columns.
        current = importlib.import_module("illuminator.engine").current_model
        current.clear()
        current.update(self.sections(entry, start_time))
        self.model = self.cls()
        self.model.init(sid, time_resolution, sim_params={self.name: entry})
        declared = self.model._model
        self.inputs = set(declared.inputs)
        sections = {section: getattr(declared, section) for section in ROLES}
        parameters = {**self.cls.parameters, **declared.parameters}
        return described(declared.model_type, declared.time_step_size, parameters, sections, {})

    def sections(self, entry: dict, start_time: Optional[str]) -> dict:
        """Parameters are those of the entry, or else of the class. What else the class declares is there in any
        case, unless the entry says that it is something else."""
        cls: Any = self.cls
        given = {key: dict(entry.get(key) or {}) for key in ("parameters", *ROLES)}
        parameters = given["parameters"] or dict(cls.parameters)
        if cls.__name__ == "CSV" and start_time is not None:
            parameters.setdefault("start", start_time)
        outputs = {name: value for name, value in cls.outputs.items() if name not in given["states"]}
        outputs.update(given["outputs"])
        states = {name: value for name, value in cls.states.items() if name not in outputs}
        return {
            "type": entry.get("type", cls.__name__),
            "parameters": parameters,
            "inputs": {**cls.inputs, **given["inputs"]},
            "outputs": outputs,
            "states": {**states, **given["states"]},
            "time_step_size": entry.get("time_step_size", cls.time_step_size),
        }

    def create(self, num: int, model: str, **parameters: Any) -> List[dict]:
        return self.model.create(num, model, **parameters)

    def setup_done(self) -> None:
        self.model.setup_done()

    def step(self, time: int, inputs: dict, max_advance: Any = None) -> int:
        name = self.cls.__name__
        try:
            # Models never get a third argument from the Illuminator, and some compute with its default.
            following = self.model.step(time, revived(inputs))
        except KeyError as error:
            arrived = {attribute for attributes in inputs.values() for attribute in attributes}
            missing = [key for key in error.args if key in self.inputs - arrived]
            if not missing:
                raise
            raise LookupError(f"input '{missing[0]}' of class '{name}' is not connected") from error
        if not isinstance(following, numbers.Integral):
            what = f"'step' of class '{name}' returned {following!r}"
            raise TypeError(f"{what}, and should return the next time: time + self._model.time_step_size")
        return int(following)

    def get_data(self, wanted: dict) -> dict:
        return {
            eid: {name: self.message(name, value) for name, value in attributes.items()}
            for eid, attributes in self.model.get_data(wanted).items()
        }

    def message(self, name: str, value: Any) -> dict:
        """What the model has set, with a mark where that is a float of numpy."""
        if not isinstance(value, dict) or "message_origin" not in value:
            what = f"'{name}' of class '{self.cls.__name__}' has not been set"
            raise ValueError(f"{what}: set it in each step, with set_outputs or set_states")
        inner = value["value"]
        is_numpy = isinstance(inner, float) and type(inner).__module__ == "numpy"
        return {**value, "numpy": True} if is_numpy else value


class PlainSimulator(Simulator):
    """A class of the small form. What stands there is a default, or a type where there is none."""

    def make(self, entry: dict, sid: str, time_resolution: int, start_time: Optional[str]) -> dict:
        model: Any = self.cls.__new__(self.cls)
        self.model = model
        self.step_size = entry.get("time_step_size", getattr(model, "time_step_size", 1))
        parameters = self.section("parameters", entry)
        is_late = not getattr(model, "states", {})
        missing = [name for name, value in parameters.items() if isinstance(value, type)]
        if missing:
            raise Refusal(CLASS_FAILED, f"class '{self.cls.__name__}' needs the parameter '{missing[0]}'")
        self.attach({"time_resolution": time_resolution, "time_step_size": self.step_size, "start_time": start_time})
        self.attach(parameters)
        if not is_late:
            self.attach(self.section("states", entry))
        if self.cls.__init__ is not object.__init__:
            taken = inspect.signature(model.__init__).parameters.values()
            everything = any(one.kind is one.VAR_KEYWORD for one in taken)
            names = [name for name in parameters if everything or name in {one.name for one in taken}]
            self.cls.__init__(model, **{name: copy.deepcopy(parameters[name]) for name in names})
        # Some classes find out only now what they have.
        self.inputs, self.states = self.section("inputs", entry), self.section("states", entry)
        self.outputs = self.section("outputs", entry)
        both = sorted(set(self.outputs) & set(self.states))
        if both:
            raise Refusal(CLASS_WRONG, f"class '{self.cls.__name__}' has '{both[0]}' as output and as state")
        self.attach({name: value for name, value in self.states.items() if not hasattr(model, name)})
        self.published: Dict[str, dict] = {}
        sections = {"inputs": self.inputs, "outputs": self.outputs, "states": self.states}
        name = entry.get("type", self.cls.__name__)
        return described(name, self.step_size, parameters, sections, getattr(model, "units", {}))

    def attach(self, values: dict) -> None:
        """Makes attributes of the model, which may change them."""
        for name, value in values.items():
            if name in TAKEN:
                raise Refusal(CLASS_WRONG, f"class '{self.cls.__name__}' cannot have a parameter or state '{name}'")
            if not isinstance(value, type):
                setattr(self.model, name, copy.deepcopy(value))

    def section(self, section: str, entry: dict) -> dict:
        """What is declared, with the values of the entry in place of the defaults."""
        declared, role = getattr(self.model, section, {}), section[:-1]
        if not isinstance(declared, dict):
            what = f"'{section}' of class '{self.cls.__name__}'"
            raise Refusal(CLASS_WRONG, f"{what} should be a mapping of names and defaults, such as {{'x': 0.0}}")
        values = dict(declared)
        for name, value in (entry.get(section) or {}).items():
            if name not in declared:
                raise Refusal(CLASS_FAILED, self.unknown(role, name, declared))
            if value is None:
                continue
            try:
                values[name] = self.checked(role, name, value, declared[name])
            except TypeError as error:
                raise Refusal(CLASS_FAILED, str(error)) from None
        return values

    def unknown(self, role: str, name: str, known: Iterable[str]) -> str:
        """That there is nothing of this name, and what there is."""
        near = difflib.get_close_matches(name, known, 1)
        hint = f": did you mean '{near[0]}'?" if near else f" (it has: {', '.join(known) or 'none'})"
        return f"class '{self.cls.__name__}' has no {role} '{name}'{hint}"

    def checked(self, role: str, name: str, value: Any, declared: Any) -> Any:
        """A value without numpy, if it is of the kind of what is declared."""
        value, declared = native(value), native(declared)
        kind = declared if isinstance(declared, type) else type(declared)
        if kind in (int, float):
            fits = isinstance(value, (int, float)) and not isinstance(value, bool)
        elif kind in (list, tuple):
            fits = isinstance(value, (list, tuple))
        else:
            fits = declared is None or isinstance(value, kind)
        if not fits:
            right = KINDS.get(kind, kind.__name__)
            raise TypeError(f"{role} '{name}' of class '{self.cls.__name__}' is {value!r}, and should be {right}")
        return value

    def create(self, num: int, model: str, **_: Any) -> List[dict]:
        if num != 1:
            raise ValueError("a class serves one model")
        return [{"eid": "time-based_0", "type": model}]

    def step(self, time: int, inputs: dict, max_advance: Any = None) -> int:
        declared = getattr(self.model, "inputs", {})
        values = dict(self.inputs)
        for attributes in inputs.values():
            for name, sources in attributes.items():
                if name not in declared:
                    raise LookupError(self.unknown("input", name, declared))
                value = combined(name, list(sources.values()))
                values[name] = self.checked("input", name, value, declared[name])
        for name, value in values.items():
            if isinstance(value, type):
                raise LookupError(f"input '{name}' of class '{self.cls.__name__}' is not connected")
        self.publish(self.model.step(time, values))
        return time + self.step_size

    def publish(self, result: Any) -> None:
        """Takes what a step has returned: all outputs, and those states that are not attributes."""
        who = f"'step' of class '{self.cls.__name__}'"
        if not isinstance(result, dict):
            raise TypeError(f"{who} returned {result!r}, and should return its outputs by name")
        for name in result:
            if name not in self.outputs and name not in self.states:
                raise LookupError(f"'step': {self.unknown('output', name, [*self.outputs, *self.states])}")
        for name, declared in self.outputs.items():
            if name not in result:
                raise LookupError(f"{who} did not return the output '{name}'")
            value = self.checked("output", name, result[name], declared)
            self.published[name] = {"message_origin": "output", "value": value}
        for name, declared in self.states.items():
            if name in result:
                setattr(self.model, name, result[name])
            elif not hasattr(self.model, name):
                raise LookupError(f"{who} neither returned the state '{name}' nor made it an attribute")
            value = self.checked("state", name, getattr(self.model, name), declared)
            self.published[name] = {"message_origin": "state", "value": value}

    def get_data(self, wanted: dict) -> dict:
        return {eid: {name: self.published[name] for name in names} for eid, names in wanted.items()}


# The class


@contextlib.contextmanager
def nothing_collected() -> Iterator[None]:
    """What is made meanwhile is looked for garbage neither now nor later.

    What libraries have when they are loaded stays, and to look at it over and over takes a quarter of the time that
    loading pandas takes.
    """
    if sys.implementation.name != "cpython":
        yield
        return
    thresholds = gc.get_threshold()
    gc.set_threshold(0, *thresholds[1:])
    try:
        yield
    finally:
        gc.freeze()
        # A module may have asked for something else.
        if gc.get_threshold()[0] == 0:
            gc.set_threshold(*thresholds)


def load(place: str, folders: List[str]) -> Simulator:
    """Finds the class, and what serves it."""
    module_name, colon, class_name = place.partition(":")
    if not colon or not module_name or not class_name:
        raise Refusal(CLASS_NOT_FOUND, f"'{place}' is no class: write 'module:Class'")
    sys.path[:0] = folders
    sys.meta_path.append(StandIn())
    try:
        with nothing_collected():
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            remedy = f"'{sys.executable} -m pip install' it, or name another interpreter"
            raise Refusal(MODULE_NOT_FOUND, f"module '{module_name}' needs '{error.name}': {remedy}") from error
        remedy = f"its file belongs into one of {', '.join(folders) or os.getcwd()}"
        if module_name.endswith(".py"):
            remedy = f"write '{module_name[:-3]}:{class_name}'"
        raise Refusal(MODULE_NOT_FOUND, f"there is no module '{module_name}': {remedy}") from None
    except Exception as error:
        traceback.print_exc()
        raise Refusal(CLASS_FAILED, f"module '{module_name}': {type(error).__name__}: {error}") from error
    cls = getattr(module, class_name, None)
    if cls is None:
        known = [name for name, one in vars(module).items() if isinstance(one, type) and hasattr(one, "step")]
        near = difflib.get_close_matches(class_name, known, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"it has: {', '.join(known) or 'none'}"
        raise Refusal(CLASS_NOT_FOUND, f"module '{module_name}' has no class '{class_name}': {hint}")
    return simulator(cls, class_name)


def simulator(cls: Any, name: str) -> Simulator:
    """What serves a class, by its form."""
    if not isinstance(cls, type):
        raise Refusal(CLASS_WRONG, f"'{name}' is a {type(cls).__name__}, and should be a class")
    base = getattr(sys.modules.get("illuminator.builder"), "ModelConstructor", None)
    of_illuminator = base is not None and issubclass(cls, base)
    if not of_illuminator and any(one.__module__.startswith("mosaik") for one in cls.__mro__):
        raise Refusal(CLASS_WRONG, f"class '{name}' is a simulator for mosaik: give 'command' in place of 'python'")
    if not callable(getattr(cls, "step", None)) or inspect.isabstract(cls):
        raise Refusal(CLASS_WRONG, f"class '{name}' is no model: it has no method 'step'")
    if not of_illuminator:
        try:
            inspect.signature(getattr(cls, "step")).bind(None, 0, {})
        except TypeError:
            raise Refusal(CLASS_WRONG, f"class '{name}': write 'def step(self, time, inputs)'") from None
        return PlainSimulator(cls)
    if base is not ModelConstructor:
        vars(sys.modules[base.__module__])["sum"] = total
    return IlluminatorSimulator(cls)


# Requests and answers


def failed(number: int, error: BaseException) -> bytes:
    """What went wrong, with the lines of its traceback that are not ours."""
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    ours = f'  File "{main.__code__.co_filename}"'
    lines = [line for line in lines if not line.startswith(ours)]
    return encode([2, number, [type(error).__name__, str(error), *lines]]).encode()


def culprit(cls: type, data: Any, error: Exception) -> Exception:
    """Why values cannot be sent, with the name of the attribute."""
    for attributes in data.values() if isinstance(data, dict) else []:
        for name, value in attributes.items() if isinstance(attributes, dict) else []:
            try:
                encode(value)
            except (TypeError, ValueError) as reason:
                return TypeError(f"'{name}' of class '{cls.__name__}' cannot be sent: {reason}")
    return error


def answer(served: Simulator, number: int, function: str, arguments: list, named: dict) -> bytes:
    """The answer to a request. What a class prints or raises does not end the connection."""
    try:
        if function not in ("init", "create", "setup_done", "step", "get_data"):
            raise KeyError(function)
        result = getattr(served, function)(*arguments, **named)
        try:
            return encode([1, number, result]).encode()
        except (TypeError, ValueError) as error:
            raise culprit(served.cls, result, error) from None
    except Refusal:
        raise
    except (Exception, SystemExit) as error:
        return failed(number, error)


def serve(connection: socket.socket, served: Simulator) -> None:
    """Answers requests until the other side says that it is over, or is gone. What arrives together is answered
    together."""
    received = bytearray()
    while True:
        chunk = connection.recv(1 << 16)
        if not chunk:
            return
        received += chunk
        answers = bytearray()
        while len(received) >= 4:
            end = 4 + int.from_bytes(received[:4], "big")
            if len(received) < end:
                break
            try:
                _, number, (function, arguments, named) = json.loads(received[4:end])
            except (TypeError, ValueError) as error:
                raise Refusal(NO_REQUEST, f"what arrives is no request of mosaik: {error}") from None
            del received[:end]
            if function == "stop":
                return
            try:
                content = answer(served, number, function, arguments, named)
            except Refusal as refusal:
                content = failed(number, refusal.__cause__ or refusal)
                connection.sendall(answers + len(content).to_bytes(4, "big") + content)
                raise
            answers += len(content).to_bytes(4, "big") + content
        connection.sendall(answers)


def main(arguments: List[str]) -> int:
    """Serves the class that the command line names; the exit code."""
    folders = []
    while len(arguments) > 1 and arguments[0] == "--path":
        folders.append(arguments[1])
        arguments = arguments[2:]
    if len(arguments) != 2:
        print("illuminator: give [--path FOLDER]... MODULE:CLASS HOST:PORT", file=sys.stderr)
        return USAGE
    # What is printed, by libraries too, is shown where a run fails, and is nobody's answer.
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    place, address = arguments
    try:
        served = load(place, folders)
        host, _, port = address.rpartition(":")
        try:
            connection = socket.create_connection((host.strip("[]"), int(port)))
        except (OSError, ValueError) as error:
            raise Refusal(USAGE, f"nobody answers at '{address}': {error}") from None
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                serve(connection, served)
            except ConnectionError:
                pass
            finally:
                served.finalize()
    except Refusal as refusal:
        print(f"illuminator: {refusal}", file=sys.stderr)
        return refusal.code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
