//! The example scenarios: each runs without a warning, and its twin for a cluster gives the same
//! bytes on nodes.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::Path;

use rig::{Node, controller, workspace};

/// Runs a scenario in a folder; returns its result.
fn result_of(folder: &Path, scenario: &str, options: &[&str]) -> String {
    let mut arguments = vec![
        "run", scenario, "--quiet", "--strict", "--output", "out.csv",
    ];
    arguments.extend(options);
    let run = controller(folder, &arguments);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{scenario}: {}\n{said}", run.status);
    fs::read_to_string(folder.join("out.csv")).expect("a result")
}

/// The names of the examples, without those of their twins.
fn examples() -> Vec<String> {
    let files = fs::read_dir(workspace().join("scenarios")).expect("a folder");
    let mut names: Vec<String> = files
        .filter_map(|file| {
            let name = file.expect("readable").file_name().into_string().ok()?;
            let name = name.strip_suffix(".yaml")?;
            (!name.ends_with("-cluster")).then(|| name.to_owned())
        })
        .collect();
    names.sort();
    assert_ne!(names, [] as [std::string::String; 0]);
    names
}

#[test]
fn every_example_gives_the_same_result_on_a_cluster() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    symlink(workspace().join("scenarios"), folder.join("scenarios")).expect("linked");
    let nodes: Vec<Node> = (1..=5)
        .map(|number| Node::start_at(&format!("127.0.0.{number}")))
        .collect();
    for name in examples() {
        // What came from outside when the example was made comes again.
        let journal = format!("scenarios/data/{name}.journal.csv");
        let has_journal = folder.join(&journal).exists();
        let options: &[&str] = if has_journal {
            &["--replay", &journal]
        } else {
            &[]
        };
        let alone = result_of(folder, &format!("scenarios/{name}.yaml"), options);
        assert!(alone.lines().count() > 1, "{name} has rows");

        let twin = format!("scenarios/{name}-cluster.yaml");
        let local = [options, &["--local"]].concat();
        assert_eq!(alone, result_of(folder, &twin, &local), "{twin}");

        let mut text = fs::read_to_string(folder.join(&twin)).expect("readable");
        for (number, node) in nodes.iter().enumerate() {
            let (ip, port) = (node.address.ip(), node.address.port());
            let place = format!("connect: {{ip: '{ip}', port: 5123}}");
            let is_used = text.contains(&place);
            assert!(is_used || number >= 2, "{twin} uses the node at {ip}");
            text = text.replace(&place, &format!("connect: {{ip: '{ip}', port: {port}}}"));
        }
        fs::write(folder.join("placed.yaml"), text).expect("written");
        let spread = result_of(folder, "placed.yaml", options);
        assert_eq!(alone, spread, "{twin} on nodes");
    }
}

#[test]
fn what_the_comments_of_examples_tell_to_start_is_not_refused() {
    let mut told = 0;
    for file in fs::read_dir(workspace().join("scenarios")).expect("a folder") {
        let path = file.expect("readable").path();
        if path.extension().is_none_or(|ending| ending != "yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("readable");
        for command in text.split("illuminator-node serve").skip(1) {
            let words: Vec<&str> = command.split_whitespace().take(2).collect();
            // Without a key, a node listens to its own machine only.
            let ["--listen", address] = words.as_slice() else {
                panic!("{}: {words:?}", path.display());
            };
            let address = address.parse::<SocketAddr>().expect("an address");
            assert!(address.ip().is_loopback(), "{}: {words:?}", path.display());
            told += 1;
        }
        for word in text.split(|c: char| c.is_whitespace() || "'\"`,".contains(c)) {
            let is_named = word.starts_with("scenarios/");
            assert!(!is_named || workspace().join(word).exists(), "{word}");
        }
    }
    assert!(told >= 2);
}
