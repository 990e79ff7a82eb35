//! What the node's main thread does beside all else.

use std::pin::Pin;

use smol::{LocalExecutor, Task};

/// Runs tasks of one kind: what their work is like is behind a pointer, so that the code which runs it is
/// there once.
#[derive(Default)]
pub(crate) struct Executor(LocalExecutor<'static>);

impl Executor {
    /// Does something beside all the rest, until the task is dropped.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + 'static) -> Task<()> {
        let work: Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
        self.0.spawn(work)
    }

    /// Goes on with all tasks until this is done.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.run(work).await
    }
}
