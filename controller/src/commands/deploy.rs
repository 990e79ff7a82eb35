//! `controller deploy` and `controller undeploy`.

use smol::stream::StreamExt;

use super::failure::Failure;
use super::target::Target;
use crate::arguments::{Deploy, Undeploy};
use crate::cluster::all;
use crate::deploy::{
    Binaries, Deployment, Host, Login, Report, deploy_to, hosts_of, show_deploy, show_undeploy,
    undeploy_from,
};
use crate::exit::NODE;
use crate::key::{load_if_there, load_or_create};
use crate::output::{answer, answer_line, say_line};
use crate::run::RunError;
use crate::scenario::Outline;
use crate::signals;

/// Puts nodes on hosts, and bridges beside them.
pub(crate) fn deploy(arguments: &Deploy) -> Result<(), Failure> {
    let hosts = hosts(&arguments.targets, arguments.listen_port, arguments.bridge)?;
    let login = Login::new(arguments.into()).map_err(Failure::Usage)?;
    let binaries = Binaries::new(arguments.binaries.as_deref());
    if arguments.dry_run {
        let text = show_deploy(&hosts, &login, &binaries, arguments.force);
        answer(format_args!("{text}"));
        return Ok(());
    }
    let key = load_or_create(arguments.key.as_deref()).map_err(RunError::Key)?;
    if key.is_new {
        answer_line!("the cluster has a key now: {}", key.path.display());
    }
    let deployment = Deployment {
        login: &login,
        binaries: &binaries,
        key: &key.key,
        force: arguments.force,
    };
    let work = all(hosts.iter().map(async |host| {
        let report = deploy_to(host, &deployment).await;
        answer_line!("{report}");
        report
    }));
    let reports = smol::block_on(unless_interrupted(work))?;
    sum_up(&reports, "ready")
}

/// Takes nodes and bridges away from hosts.
pub(crate) fn undeploy(arguments: &Undeploy) -> Result<(), Failure> {
    let hosts = hosts(&arguments.targets, None, true)?;
    let login = Login::new(arguments.into()).map_err(Failure::Usage)?;
    if arguments.dry_run {
        answer(format_args!("{}", show_undeploy(&hosts, &login)));
        return Ok(());
    }
    let key = load_if_there(arguments.key.as_deref()).map_err(RunError::Key)?;
    let work = all(hosts.iter().map(async |host| {
        let report = undeploy_from(host, &login, key.as_ref(), arguments.force).await;
        answer_line!("{report}");
        report
    }));
    let reports = smol::block_on(unless_interrupted(work))?;
    sum_up(&reports, "without a node")
}

/// The hosts that the command line names, each once. A target that is a file, or is called like
/// one, stands for the hosts of that scenario. With bridges those are wanted as well that run programs.
fn hosts(targets: &[String], port: Option<u16>, bridges: bool) -> Result<Vec<Host>, Failure> {
    let mut hosts: Vec<Host> = Vec::new();
    for target in targets {
        let more = match Target::of_cluster(target)? {
            Target::Scenario(outline) => {
                let of_nodes = hosts_of(outline.machines()).into_iter();
                let mut more: Vec<Host> = of_nodes.map(|(host, _)| host).collect();
                if bridges {
                    for (name, _) in outline.hosts_of_programs() {
                        let host = Host::named(name).map_err(Failure::Usage)?;
                        more.push(Host {
                            bridge: true,
                            ..host
                        });
                    }
                } else if more.is_empty() {
                    return Err(Failure::OnlyPrograms(target.clone()));
                } else {
                    note_programs(&outline);
                }
                more
            }
            Target::Named(name) => {
                let host = Host::named(&name).map_err(Failure::Usage)?;
                vec![Host {
                    bridge: bridges,
                    ..host
                }]
            }
        };
        for mut host in more {
            host.port = port.or(host.port);
            match hosts.iter_mut().find(|known| known.name == host.name) {
                Some(known) => known.bridge |= host.bridge,
                None => hosts.push(host),
            }
        }
    }
    if hosts.is_empty() {
        let text =
            "say which hosts: 'controller deploy scenario.yaml' or 'controller deploy pi1 pi2'";
        return Err(Failure::Usage(text.to_owned()));
    }
    Ok(hosts)
}

/// Says which hosts run programs of a scenario: that is not for nodes.
fn note_programs(outline: &Outline) {
    for (host, models) in outline.hosts_of_programs() {
        say_line!(
            Note,
            "{host} runs programs, for {}: a bridge does that, which comes with --bridge",
            models.join(", ")
        );
    }
}

/// Does the work, unless the user ends it before. Scripts that run on hosts by then come to their
/// end there.
async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Result<T, RunError> {
    let mut signals = signals::that_end().map_err(RunError::System)?;
    let interrupted = async {
        signals.next().await;
        Err(RunError::Interrupted)
    };
    smol::future::or(interrupted, async { Ok(work.await) }).await
}

fn sum_up(reports: &[Report], state: &str) -> Result<(), Failure> {
    let failed = reports.iter().filter(|report| report.has_failed());
    let failed: Vec<&str> = failed.map(|report| report.host.as_str()).collect();
    let (good, all) = (reports.len() - failed.len(), reports.len());
    answer_line!("{good} of {all} hosts {state}");
    if failed.is_empty() {
        return Ok(());
    }
    say_line!(Error, "failed: {}", failed.join(", "));
    Err(Failure::Several(NODE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::wire::DEFAULT_PORT;

    fn targets(targets: &[&str], port: Option<u16>) -> Result<Vec<String>, String> {
        let targets: Vec<String> = targets.iter().map(|&target| target.to_owned()).collect();
        match super::hosts(&targets, port, false) {
            Ok(hosts) => {
                let port = |host: &Host| host.port.unwrap_or(DEFAULT_PORT);
                let hosts = hosts.iter().map(|host| host.at(port(host)).to_string());
                Ok(hosts.collect())
            }
            Err(failure) => Err(failure.to_string()),
        }
    }

    #[test]
    fn a_host_is_taken_once() {
        let hosts = targets(&["pi1", "192.168.0.2", "pi1", "fd98::1"], None);
        let expected = ["pi1:5123", "192.168.0.2:5123", "[fd98::1]:5123"];
        assert_eq!(hosts, Ok(expected.map(str::to_owned).to_vec()));
        assert_eq!(
            targets(&["pi1"], Some(7000)),
            Ok(vec!["pi1:7000".to_owned()])
        );
    }

    #[test]
    fn bridges_are_where_programs_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s.yaml");
        let text = "scenario: {name: s, start_time: '2012-01-01 00:00:00', end_time: '2012-01-01 01:00:00', \
            time_resolution: 900}\n\
            simulators: {Toy: {python: 'toy:Toy'}}\n\
            models:\n- {name: A, type: Load, parameters: {houses: 1, input_type: power, output_type: power}, \
            connect: {ip: pi1, port: 5123}}\n\
            - {name: B, type: Toy, connect: {ip: pi2, port: 5124}}\n\
            connections: []\n\
            monitor: {file: out.csv, items: [A.load_dem]}\n";
        std::fs::write(&path, text).expect("written");
        let path = path.to_str().expect("UTF-8").to_owned();
        let hosts = |bridges| super::hosts(std::slice::from_ref(&path), None, bridges);
        let found = |hosts: Vec<Host>| -> Vec<(String, bool)> {
            hosts
                .into_iter()
                .map(|host| (host.name, host.bridge))
                .collect()
        };
        assert_eq!(
            found(hosts(false).expect("hosts")),
            [("pi1".to_owned(), false)]
        );
        let both = [("pi1".to_owned(), false), ("pi2".to_owned(), true)];
        assert_eq!(found(hosts(true).expect("hosts")), both);
        let named = super::hosts(&["pi3".to_owned()], None, true).expect("a host");
        assert!(named[0].bridge);
    }

    #[test]
    fn what_ssh_could_take_for_something_else_is_refused() {
        for target in [
            "-oProxyCommand=x",
            "pi 1",
            "pi1;reboot",
            "$(reboot)",
            "a'b",
            "",
        ] {
            assert!(targets(&[target], None).is_err(), "{target}");
        }
        let user = targets(&["pi@pi1"], None).expect_err("refused");
        assert!(user.contains("--user pi"), "{user}");
    }

    #[test]
    fn a_scenario_that_is_not_there_is_no_host() {
        let missing = targets(&["no-such-file.yaml"], None).expect_err("refused");
        assert!(missing.contains("cannot read the scenario"), "{missing}");
        assert!(targets(&[], None).is_err());
    }
}
