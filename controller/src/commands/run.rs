//! `controller run`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use smol::stream::{self, StreamExt, or};

use super::failure::{Failure, to_json};
use super::loading::Programs;
use crate::arguments;
use crate::deploy::StartOptions;
use crate::keys::Keys;
use crate::observers::{Report, Terminal};
use crate::output::{answer_line, say_line};
use crate::outputs::Output;
use crate::places::Beside;
use crate::run::{Control, Options, Pace, Run, RunError};
use crate::signals;

/// Runs a scenario, and sums up what came of it.
pub(crate) fn run(arguments: &arguments::Run) -> Result<(), Failure> {
    // Where nobody is told of the files, there is nothing to hash.
    let mut report = Report::new(arguments.json || !arguments.no_record);
    let mut result = run_scenario(arguments, &mut report);
    if !arguments.no_record {
        let recorded = report.record(&to_json(result.as_ref().err()));
        result = result.and(recorded.map_err(RunError::Output));
    }
    if arguments.json {
        answer_line!("{:#}", report.json(&to_json(result.as_ref().err())));
    } else if !arguments.quiet {
        say_line!(Plain, "{}", report.text().trim_end());
    }
    Ok(result?)
}

fn run_scenario(arguments: &arguments::Run, report: &mut Report) -> Result<(), RunError> {
    let pace = pace(arguments)?;
    let mut programs = Programs::new(arguments.into());
    let scenario = programs.load(&arguments.scenario, arguments.local, arguments.quiet);
    let scenario = scenario.inspect_err(|error| report.refused(error))?;
    let signals = signals::that_end().map_err(RunError::System)?;
    programs.hand_over();
    let stop = signals.map(|_| Control::Stop);
    let keys = pace.and_then(|_| Keys::listen());
    let terminal = Terminal::new(arguments.quiet, arguments.strict, arguments.json);
    Run::new(scenario)
        .options(options(arguments, pace))
        .observe(terminal.with_keys(keys.is_some()))
        .observe(report)
        .control(or(stream::iter(keys).flatten(), stop))
        .start()?;
    Ok(())
}

/// The folder of the devices of this machine.
pub(super) fn devices(given: Option<&Path>) -> PathBuf {
    given.unwrap_or(Path::new(cables::DEVICES)).to_owned()
}

/// The pace that is asked for, in ticks or in simulated time.
fn pace(arguments: &arguments::Run) -> Result<Option<Pace>, RunError> {
    match (arguments.pace, arguments.real_time) {
        (Some(_), Some(_)) => {
            let text = "--pace and --real-time both say how fast the run goes; give one of them";
            Err(RunError::Usage(text.to_owned()))
        }
        (pace, real_time) => Ok(pace.or(real_time)),
    }
}

fn options(arguments: &arguments::Run, pace: Option<Pace>) -> Options {
    let start = arguments.start.then(|| StartOptions {
        login: arguments.into(),
        binaries: arguments.binaries.clone(),
    });
    Options {
        output: arguments
            .output
            .clone()
            .map_or(Output::Scenario, Output::File),
        beside: Beside {
            parquet: arguments.parquet.clone(),
            influx: arguments.influx.clone(),
            mqtt: arguments.mqtt.clone(),
        },
        journal: arguments.journal.clone(),
        cable_log: arguments.cable_log.clone(),
        replay: arguments.replay.clone(),
        devices: devices(arguments.devices.as_deref()),
        whole_dates: arguments.whole_dates,
        local: arguments.local,
        strict: arguments.strict,
        timeout: Duration::from_secs(arguments.timeout.into()),
        pace,
        access: arguments.into(),
        start,
        stdout_is_taken: arguments.json,
    }
}
