//! `controller run`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use smol::stream::{self, StreamExt, or};

use super::failure::{Failure, to_json};
use super::loading::Programs;
use super::served::Served;
use crate::arguments;
use crate::chain::chain;
use crate::deploy::StartOptions;
use crate::keys::Keys;
use crate::observers::{Report, Terminal};
use crate::output::{answer_line, say_line};
use crate::outputs::Output;
use crate::page::PageOptions;
use crate::places::Beside;
use crate::run::{Control, Options, Outcome, Pace, Run, RunError};
use crate::signals;

/// Runs a scenario, and sums up what came of it. With a page, as often as viewers want, until somebody ends it.
pub(crate) fn run(arguments: &arguments::Run) -> Result<(), Failure> {
    let Some(options) = page_options(arguments)? else {
        run_once(arguments, None)?;
        return Ok(());
    };
    let served = Served::open(&options, !arguments.no_browser)?;
    let compared = served.compare(&arguments.compare);
    compared.map_err(|error| RunError::Usage(chain(&error)))?;
    loop {
        let result = run_once(arguments, Some(&served));
        if !served.wants_another(result.as_ref()) {
            result?;
            return Ok(());
        }
    }
}

/// Runs it, and sums up what came of it.
fn run_once(arguments: &arguments::Run, served: Option<&Served>) -> Result<Outcome, RunError> {
    let mut report = Report::new(arguments.json, !arguments.no_record);
    let result = run_scenario(arguments, served, &mut report);
    let recorded = report.record(&to_json(result.as_ref().err()));
    let result = result.and_then(|outcome| recorded.map(|()| outcome).map_err(RunError::Output));
    if arguments.json {
        answer_line!("{:#}", report.json(&to_json(result.as_ref().err())));
    } else if !arguments.quiet {
        say_line!(Plain, "{}", report.text().trim_end());
    }
    result
}

fn run_scenario(
    arguments: &arguments::Run,
    served: Option<&Served>,
    report: &mut Report,
) -> Result<Outcome, RunError> {
    let pace = pace(arguments)?;
    let mut programs = Programs::new(arguments.into());
    let scenario = programs.load(&arguments.scenario, arguments.local, arguments.quiet);
    let scenario = scenario.inspect_err(|error| report.refused(error))?;
    let signals = signals::that_end().map_err(RunError::System)?;
    served.map_or(Ok(()), Served::hear_signals)?;
    programs.hand_over();
    let stop = signals.map(|_| Control::Stop);
    let keys = pace.and_then(|_| Keys::listen());
    let terminal = Terminal::new(arguments.quiet, arguments.strict, arguments.json);
    let mut run = Run::new(scenario)
        .options(options(arguments, pace, served))
        .observe(terminal.with_keys(keys.is_some()))
        .observe(report);
    // A stream that ends must not be the last one: signals go on.
    let viewers = stream::iter(served.map(Served::controls)).flatten();
    let asked = or(viewers, or(stream::iter(keys).flatten(), stop));
    if let Some(Served { page, .. }) = served {
        run = run.observe(page.feed(arguments.into())).sink(page.rows());
    }
    run.control(asked).start()
}

/// What is asked for in a page, if there is to be one.
fn page_options(arguments: &arguments::Run) -> Result<Option<PageOptions>, RunError> {
    let has_more = !arguments.compare.is_empty()
        || arguments.page_control
        || arguments.page_listen.is_some()
        || arguments.no_browser;
    if !arguments.page && has_more {
        let text = "--page-control, --page-listen, --compare and --no-browser say how the page is; give --page as \
                    well";
        return Err(RunError::Usage(text.to_owned()));
    }
    Ok(arguments.page.then_some(PageOptions {
        listen: arguments.page_listen,
        control: arguments.page_control,
    }))
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

fn options(arguments: &arguments::Run, pace: Option<Pace>, served: Option<&Served>) -> Options {
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
        // A viewer who wants another run wants all of it.
        resume: arguments.resume && served.is_none_or(|served| served.page.runs() == 0),
        devices: devices(arguments.devices.as_deref()),
        whole_dates: arguments.whole_dates,
        local: arguments.local,
        strict: arguments.strict,
        timeout: Duration::from_secs(arguments.timeout.into()),
        spares: arguments.spare.clone(),
        patience: Duration::from_secs(arguments.patience.into()),
        pace,
        steerable: arguments.page_control,
        values: served.map(Served::values).unwrap_or_default(),
        access: arguments.into(),
        start,
        stdout_is_taken: arguments.json,
    }
}
