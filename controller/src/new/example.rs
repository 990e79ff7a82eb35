//! An example of the project, and what becomes of it in a folder of its own.

/// The scenario in a new folder, and its twin for a cluster.
pub(crate) const SCENARIO: &str = "scenario.yaml";
pub(crate) const CLUSTER: &str = "cluster.yaml";

/// An example of the project. Its texts are those of `scenarios/`.
#[derive(Debug)]
pub(crate) struct Example {
    /// What it is chosen by.
    pub(crate) name: &'static str,
    /// What it is about, in a line.
    pub(crate) about: &'static str,
    /// The path of the scenario below `scenarios/`, without its ending. The result is called like its last part.
    pub(super) path: &'static str,
    pub(super) scenario: &'static str,
    /// The scenario on nodes and this machine.
    pub(super) cluster: &'static str,
    /// What both read: path in the new folder, and content.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// Options of a run on this machine, with a space before each.
    pub(super) run: &'static str,
    /// Options of a run on nodes, likewise.
    pub(super) spread: &'static str,
}

impl Example {
    /// The files of a new folder, paths and contents. The scenario comes last, so that one which is there has all
    /// that it reads, whenever this machine stops.
    pub(crate) fn files(&self) -> Vec<(&'static str, String)> {
        let scenarios = [(CLUSTER, self.cluster), (SCENARIO, self.scenario)];
        let files = self.files.iter().copied().chain(scenarios);
        files
            .map(|(path, text)| (path, self.in_its_folder(text)))
            .collect()
    }

    /// Commands that run it here, make its result a page, and run it on nodes, to be typed in its folder.
    pub(crate) fn commands(&self) -> [String; 3] {
        let Self { run, spread, .. } = self;
        [
            format!("controller run {SCENARIO}{run}"),
            format!("controller report results/{}.csv", self.stem()),
            format!("controller run {CLUSTER} --start --user pi{spread}"),
        ]
    }

    /// The last part of its path.
    fn stem(&self) -> &'static str {
        self.path
            .rsplit_once('/')
            .map_or(self.path, |(_, stem)| stem)
    }

    /// A text of the project, with the paths that files have in a new folder.
    fn in_its_folder(&self, text: &str) -> String {
        let (path, stem) = (self.path, self.stem());
        // Paths come before names, which are parts of them.
        let changes = [
            (format!("scenarios/{path}-cluster.yaml"), CLUSTER),
            (format!("scenarios/{path}.yaml"), SCENARIO),
            (format!("{stem}-cluster.yaml"), CLUSTER),
            (format!("{stem}.yaml"), SCENARIO),
            ("scenarios/data/".to_owned(), "data/"),
            // How the numbers were made is told in the project only.
            (", see scenarios/README.md".to_owned(), ""),
        ];
        changes.iter().fold(text.to_owned(), |text, (known, own)| {
            text.replace(known, own)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::new::CHOICES;

    #[test]
    fn what_a_new_folder_says_is_about_what_is_in_it() {
        for choice in CHOICES {
            let files = choice.files();
            for (path, text) in &files {
                for foreign in ["scenarios/", "cargo ", "project's root"] {
                    assert!(
                        !text.contains(foreign),
                        "{}: {path}: {foreign}",
                        choice.name
                    );
                }
                let marks = |c: char| c.is_whitespace() || "'\"`,():".contains(c);
                for word in text.split(marks) {
                    let is_there = files.iter().any(|(path, _)| *path == word);
                    let is_ours = word.contains(".yaml") || word.starts_with("data/");
                    assert!(!is_ours || is_there, "{}: {path}: {word}", choice.name);
                }
            }
        }
    }

    #[test]
    fn the_name_of_the_result_is_that_of_the_scenario() {
        for choice in CHOICES {
            let [_, report, _] = choice.commands();
            let result = report.rsplit(' ').next().expect("a word");
            let monitored = format!("  file: '{result}'\n");
            assert!(choice.scenario.contains(&monitored), "{}", choice.name);
        }
    }

    #[test]
    fn the_twin_for_a_cluster_has_the_same_models_and_connections() {
        for choice in CHOICES {
            let counts = |text: &str| {
                ["- name: ", "  type: ", "- from: ", "  to: "].map(|key| text.matches(key).count())
            };
            assert_eq!(
                counts(choice.scenario),
                counts(choice.cluster),
                "{}",
                choice.name
            );
            assert!(choice.cluster.contains("connect: {ip: '127.0.0.1'"));
        }
    }
}
