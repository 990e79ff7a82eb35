//! Work with a limit.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use smol::Timer;

/// Does the work, unless it takes longer than the limit; `None` where it does. The work is kept apart, so
/// that whoever waits for it is no larger by it.
pub fn within<T>(
    limit: Duration,
    work: impl Future<Output = T>,
) -> impl Future<Output = Option<T>> {
    let mut work = Box::pin(work);
    let mut over = Timer::after(limit);
    std::future::poll_fn(move |cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Pin::new(&mut over).poll(cx).map(|_| None),
    })
}
