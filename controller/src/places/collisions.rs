//! What a run would write over: files that it reads, and other files that it writes.

use super::error::Collision;
use super::identity::FileId;
use super::named::Named;
use super::series::Series;

/// Refuses a run that would write over what it reads, or two things into one file. Nothing is
/// created, and files count as the same whatever they are called.
pub(crate) fn refuse_collisions(
    reads: &[Named],
    writes: &[Named],
    series: &[Series],
) -> Result<(), Collision> {
    let ids: Vec<Option<FileId>> = writes.iter().map(|write| FileId::of(&write.path)).collect();
    for (place, (write, id)) in writes.iter().zip(&ids).enumerate() {
        let Some(id) = id else {
            continue;
        };
        let same = reads
            .iter()
            .find(|read| FileId::of(&read.path).as_ref() == Some(id));
        if let Some(read) = same {
            return Err(Collision(format!(
                "{write} would be written over {read}, which this run reads; choose another file \
                 with {}",
                write.option
            )));
        }
        if let Some(other) = ids[..place]
            .iter()
            .position(|other| other.as_ref() == Some(id))
        {
            let other = &writes[other];
            return Err(Collision(format!(
                "{write} and {other} are the same file; choose another file with {}",
                write.option
            )));
        }
    }
    for (place, own) in series.iter().enumerate() {
        own.refuse(reads, writes, &series[..place])?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use shared::model::Names;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[track_caller]
    fn assert_refused(collision: Result<(), Collision>, said: &[&str]) {
        let text = collision.expect_err("a collision").to_string();
        for words in said {
            assert!(text.contains(words), "no '{words}' in: {text}");
        }
    }

    #[test]
    fn a_result_over_a_file_that_is_read_is_refused_with_both_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("data.csv"), "data").expect("written");
        symlink("data.csv", path("soft.csv")).expect("linked");
        fs::hard_link(path("data.csv"), path("hard.csv")).expect("linked");
        let reads = [Named::new("the file that 'Sun' reads", path("data.csv"))];
        for name in ["data.csv", "soft.csv", "hard.csv", "./data.csv"] {
            let writes = [Named::new("the result", path(name))];
            let refused = refuse_collisions(&reads, &writes, &[]);
            assert_refused(refused, &[name, "'Sun' reads", "data.csv", "--output"]);
        }
        let writes = [Named::new("the result", path("out.csv"))];
        refuse_collisions(&reads, &writes, &[]).expect("another file");
    }

    #[test]
    fn two_results_in_one_file_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let writes = [
            Named::new("the result", path("new/out.csv")),
            Named::new("its record", path("new/./out.csv")),
        ];
        assert_refused(refuse_collisions(&[], &writes, &[]), &["the same file"]);
    }

    #[test]
    fn side_files_over_something_else_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("market")).expect("made");
        fs::write(path("market/bids_7.csv"), "data").expect("written");
        symlink("market/bids_7.csv", path("link.csv")).expect("linked");
        fs::write(path("file"), "").expect("written");
        let series = |what: &str, folder: &str| Series {
            what: what.to_owned(),
            folder: path(folder),
            names: Names::of(&["bids", "profits"]),
            parameter: "results_dir".to_owned(),
            ticks: 8,
            step_size: 1,
        };
        let own = [series("the files of 'A'", "market")];
        let read = |name: &str| [Named::new("the bids of 'B'", path(name))];
        let refused = |name: &str| refuse_collisions(&read(name), &[], &own);
        assert_refused(refused("link.csv"), &["'A'", "'B'", "results_dir"]);
        for fine in [
            "market/bids_8.csv",
            "market/bids.csv",
            "market/x_7.csv",
            "bids_7.csv",
        ] {
            refused(fine).expect(fine);
        }
        let writes = [Named::new("the result", path("market/profits_0.csv"))];
        assert_refused(refuse_collisions(&[], &writes, &own), &["the result"]);
        let two = [
            series("the files of 'A'", "market"),
            series("those of 'B'", "market/."),
        ];
        assert_refused(refuse_collisions(&[], &[], &two), &["'A'", "'B'"]);
        let two = [
            series("the files of 'A'", "market"),
            series("those of 'B'", "other"),
        ];
        refuse_collisions(&[], &[], &two).expect("two folders");
        let no_folder = [series("the files of 'A'", "file")];
        assert_refused(refuse_collisions(&[], &[], &no_folder), &["need a folder"]);
    }
}
