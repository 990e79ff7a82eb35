//! The page over HTTP, in a thread of its own.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use smol::channel::Receiver;
use smol::{Async, LocalExecutor, Timer};
use smol_hyper::rt::{FuturesIo, SmolTimer};

use super::answers::{Answer, Answers};

/// Connections at the same time; a browser has up to six.
const MOST_CONNECTIONS: usize = 64;

/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);

/// How long viewers have to hear that the controller ends.
const FAREWELL: Duration = Duration::from_millis(300);

/// Serves the page until somebody closes the channel.
pub(super) fn serve(
    listener: TcpListener,
    answers: Answers,
    closed: &Receiver<()>,
) -> io::Result<()> {
    let listener = Async::new(listener)?;
    let answers = Rc::new(answers);
    let executor = Rc::new(LocalExecutor::new());
    let accepting = async {
        let connections = Rc::new(());
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Too many files are open, or the like: that passes.
                Timer::after(Duration::from_millis(100)).await;
                continue;
            };
            if Rc::strong_count(&connections) > MOST_CONNECTIONS {
                continue;
            }
            let counted = Rc::clone(&connections);
            let answers = Rc::clone(&answers);
            let connection = async move {
                // A viewer that goes away is no news.
                let _ = attend(stream, answers).await;
                drop(counted);
            };
            executor.spawn(connection).detach();
        }
    };
    let closing = async {
        // Nothing is ever sent: it is the end of the channel that counts.
        let _ = closed.recv().await;
        answers.close();
        Timer::after(FAREWELL).await;
    };
    smol::block_on(executor.run(smol::future::or(closing, accepting)));
    Ok(())
}

async fn attend(stream: Async<TcpStream>, answers: Rc<Answers>) -> Result<(), hyper::Error> {
    let answer = |request: Request<Incoming>| {
        let answers = Rc::clone(&answers);
        async move { Ok::<Response<Answer>, Infallible>(answers.answer(request).await) }
    };
    // What is said of a run is small, and of use at once.
    let _ = stream.get_ref().set_nodelay(true);
    http1::Builder::new()
        .timer(SmolTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(FuturesIo::new(stream), service_fn(answer))
        .await
}

/// A listener at an address, or, if nobody has said which port is wanted, at any that is free.
pub(super) fn listen(address: SocketAddr, is_fixed: bool) -> io::Result<TcpListener> {
    match TcpListener::bind(address) {
        Err(error) if !is_fixed && error.kind() == io::ErrorKind::AddrInUse => {
            TcpListener::bind(SocketAddr::new(address.ip(), 0))
        }
        listener => listener,
    }
}
