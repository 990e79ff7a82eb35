"""Solves feeders with pandapower: a list of them comes in as JSON, and what was found of each goes out, as well as those of
pandapower's own test grids that are feeders, with what was found of them."""

import json
import sys

import pandapower
from pandapower import networks

# Low-voltage grids by Kerber, and small ones.
GRIDS = [
    "create_kerber_landnetz_freileitung_1", "create_kerber_landnetz_freileitung_2", "create_kerber_landnetz_kabel_1",
    "create_kerber_landnetz_kabel_2", "create_kerber_dorfnetz", "create_kerber_vorstadtnetz_kabel_1",
    "create_kerber_vorstadtnetz_kabel_2", "kb_extrem_landnetz_freileitung", "kb_extrem_landnetz_kabel", "kb_extrem_dorfnetz",
    "four_loads_with_branches_out", "simple_four_bus_system",
]


def solve(feeder):
    net = pandapower.create_empty_network(f_hz=50)
    nominal = feeder["v_nom"]
    buses = {name: pandapower.create_bus(net, vn_kv=nominal) for name in feeder["buses"]}
    root = buses[feeder["buses"][0]]
    trafo = feeder.get("transformer")
    if trafo:
        above = pandapower.create_bus(net, vn_kv=trafo["vn_hv_kv"])
        pandapower.create_ext_grid(net, above, vm_pu=feeder["v_source"])
        pandapower.create_transformer_from_parameters(
            net, above, root, sn_mva=trafo["sn_kva"] / 1000, vn_hv_kv=trafo["vn_hv_kv"], vn_lv_kv=trafo["vn_lv_kv"],
            vk_percent=trafo["vk_percent"], vkr_percent=trafo["vkr_percent"], pfe_kw=trafo["pfe_kw"],
            i0_percent=trafo["i0_percent"], shift_degree=0, tap_side="hv", tap_pos=trafo["tap_pos"], tap_neutral=0,
            tap_step_percent=trafo["tap_step_percent"], tap_changer_type="Ratio", parallel=trafo["parallel"],
        )
    else:
        pandapower.create_ext_grid(net, root, vm_pu=feeder["v_source"])
    lines = []
    for line in feeder["lines"]:
        lines.append(pandapower.create_line_from_parameters(
            net, buses[line["from"]], buses[line["to"]], length_km=line["length_km"],
            r_ohm_per_km=line["r_ohm_per_km"], x_ohm_per_km=line["x_ohm_per_km"], c_nf_per_km=line["c_nf_per_km"],
            max_i_ka=line["max_i_a"] / 1000, parallel=line["parallel"],
        ))
    for name, (load, made, reactive) in feeder["powers"].items():
        pandapower.create_load(net, buses[name], p_mw=(load - made) / 1000, q_mvar=reactive / 1000)
    return flow(net, buses, {line["name"]: index for line, index in zip(feeder["lines"], lines)})


def flow(net, buses, lines):
    """What pandapower finds, by the names of buses and lines."""
    pandapower.runpp(net, tolerance_mva=1e-10, trafo_model="pi", calculate_voltage_angles=True, init="flat",
                     max_iteration=50, numba=False)
    found = {"p_grid": net.res_ext_grid.p_mw.iloc[0] * 1000, "q_grid": net.res_ext_grid.q_mvar.iloc[0] * 1000}
    for name, bus in buses.items():
        found["vm_" + name] = net.res_bus.vm_pu[bus]
        found["va_" + name] = net.res_bus.va_degree[bus]
    for name, index in lines.items():
        found["i_" + name] = net.res_line.i_ka[index] * 1000
        found["loading_" + name] = net.res_line.loading_percent[index]
    if len(net.trafo):
        found["loading_transformer"] = net.res_trafo.loading_percent.iloc[0]
    return found


def grid(name):
    """One of pandapower's own grids as a feeder, and what it finds of it."""
    net = getattr(networks, name)()
    assert len(net.trafo) == 1 and not len(net.trafo3w) and len(net.ext_grid) == 1, name
    assert not len(net.switch) or net.switch.closed.all(), name
    # It turns the angles of all buses alike.
    net.trafo.shift_degree = 0
    trafo = net.trafo.iloc[0]
    root = trafo.lv_bus
    buses = {f"b{place}": bus for place, bus in enumerate([root] + [bus for bus in net.bus.index
                                                                    if bus not in (root, trafo.hv_bus)])}
    names = {bus: bus_name for bus_name, bus in buses.items()}
    lines = {f"l{place}": index for place, index in enumerate(net.line.index)}
    has_taps = trafo.tap_pos == trafo.tap_pos and trafo.tap_pos is not None
    powers = {bus_name: [0.0, 0.0, 0.0] for bus_name in buses}
    for table, place, sign in [(net.load, 0, 1), (net.sgen, 1, -1)]:
        for row in table.itertuples():
            powers[names[row.bus]][place] += row.p_mw * row.scaling * 1000
            powers[names[row.bus]][2] += sign * row.q_mvar * row.scaling * 1000
    feeder = {
        "v_nom": float(net.bus.vn_kv[root]), "v_source": float(net.ext_grid.vm_pu.iloc[0]), "buses": list(buses), "powers": powers,
        "transformer": {
            "sn_kva": trafo.sn_mva * 1000, "vn_hv_kv": trafo.vn_hv_kv, "vn_lv_kv": trafo.vn_lv_kv, "vk_percent": trafo.vk_percent,
            "vkr_percent": trafo.vkr_percent, "pfe_kw": trafo.pfe_kw, "i0_percent": trafo.i0_percent,
            "tap_pos": int(trafo.tap_pos) if has_taps else 0, "tap_step_percent": float(trafo.tap_step_percent) if has_taps else 0.0,
            "parallel": int(trafo.parallel),
        },
        "lines": [{
            "name": line_name, "from": names[net.line.from_bus[index]], "to": names[net.line.to_bus[index]],
            "length_km": float(net.line.length_km[index]), "r_ohm_per_km": float(net.line.r_ohm_per_km[index]),
            "x_ohm_per_km": float(net.line.x_ohm_per_km[index]), "max_i_a": float(net.line.max_i_ka[index]) * 1000,
            "c_nf_per_km": float(net.line.c_nf_per_km[index]), "parallel": int(net.line.parallel[index]),
        } for line_name, index in lines.items()],
    }
    return {"name": name, "feeder": feeder, "found": flow(net, buses, lines)}


json.dump({
    "found": [solve(feeder) for feeder in json.load(sys.stdin)],
    "grids": [grid(name) for name in GRIDS],
}, sys.stdout)
