//! What is said of a sweep, for people and for programs.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::output::{count, duration, grouped};
use crate::sweep::{Progress, Share, Summary};

/// So many parts that are missing are named.
const NAMED: usize = 5;

/// Variants in a second.
fn speed(progress: Progress) -> f64 {
    progress.done as f64 / progress.time.as_secs_f64().max(1e-9)
}

/// The same for people.
fn speed_text(progress: Progress) -> String {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is above 0, and no larger than what fits"
    )]
    let whole = speed(progress).round() as u64;
    format!("{} variants/s", grouped(whole))
}

/// How far a sweep is, in a line.
pub(super) fn line(progress: Progress) -> String {
    let Progress {
        done, failed, of, ..
    } = progress;
    let speed = speed(progress);
    let (done_words, of_words) = (grouped(done), grouped(of));
    let mut parts = vec![
        format!("{done_words} of {of_words} variants"),
        speed_text(progress),
    ];
    if done > 0 && of > done {
        let left = Duration::from_secs_f64((of - done) as f64 / speed.max(1e-9));
        parts.push(format!("{} left", duration(left)));
    }
    if failed > 0 {
        parts.push(format!("{} failed", grouped(failed)));
    }
    parts.join(", ")
}

/// A summary for people.
pub(super) fn to_text(summary: &Summary) -> String {
    let Summary {
        progress,
        variants,
        kept,
        jobs,
        nodes,
        models,
        place,
        missing,
    } = summary;
    let cores = (*jobs > 0).then(|| count(*jobs as u64, "core"));
    let with = (!nodes.is_empty()).then(|| count(nodes.len() as u64, "node"));
    let with = cores.into_iter().chain(with).collect::<Vec<_>>();
    let mut lines = vec![format!(
        "{} in {}, {:.3} s, {} on {}",
        count(progress.done, "variant"),
        place.display(),
        progress.time.as_secs_f64(),
        speed_text(*progress),
        with.join(" and "),
    )];
    if !nodes.is_empty() {
        let each = nodes.iter();
        let each: Vec<String> = each
            .map(|(name, done)| format!("{name} {}", grouped(*done)))
            .collect();
        let here = progress.done - nodes.iter().map(|(_, done)| done).sum::<u64>();
        let here = (here > 0).then(|| format!(", this machine {}", grouped(here)));
        lines.push(format!("{}{}", each.join(", "), here.unwrap_or_default()));
    }
    if *kept > 0 {
        lines.push(format!(
            "{} were there from the sweep before",
            count(*kept, "variant")
        ));
    }
    if *variants != progress.done + kept {
        lines.push(format!(
            "all parts together have {}",
            count(*variants, "variant")
        ));
    }
    lines.push(match models {
        Some((stepped, 0)) => format!("{} in each variant", count(*stepped as u64, "model")),
        Some((stepped, same)) => format!(
            "{} in each variant; {}, computed once",
            count(*stepped as u64, "model"),
            match same {
                1 => "1 is the same in all of them".to_owned(),
                same => format!("{same} are the same in all of them"),
            },
        ),
        None => "each variant is a run of its own".to_owned(),
    });
    if !missing.is_empty() {
        let shown: Vec<&str> = missing.iter().take(NAMED).map(String::as_str).collect();
        let more = if missing.len() > NAMED { ", …" } else { "" };
        let shown = shown.join(", ");
        lines.push(format!(
            "the table is put together when the other parts are there: {shown}{more}"
        ));
    }
    lines.join("\n  ")
}

/// A summary for programs.
pub(super) fn to_json(summary: &Summary, share: &Share) -> Json {
    let progress = summary.progress;
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "variants": summary.variants,
        "part": share.to_string(),
        "done": progress.done,
        "failed": progress.failed,
        "kept": summary.kept,
        "seconds": progress.time.as_secs_f64(),
        "cores": summary.jobs,
        "nodes": summary.nodes.iter().map(|(name, done)| json!({"node": name, "done": done})).collect::<Vec<_>>(),
        "place": summary.place.display().to_string(),
        "missing_parts": summary.missing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_how_long_it_takes() {
        let progress = Progress {
            done: 1000,
            failed: 2,
            of: 5000,
            time: Duration::from_secs(2),
        };
        let said = line(progress);
        assert!(
            said.starts_with("1,000 of 5,000 variants, 500 variants/s, 8 s left, 2 failed"),
            "{said}"
        );
    }
}
