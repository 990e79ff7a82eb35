//! Taking node and bridge away from one host.

use shared::wire::Key;

use super::hosts::Host;
use super::login::Login;
use super::look::look;
use super::presence::Presence;
use super::report::{Report, Step};
use super::script;
use super::service::Service;
use super::ssh::{self, Line};

/// Takes node and bridge away, unless one of them runs something or has its key from somebody else.
pub(crate) async fn undeploy_from(
    host: &Host,
    login: &Login,
    key: Option<&Key>,
    force: bool,
) -> Report {
    let mut report = Report::new(&host.name);
    let work = async {
        let line = Line::to(&host.name, login).await?;
        let found = look(&line).await?;
        found.check_root()?;
        report.processor.clone_from(&found.processor);
        for program in [Service::Node, Service::Bridge] {
            let installed = found.of(program);
            let (Some(&port), false) = (installed.listens.first(), force) else {
                continue;
            };
            let presence = Presence::of(host, port, program, installed, key, &line).await?;
            presence.check_owner()?;
            match presence.busy() {
                busy if busy.is_empty() => {}
                busy => return Err(busy),
            }
        }
        let script = script::remove(host);
        let limit = ssh::SCRIPT_LIMIT;
        let said = line.run(ssh::AS_ROOT, script.as_bytes(), limit).await?;
        report.take(&said);
        Ok(())
    };
    if let Err(reason) = work.await {
        report.add(Step::Failed(reason));
    }
    report
}
