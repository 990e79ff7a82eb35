//! What is in data files shows when a scenario is loaded, with what the connections know of it.

use controller::scenario::{LoadError, Problem, load_text};
use shared::files::MemoryFiles;

const PANELS: &str = "\
- name: Panels
  type: PV
  parameters: {m_area: 1.95, NOCT: 44, m_efficiency_stc: 0.205, G_NOCT: 800, P_STC: 400, m_tilt: 35,
    m_az: 180, cap: 40000, output_type: power}
connections:
- {from: Sun.G_Gh, to: Panels.G_Gh}
- {from: Sun.G_Dh, to: Panels.G_Dh}
- {from: Sun.G_Bn, to: Panels.G_Bn}
- {from: Sun.Ta, to: Panels.Ta}
- {from: Sun.hs, to: Panels.hs}
- {from: Sun.FF, to: Panels.FF}
- {from: Sun.Az, to: Panels.Az}
monitor: {file: out.csv, items: [Panels.pv_gen]}
";

const HOMES: &str = "\
- {name: Homes, type: Load, parameters: {houses: 1, input_type: power, output_type: power}}
connections:
- {from: File.load, to: Homes.load}
monitor: {file: out.csv, items: [Homes.load_dem]}
";

/// A scenario of hours of 2024-02-27 and after, with these models and what follows them.
fn hours(count: u32, models: &str) -> String {
    let (day, hour) = (27 + count / 24, count % 24);
    format!(
        "scenario: {{name: s, start_time: '2024-02-27 00:00:00', end_time: '2024-02-{day} \
         {hour:02}:00:00', time_resolution: 3600}}\nmodels:\n{models}"
    )
}

/// All problems of a scenario, and whether it is refused.
fn problems(text: &str, files: &[(&str, &str)]) -> (Vec<Problem>, bool) {
    let mut memory = MemoryFiles::default();
    for (path, content) in files {
        memory.insert((*path).to_owned(), content.as_bytes().into());
    }
    match load_text("s.yaml", text, &models::CATALOGUE, &memory) {
        Ok((_, warnings)) => (warnings, false),
        Err(LoadError::Refused(problems)) => (problems.into_vec(), true),
        Err(error) => panic!("{error}"),
    }
}

/// What is told, shortly.
fn shown(problems: &[Problem]) -> Vec<String> {
    // What the models say of steps of an hour is of no interest here.
    let of_data = problems.iter().filter(|p| p.code != "model");
    let shown = of_data.map(|p| {
        let (file, place, severity) = (&p.file, p.position, p.severity);
        format!("{file}:{place}: {severity}: {}", p.code)
    });
    shown.collect()
}

#[test]
fn a_lost_row_refuses_the_scenario_with_the_line_of_the_data_file() {
    let reader = "- {name: File, type: CSV, parameters: {file_path: load.csv}}\n";
    let file = "load\ntime,load\n2024-02-27 00:00:00,0\n2024-02-27 01:00:00,1\n\
                2024-02-27 03:00:00,3\n2024-02-27 04:00:00,x\n";
    let (found, refused) = problems(
        &hours(5, &format!("{reader}{HOMES}")),
        &[("load.csv", file)],
    );
    assert!(refused);
    assert_eq!(
        shown(&found),
        [
            "load.csv:5:1: error: unexpected_time_stamp",
            "load.csv:6:21: error: bad_cell:load",
        ]
    );
    let excerpt = found[1].excerpt.as_ref().expect("the line");
    assert_eq!(
        (&*excerpt.line, excerpt.length),
        ("2024-02-27 04:00:00,x", 1)
    );
}

#[test]
fn what_is_impossible_is_known_from_the_input_that_takes_a_column() {
    let reader = "- {name: Sun, type: CSV, parameters: {file_path: sun.csv}}\n";
    let file = "sun\ntime,G_Gh,G_Dh,G_Bn,Ta,hs,FF,Az\n\
                2024-02-27 00:00:00,0,0,0,-99,-12,2,337\n\
                2024-02-27 01:00:00,-99999,0,0,5,-12,-999,337\n\
                2024-02-27 02:00:00,-99999,0,0,5,-12,2,337\n";
    let text = hours(3, &format!("{reader}{PANELS}"));
    let (found, refused) = problems(&text, &[("sun.csv", file)]);
    assert!(!refused);
    assert_eq!(
        shown(&found),
        [
            "sun.csv:3:27: warning: impossible_value:Ta",
            "sun.csv:4:21: warning: impossible_value:G_Gh",
            "sun.csv:4:38: warning: impossible_value:FF",
        ]
    );
    let message = &found[1].message;
    assert!(
        message.contains("below 0 W/m² at 'Panels.G_Gh'"),
        "{message}"
    );
    assert!(message.contains("1 more row"), "{message}");
}

#[test]
fn a_file_that_many_models_read_is_examined_for_all_of_them_once() {
    let reader = |name: &str| {
        format!("- {{name: {name}, type: CSV, parameters: {{file_path: load.csv}}}}\n")
    };
    let models = format!("{}{}", reader("File"), reader("Other"));
    let file = "load\ntime,load,u\n2024-02-27 00:00:00,1,-5\n2024-02-27 01:00:00,1,2\n";
    let text = hours(3, &format!("{models}{HOMES}")).replace(
        "connections:\n",
        "- {name: Mill, type: Wind, parameters: {p_rated: 1, u_rated: 10, u_cutin: 3, u_cutout: 25, \
         cp: 0.4, diameter: 2, output_type: power}}\nconnections:\n- {from: Other.u, to: Mill.u}\n",
    );
    let (found, _) = problems(&text, &[("load.csv", file)]);
    assert_eq!(
        shown(&found),
        [
            "load.csv:3:23: warning: impossible_value:u",
            "load.csv:4:1: warning: file_ends_early",
        ]
    );
}

#[test]
fn rows_of_plants_are_looked_at_as_their_company_will() {
    let market = |company: &str| {
        let models = format!(
            "- {{name: Plants, type: CSV, parameters: {{file_path: plants.csv, send_row: true}}}}\n\
             - {{name: Company, type: GenerationCompanyAgent, parameters: {{company_name: A, \
             {company}}}, inputs: {{portfolio: []}}}}\nconnections:\n- {{from: Plants.row, to: \
             Company.portfolio}}\nmonitor: {{file: out.csv, items: [Company.bids]}}\n"
        );
        hours(4, &models)
    };
    let head = "plants\ntime,Wind_capacity,Wind_cost,Wind_availability\n";
    let file = format!(
        "{head}2024-02-27 00:00:00,10,0,1\n2024-02-27 01:00:00,n/a,0,1\n\
         2024-02-27 02:00:00,10,0,\n2024-02-27 03:00:00,-1,0,1\n"
    );
    let text = market("automated_bids: true, bids_manual: null");
    let (found, refused) = problems(&text, &[("plants.csv", &file)]);
    assert!(refused);
    assert_eq!(
        shown(&found),
        [
            "plants.csv:4:21: error: bad_value:Wind_capacity",
            "plants.csv:5:26: error: bad_value:Wind_availability",
            "plants.csv:6:21: error: bad_value:Wind_capacity",
        ]
    );
    assert_eq!(
        found[0].message,
        "'Wind_capacity' at 'portfolio' wants a number of zero and up, and got 'n/a'; the row goes to \
         'Company.portfolio'"
    );
    let file = format!("{head}2024-02-27 00:00:00,10,0,1\n");
    let text = market("automated_bids: false, bids_manual: []");
    let (found, _) = problems(&text, &[("plants.csv", &file)]);
    assert_eq!(
        shown(&found),
        [
            "plants.csv:3:1: error: missing_value:bids_manual",
            "plants.csv:3:1: warning: file_ends_early",
        ]
    );
}

#[test]
fn a_connection_that_changes_nothing_is_told() {
    let models = "- name: House\n  type: Controller_T4\n  parameters: {soc_min: 10, soc_max: 90, \
                  max_p: 8}\nconnections:\n- {from: File.a, to: House.pv_gen}\n- {from: File.a, \
                  to: House.load_dem}\n- {from: File.a, to: House.load_EV}\n- {from: File.a, to: \
                  House.soc}\n- {from: File.a, to: House.wind_gen}\nmonitor: {file: out.csv, items: \
                  [House.dump]}\n";
    let reader = "- {name: File, type: CSV, parameters: {file_path: a.csv}}\n";
    let file = "t\ntime,a\n2024-02-27 00:00:00,1\n";
    let (found, refused) = problems(&hours(1, &format!("{reader}{models}")), &[("a.csv", file)]);
    assert!(!refused);
    assert_eq!(
        shown(&found),
        ["s.yaml:12:22: warning: unused_input:wind_gen"]
    );
    let message = &found[0].message;
    for part in [
        "'File.a' → 'House.wind_gen' changes nothing",
        "ControllerEV takes it",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_file_without_title_and_one_with_decimal_commas_are_taken_with_a_note() {
    let reader = "- {name: File, type: CSV, parameters: {file_path: load.csv}}\n";
    let text = hours(2, &format!("{reader}{HOMES}"));
    let untitled = "time,load\n2024-02-27 00:00:00,0.2\n2024-02-27 01:00:00,0.3\n";
    let (found, refused) = problems(&text, &[("load.csv", untitled)]);
    assert_eq!(shown(&found), ["load.csv:1:1: warning: no_title"]);
    assert!(!refused);
    let commas = "load\ntime,load\n2024-02-27 00:00:00,0,2\n2024-02-27 01:00:00,0,3\n";
    let (found, refused) = problems(&text, &[("load.csv", commas)]);
    assert_eq!(shown(&found), ["load.csv:3:23: warning: extra_cells"]);
    assert!(!refused);
    let semicolons = commas.replace(",load", ";load").replace(":00,", ":00;");
    let text = text.replace("load.csv}", "load.csv, delimiter: ';'}");
    let (found, refused) = problems(&text, &[("load.csv", &semicolons)]);
    assert!(refused && found.len() == 2, "{found:?}");
    assert!(found[0].message.contains("\"decimal: ','\""), "{found:?}");
    let text = text.replace("delimiter: ';'}", "delimiter: ';', decimal: ','}");
    assert_eq!(
        problems(&text, &[("load.csv", &semicolons)]),
        (vec![], false)
    );
}

#[test]
fn shares_are_percent_where_the_type_says_percent() {
    let battery = |changes: &str| {
        let text = "- name: Store\n  type: Battery\n  parameters:\n    max_p: 1\n    min_p: -1\n    \
             max_energy: 1\n    charge_efficiency: 95\n    discharge_efficiency: 95\n    soc_min: \
             10\n    soc_max: 90\n  inputs: {flow2b: 0}\n  states: {soc: 50}\nconnections:\n- \
             {from: Store.p_out, to: Store.flow2b, time_shifted: true}\nmonitor: {file: o.csv, \
             items: [Store.soc]}\n";
        let (from, to) = changes.split_once(" → ").expect("a change");
        let (found, refused) = problems(&hours(2, &text.replace(from, to)), &[]);
        assert!(!refused, "{found:?}");
        shown(&found)
    };
    assert_eq!(battery("soc_min: 10 → soc_min: 1"), [""; 0]);
    assert_eq!(battery("soc: 50 → soc: 1"), [""; 0]);
    for (change, said) in [
        (
            "    charge_efficiency: 95 →     charge_efficiency: 0.95",
            "s.yaml:9:5: warning: fraction_for_percent:charge_efficiency",
        ),
        (
            "discharge_efficiency: 95 → discharge_efficiency: 1",
            "s.yaml:10:5: warning: fraction_for_percent:discharge_efficiency",
        ),
        (
            "soc: 50 → soc: 0.5",
            "s.yaml:14:12: warning: fraction_for_percent:soc",
        ),
    ] {
        assert_eq!(battery(change), [said], "{change}");
    }
}
