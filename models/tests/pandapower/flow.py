"""Solves feeders with pandapower: a list of them comes in as JSON, and a list of what was found goes out."""

import json
import sys

import pandapower


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
    pandapower.runpp(net, tolerance_mva=1e-10, trafo_model="pi", calculate_voltage_angles=True, init="flat",
                     max_iteration=50, numba=False)
    found = {"p_grid": net.res_ext_grid.p_mw.iloc[0] * 1000, "q_grid": net.res_ext_grid.q_mvar.iloc[0] * 1000}
    for name, bus in buses.items():
        found["vm_" + name] = net.res_bus.vm_pu[bus]
        found["va_" + name] = net.res_bus.va_degree[bus]
    for line, index in zip(feeder["lines"], lines):
        found["i_" + line["name"]] = net.res_line.i_ka[index] * 1000
        found["loading_" + line["name"]] = net.res_line.loading_percent[index]
    if trafo:
        found["loading_transformer"] = net.res_trafo.loading_percent.iloc[0]
    return found


json.dump([solve(feeder) for feeder in json.load(sys.stdin)], sys.stdout)
