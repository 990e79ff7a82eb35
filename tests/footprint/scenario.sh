#!/usr/bin/env bash
# scenario.sh FOLDER IP PORT: writes hundred.yaml and its data into a folder: 100 models on one node, for a
# month in steps of a quarter of an hour.
#
#   3    CSV: sun, wind and demand, a month of each, made of the four days of scenarios/data/summer
#   95   19 households of a PV, a Wind, a Load, a Controller_T1 and a Battery, whose state of charge goes
#        back to the controller, time-shifted
#   2    Load: a school and a shop
set -euo pipefail
cd "$(dirname "$0")/../.."

homes=19
folder=$1
place="connect: {ip: '$2', port: $3}"

# The four days from July 6 on, again and again, from July 1 to 31.
month() {
    awk 'NR <= 2 { print; next }
        { day = substr($0, 9, 2) + 0; if (day < 10) rows[day - 6, counts[day - 6]++] = substr($0, 11) }
        END { for (date = 1; date <= 31; date++) { day = (date - 1) % 4
            for (row = 0; row < counts[day]; row++) printf "2026-07-%02d%s\n", date, rows[day, row] } }' \
        "scenarios/data/summer/$1.csv" >"$folder/$1.csv"
}

models() {
    local home
    echo "- {name: SunFile, type: CSV, $place, parameters: {file_path: sun.csv}}"
    echo "- {name: WindFile, type: CSV, $place, parameters: {file_path: wind.csv}}"
    echo "- {name: HomeFile, type: CSV, $place, parameters: {file_path: households.csv}}"
    echo "- {name: School, type: Load, $place, parameters: {houses: 12, input_type: power, output_type: power}}"
    echo "- {name: Shop, type: Load, $place, parameters: {houses: 5, input_type: power, output_type: power}}"
    for ((home = 0; home < homes; home++)); do
        echo "- {name: Panels$home, type: PV, $place, parameters: {m_area: 1.95, NOCT: 44, m_efficiency_stc: 0.205, G_NOCT: 800, P_STC: 400, m_tilt: 35, m_az: $((150 + home)), cap: 4000, output_type: power}}"
        echo "- {name: Turbine$home, type: Wind, $place, parameters: {p_rated: 10.8, u_rated: 10, u_cutin: 3, u_cutout: 20, cp: 0.35, diameter: 8, output_type: power}}"
        echo "- {name: Home$home, type: Load, $place, parameters: {houses: $((1 + home % 3)), input_type: power, output_type: power}}"
        echo "- {name: Control$home, type: Controller_T1, $place, parameters: {soc_min: 10, soc_max: 90, max_p: 3, battery_active: true}, inputs: {soc: 50}}"
        echo "- {name: Storage$home, type: Battery, $place, parameters: {max_p: 3, min_p: -3, max_energy: 9, charge_efficiency: 95, discharge_efficiency: 95, soc_min: 10, soc_max: 90}, states: {soc: 50}}"
    done
}

connections() {
    local home attribute
    echo "- {from: HomeFile.load, to: School.load}"
    echo "- {from: HomeFile.load, to: Shop.load}"
    for ((home = 0; home < homes; home++)); do
        for attribute in G_Gh G_Dh G_Bn Ta hs FF Az; do
            echo "- {from: SunFile.$attribute, to: Panels$home.$attribute}"
        done
        echo "- {from: HomeFile.load, to: Home$home.load}"
        echo "- {from: WindFile.u, to: Turbine$home.u}"
        echo "- {from: Turbine$home.wind_gen, to: Control$home.wind_gen}"
        echo "- {from: Panels$home.pv_gen, to: Control$home.pv_gen}"
        echo "- {from: Home$home.load_dem, to: Control$home.load_dem}"
        echo "- {from: Control$home.flow2b, to: Storage$home.flow2b}"
        echo "- {from: Storage$home.soc, to: Control$home.soc, time_shifted: true}"
    done
}

items() {
    local home
    for ((home = 0; home < homes; home++)); do
        printf '  - %s\n' "Panels$home.pv_gen" "Control$home.dump" "Storage$home.soc"
    done
}

for file in sun wind households; do month $file; done
cat >"$folder/hundred.yaml" <<END
scenario:
  name: a hundred models
  start_time: '2026-07-01 00:00:00'
  end_time: '2026-08-01 00:00:00'
  time_resolution: 900
models:
$(models)
connections:
$(connections)
monitor:
  file: hundred.csv
  items:
$(items)
END
