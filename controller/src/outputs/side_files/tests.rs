use super::*;
use shared::model::{ModelConfig, SideFile};
use shared::value::Value;

fn written(tick: Tick, path: &str, content: &str) -> WrittenFile {
    let file = SideFile {
        path: path.to_owned(),
        content: content.as_bytes().to_vec(),
    };
    WrittenFile {
        model: ModelId(0),
        tick,
        file,
    }
}

/// What a justice agent may write whose files are to go to this folder.
fn allowed(folder: &str) -> FilesWritten {
    let model_type = models::CATALOGUE.find("JusticeAgent").expect("a type");
    let config = ModelConfig {
        parameters: Some(vec![("results_dir".into(), Value::text(folder))]),
        ..ModelConfig::default()
    };
    config.files_written(&model_type)
}

/// The files of an agent that are to go to this folder, and grow beside it.
fn files(folder: &str) -> SideFiles {
    let place = SideFolder {
        place: folder.into(),
        growing: format!("{folder}.growing").into(),
    };
    let folders = BTreeMap::from([(folder.to_owned(), place)]);
    let allowed = vec![allowed(folder), FilesWritten::default()].into();
    SideFiles::new(allowed, Some(folders), None, 8)
}

#[test]
fn files_take_their_places_together_and_the_last_of_a_name_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let results = folder.path().join("results/deep");
    let results = results.to_str().expect("text");
    let path = |tick: Tick| format!("{results}/betascores_{tick}.csv");
    let mut files = files(results);
    for (tick, content) in [(2, "late"), (1, "first"), (1, "second")] {
        files
            .take(&written(tick, &path(tick), content))
            .expect("taken");
    }
    assert!(!Path::new(&path(1)).exists());
    files.settle().expect("settled");
    assert_eq!(fs::read_to_string(path(1)).expect("there"), "second");
    assert_eq!(fs::read_to_string(path(2)).expect("there"), "late");
    let left = fs::read_dir(folder.path().join("results"));
    assert_eq!(left.expect("a folder").count(), 1);
}

#[test]
fn in_the_folder_of_a_result_the_side_files_of_its_run_stay_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let results = folder.path().join("out.files");
    let path = |name: &str| results.join(name);
    fs::create_dir_all(path("other/deep")).expect("made");
    for name in [
        "betascores_1.csv",
        "betascores_9.csv",
        "other/deep/bids_3.csv",
        "notes.txt",
    ] {
        fs::write(path(name), "old").expect("written");
    }
    let results = results.to_str().expect("text");
    let mut files = files(results);
    files.own = Some(results.into());
    files
        .take(&written(1, &format!("{results}/betascores_1.csv"), "new"))
        .expect("taken");
    files.settle().expect("settled");
    assert_eq!(
        fs::read_to_string(path("betascores_1.csv")).expect("there"),
        "new"
    );
    let left = fs::read_dir(results).expect("a folder");
    let mut left: Vec<_> = left
        .map(|entry| entry.expect("readable").file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["betascores_1.csv", "betascores_1.json", "notes.txt"]);
}

#[test]
fn a_run_that_fails_keeps_the_files_of_its_rows_and_leaves_those_of_the_run_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let results = folder.path().join("results");
    let results = results.to_str().expect("text");
    let path = |tick: Tick| format!("{results}/betascores_{tick}.csv");
    fs::create_dir(results).expect("made");
    fs::write(path(1), "old").expect("written");
    let growing = format!("{results}.growing");
    fs::create_dir(&growing).expect("made");
    fs::write(format!("{growing}/betascores_0.csv"), "left over").expect("written");
    let mut files = files(results);
    for tick in [1, 2, 3] {
        files
            .take(&written(tick, &path(tick), "new"))
            .expect("taken");
    }
    files.keep_before(3).expect("kept");
    assert_eq!(fs::read_to_string(path(1)).expect("there"), "old");
    let kept = fs::read_dir(&growing).expect("a folder");
    let kept = kept.map(|entry| entry.expect("readable").file_name());
    let mut kept: Vec<_> = kept.collect();
    kept.sort();
    let expected = [
        "betascores_1.csv",
        "betascores_1.json",
        "betascores_2.csv",
        "betascores_2.json",
    ];
    assert_eq!(kept, expected);
}

#[test]
fn a_file_for_a_tick_after_the_run_is_refused() {
    let files = files("results");
    for tick in [8, 1 << 40] {
        let path = format!("results/betascores_{tick}.csv");
        files
            .check(&written(tick, &path, "x"))
            .expect_err("no such tick");
    }
}

#[test]
fn a_file_that_the_type_does_not_announce_is_refused() {
    let files = files("results");
    for path in [
        "results",
        "betascores_3.csv",
        "results/other_3.csv",
        "results/betascores_4.csv",
        "results/betascores_03.csv",
        "results/../betascores_3.csv",
        "results/deep/betascores_3.csv",
        "results//betascores_3.csv",
        "results/betascores_3.csv/x",
        "/etc/passwd",
        "",
    ] {
        files.check(&written(3, path, "x")).expect_err(path);
    }
    let path = "results/betascores_3.csv";
    let elsewhere = WrittenFile {
        model: ModelId(1),
        ..written(3, path, "x")
    };
    files.check(&elsewhere).expect_err("another model's file");
    files.check(&written(3, path, "x")).expect("allowed");
}
