//! `controller sweep`.

mod terminal;
mod words;

use std::env;
use std::io::stdin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use smol::stream::StreamExt;

use super::failure::Failure;
use crate::arguments;
use crate::chain::chain;
use crate::cluster::{Endpoint, NodeAccess};
use crate::exit::{INTERRUPTED, MODEL, NODE, OUTPUT, REFUSED, USAGE};
use crate::output::{Kind, answer_line, count, say, say_line};
use crate::places::WriteError;
use crate::run::RunError;
use crate::signals;
use crate::sweep::{self, Options, Share, SweepError};
use terminal::Terminal;
use words::{to_json, to_text};

/// Runs variants of a scenario.
pub(super) fn sweep(arguments: &arguments::Sweep) -> Result<(), Failure> {
    let options = options(arguments)?;
    if arguments.ask {
        return answer_questions(arguments, &options);
    }
    let share = share(arguments)?;
    if !arguments.quiet
        && let Some(by) = share.said_by()
    {
        say_line!(Note, "this is part {share} of the sweep, as {by} says");
    }
    let stop = Arc::new(AtomicBool::new(false));
    stop_on_signals(&stop)?;
    let mut shown = Terminal::new(arguments);
    let swept = sweep::run(&arguments.scenario, &options, &share, &stop, &mut |event| {
        shown.hear(&event);
    });
    shown.clear();
    let summary = swept.map_err(|error| failure(error, arguments))?;
    if arguments.json {
        answer_line!("{:#}", to_json(&summary, &share));
    } else if !arguments.quiet {
        say_line!(Plain, "{}", to_text(&summary));
    }
    match summary.progress.failed {
        0 => Ok(()),
        failed => {
            let failed = count(failed, "variant");
            say_line!(Error, "{failed} failed; the others are done");
            Err(Failure::Several(MODEL))
        }
    }
}

fn options(arguments: &arguments::Sweep) -> Result<Options, Failure> {
    if arguments.jobs == Some(0) {
        return Err(Failure::Usage("--jobs must be at least 1".to_owned()));
    }
    if arguments.files && arguments.indicators.is_empty() && arguments.output.is_some() {
        let text = "--output is the place of the table or of the results; with --files it is that of the table, and \
                    results go where the scenario says";
        say_line!(Note, "{text}");
    }
    Ok(Options {
        set: arguments.set.clone(),
        aligned: arguments.aligned,
        samples: arguments.samples.clone(),
        indicators: arguments.indicators.clone(),
        output: arguments.output.clone(),
        files: arguments.files,
        write_scenarios: arguments.write_scenarios,
        resume: arguments.resume,
        strict: arguments.strict,
        jobs: arguments.jobs,
        on: nodes(arguments)?,
        access: NodeAccess {
            key: arguments.key.clone(),
            insecure: arguments.insecure,
            wait: None,
        },
    })
}

/// The nodes that are to run variants.
fn nodes(arguments: &arguments::Sweep) -> Result<Vec<Endpoint>, Failure> {
    let names = arguments.on.iter().flat_map(|names| names.split(','));
    let names = names.map(str::trim).filter(|name| !name.is_empty());
    let nodes: Result<Vec<Endpoint>, String> = names.map(Endpoint::parse).collect();
    let nodes = nodes.map_err(|why| Failure::Usage(format!("--on: {why}")))?;
    if nodes.is_empty() && arguments.on.is_some() {
        let text = "--on wants nodes, such as pi1.local,pi2.local";
        return Err(Failure::Usage(text.to_owned()));
    }
    Ok(nodes)
}

/// Which part of the sweep is wanted.
fn share(arguments: &arguments::Sweep) -> Result<Share, Failure> {
    match (&arguments.shard, arguments.shards) {
        (Some(_), Some(_)) => Err(Failure::Usage(
            "--shard says how many parts there are; leave --shards out".to_owned(),
        )),
        (None, Some(0)) => Err(Failure::Usage("--shards must be at least 1".to_owned())),
        (Some(share), None) => Ok(share.clone()),
        (None, count) => {
            let variable = |name: &str| env::var(name).ok();
            Share::of_environment(&variable, count).map_err(Failure::Usage)
        }
    }
}

/// Answers questions from standard input until there are no more.
fn answer_questions(arguments: &arguments::Sweep, options: &Options) -> Result<(), Failure> {
    if arguments.on.is_some() {
        let text = "--ask answers questions here; leave --on out";
        return Err(Failure::Usage(text.to_owned()));
    }
    let writes = arguments.output.is_some() || arguments.files || arguments.write_scenarios;
    if arguments.samples.is_some() || writes {
        let text = "--ask answers questions and writes no files; leave --samples, --output, --files and --write-scenarios \
                    out";
        return Err(Failure::Usage(text.to_owned()));
    }
    let answered = sweep::answer(
        &arguments.scenario,
        options,
        &mut stdin().lock(),
        &mut |answer| answer_line!("{answer}"),
    );
    answered.map_err(|error| Failure::Usage(format!("cannot read questions: {error}")))
}

/// Has signals end the sweep: what is done stays.
fn stop_on_signals(stop: &Arc<AtomicBool>) -> Result<(), Failure> {
    let mut signals = signals::that_end().map_err(|error| Failure::Run(RunError::System(error)))?;
    let stop = Arc::clone(stop);
    let watch = move || {
        smol::block_on(signals.next());
        stop.store(true, Ordering::Relaxed);
    };
    let watching = thread::Builder::new()
        .name("signals".to_owned())
        .spawn(watch);
    watching
        .map(|_| ())
        .map_err(|error| Failure::Run(RunError::System(error)))
}

/// What the user hears of a sweep that did not come to its end.
fn failure(error: SweepError, arguments: &arguments::Sweep) -> Failure {
    let code = match error {
        SweepError::Scenario(error) => return error.into(),
        SweepError::Collision(error) => return Failure::Run(error.into()),
        SweepError::Usage(text) => return Failure::Usage(text),
        SweepError::Values(_) => {
            say(Kind::Plain, &chain(&error));
            return Failure::Several(REFUSED);
        }
        SweepError::Refused(_) | SweepError::Table(_) | SweepError::Resume(_) => REFUSED,
        SweepError::Output(_) => OUTPUT,
        SweepError::Nodes(_) => NODE,
        SweepError::Plan | SweepError::Key(_) => USAGE,
        SweepError::Interrupted => INTERRUPTED,
    };
    let has_rest = matches!(
        error,
        SweepError::Interrupted | SweepError::Output(WriteError::System { .. })
    );
    let kept = if has_rest && !arguments.quiet {
        "; what is done stays, and --resume goes on with it"
    } else {
        ""
    };
    let text = chain(&error);
    match error {
        // A table says its place itself.
        SweepError::Table(_) if text.contains(": error: ") => say(Kind::Plain, &text),
        _ => say(Kind::Error, &format!("{text}{kept}")),
    }
    Failure::Several(code)
}
