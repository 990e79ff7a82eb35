//! A table and the cables of a process on it.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use boards::{Log, Setup, Table, What};
use cables::Cables;
use shared::cable::{CableId, Sight, SocketState, SocketStatus, SocketWish, Sockets};
use tempfile::TempDir;

pub(crate) struct Room {
    pub(crate) cables: Cables,
    pub(crate) table: Table,
    pub(crate) log: Log,
    folder: TempDir,
}

impl Room {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let table = Table::new(folder.path());
        Self {
            cables: Cables::new(folder.path().to_owned()),
            log: table.log(),
            table,
            folder,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn plug(&mut self, device: &str, setup: Setup) {
        self.table.plug(device, setup).expect("a free socket");
    }

    pub(crate) fn claim(&self, model: &str, devices: &[&str]) -> Box<dyn Sockets> {
        self.cables.claim(model, &wish(devices))
    }

    pub(crate) fn status(&self, device: &str) -> Option<SocketStatus> {
        let all = self.cables.status();
        all.into_iter().find(|socket| socket.device == device)
    }

    /// Waits until the state of a socket is as it should be.
    pub(crate) fn wait_for_state(&self, device: &str, is_so: impl Fn(&SocketState) -> bool) {
        wait_until(|| {
            let status = self.status(device);
            let state = status.map(|status| status.state);
            state
                .as_ref()
                .is_some_and(&is_so)
                .then_some(())
                .ok_or(format!("{state:?}"))
        });
    }

    /// What a board took as commands since it was plugged in.
    pub(crate) fn commands(&self, device: &str) -> Vec<String> {
        let events = self.log.of(device);
        let read = events.into_iter().filter_map(|event| match event.what {
            What::Read(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            _ => None,
        });
        read.collect()
    }
}

pub(crate) fn wish(devices: &[&str]) -> SocketWish {
    SocketWish {
        devices: devices.iter().map(|&device| device.to_owned()).collect(),
        misses: 8,
    }
}

pub(crate) fn cable(id: &str) -> Sight {
    Sight::Cable(CableId::parse(id).expect("an id"))
}

/// Looks again and again; after a minute, what is wrong is said.
pub(crate) fn wait_until<T>(mut look: impl FnMut() -> Result<T, String>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match look() {
            Ok(found) => return found,
            Err(still) => assert!(Instant::now() < end, "after a minute still: {still}"),
        }
        thread::sleep(Duration::from_millis(1));
    }
}

pub(crate) fn wait_for_sight(sockets: &mut dyn Sockets, socket: usize, sight: Sight) {
    wait_until(|| match sockets.sight(socket) {
        seen if seen == sight => Ok(()),
        seen => Err(format!("{seen:?} in socket {socket}, for {sight:?}")),
    });
}

/// Waits for news, and takes them.
pub(crate) fn wait_for_news(sockets: &mut dyn Sockets) -> String {
    wait_until(|| sockets.news().ok_or_else(|| "no news".to_owned()))
}
