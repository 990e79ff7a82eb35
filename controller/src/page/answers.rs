//! What the page is asked, and what it answers.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Display;
use std::sync::Arc;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use smol::channel::Sender;
use smol::stream::StreamExt;

use super::access::{Access, Refused, is_json};
use super::commands::{Command, Wish};
use super::events::events;
use super::files;
use super::hub::Hub;
use super::series;
use crate::run::Control;

/// The longest content of a request.
const MOST: usize = 64 * 1024;

/// What a page may load, and from where: from here, and nothing in line.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The content of an answer.
pub(super) type Answer = UnsyncBoxBody<Bytes, Infallible>;

/// What answers requests.
pub(super) struct Answers {
    pub(super) hub: Arc<Hub>,
    pub(super) access: Access,
    /// Where commands go.
    pub(super) wishes: Sender<Wish>,
}

/// What a viewer wants to look at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Watch {
    viewer: String,
    items: Vec<String>,
}

/// A value that a viewer wants changed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Adjust {
    model: String,
    attribute: String,
    value: f64,
}

impl Answers {
    /// Tells all viewers that the controller ends.
    pub(super) fn close(&self) {
        self.hub.present().is_closing = true;
    }

    /// Answers a request, in any case.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Answer> {
        let answer = self.find(request).await;
        answer.unwrap_or_else(|(status, why)| text(status, "text/plain; charset=utf-8", why + "\n"))
    }

    async fn find(&self, request: Request<Incoming>) -> Result<Response<Answer>, Refused> {
        let (head, content) = request.into_parts();
        let query = query_of(head.uri.query().unwrap_or_default());
        let first = |name: &str| {
            query
                .get(name)
                .and_then(|all| all.first())
                .map(String::as_str)
        };
        self.access
            .admit(head.uri.path(), &head.headers, first("token"))?;
        match (&head.method, head.uri.path()) {
            (&Method::GET, "/api/run") => Ok(json(&self.hub.run_json())),
            (&Method::GET, "/api/events") => {
                let viewer = first("viewer").unwrap_or_default().to_owned();
                Ok(self.stream(viewer))
            }
            (&Method::GET, "/api/series") => {
                let wanted = series::Wanted::of(&query).map_err(bad)?;
                let found = series::series(&self.hub, &wanted);
                let found = found
                    .ok_or_else(|| (StatusCode::NOT_FOUND, "there is no such run".to_owned()))?;
                Ok(answer(StatusCode::OK, "application/octet-stream", found))
            }
            (&Method::POST, "/api/watch") => {
                is_json(&head.headers)?;
                let watch: Watch = read(content).await?;
                self.hub.present().watch(&watch.viewer, &watch.items);
                Ok(nothing())
            }
            (&Method::POST, "/api/control") => {
                self.access.admit_command(&head.headers)?;
                let command: Command = read(content).await?;
                let wish = command.wish(&self.hub.present().description.adjustables);
                self.wish(wish.map_err(bad)?)
            }
            (&Method::POST, "/api/adjust") => {
                self.access.admit_command(&head.headers)?;
                let Adjust {
                    model,
                    attribute,
                    value,
                } = read(content).await?;
                let adjustment = {
                    let present = self.hub.present();
                    present
                        .description
                        .adjustables
                        .adjustment(&model, &attribute, value)
                };
                let (model, adjustment) = adjustment.map_err(bad)?;
                self.wish(Wish::Control(Control::Adjust(model, adjustment)))
            }
            (&Method::GET, path) => match files::file(path) {
                Some((kind, content)) => Ok(answer(StatusCode::OK, kind, content)),
                None => Err((StatusCode::NOT_FOUND, format!("there is nothing at {path}"))),
            },
            (_, path) => Err((
                StatusCode::METHOD_NOT_ALLOWED,
                format!("{path} cannot be asked in this way"),
            )),
        }
    }

    fn wish(&self, wish: Wish) -> Result<Response<Answer>, Refused> {
        let why = "nobody takes commands now: the run begins, is over, or has many to do";
        let sent = self.wishes.try_send(wish);
        sent.map_err(|_| (StatusCode::SERVICE_UNAVAILABLE, why.to_owned()))?;
        Ok(nothing())
    }

    fn stream(&self, viewer: String) -> Response<Answer> {
        let events = events(Arc::clone(&self.hub), viewer);
        let frames = events.map(|text| Ok(Frame::data(Bytes::from(text))));
        with_head(
            StatusCode::OK,
            "text/event-stream",
            StreamBody::new(frames).boxed_unsync(),
        )
    }
}

/// The JSON of a request.
async fn read<T: for<'a> Deserialize<'a>>(content: Incoming) -> Result<T, Refused> {
    let whole = Limited::new(content, MOST).collect().await;
    let whole = whole.map_err(|error| (StatusCode::PAYLOAD_TOO_LARGE, error.to_string()))?;
    serde_json::from_slice(&whole.to_bytes()).map_err(bad)
}

fn bad(why: impl Display) -> Refused {
    (StatusCode::BAD_REQUEST, why.to_string())
}

/// The parameters of an address; each may be there several times.
fn query_of(query: &str) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        all.entry(name.into_owned())
            .or_default()
            .push(value.into_owned());
    }
    all
}

fn nothing() -> Response<Answer> {
    answer(StatusCode::NO_CONTENT, "text/plain", Vec::new())
}

fn json(what: &serde_json::Value) -> Response<Answer> {
    text(StatusCode::OK, "application/json", what.to_string())
}

fn text(status: StatusCode, kind: &'static str, text: String) -> Response<Answer> {
    answer(status, kind, text.into_bytes())
}

fn answer(status: StatusCode, kind: &'static str, content: impl Into<Bytes>) -> Response<Answer> {
    with_head(status, kind, Full::new(content.into()).boxed_unsync())
}

fn with_head(status: StatusCode, kind: &'static str, content: Answer) -> Response<Answer> {
    let mut response = Response::new(content);
    *response.status_mut() = status;
    let head = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("content-security-policy"), POLICY),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
        (HeaderName::from_static("referrer-policy"), "no-referrer"),
    ] {
        head.insert(name, HeaderValue::from_static(value));
    }
    response
}
