//! Links that do not keep to the protocol: they end the run that they belong to, and nothing else.

use std::net::SocketAddr;

use rig::{Node, Peer, assert_serves};
use shared::plan::{CONTROLLER, MAX_SITES, SiteId, SitePlan};
use shared::wire::{
    LinkPeer, MAX_FRAME, OnLink, OnReconnect, Refusal, ToController, ToNode, Token, decode,
};

use crate::session::{plan, publication, send_plan};

const TOKEN: Token = Token([7; 16]);

/// The plan of a node that gets its values from site 2.
fn plan_with_link() -> SitePlan {
    let mut plan = plan(100);
    plan.imports[0].from = SiteId(2);
    plan
}

fn awaited(site: SiteId) -> LinkPeer {
    LinkPeer { site, call: None }
}

fn links(peers: Vec<LinkPeer>) -> ToNode<'static> {
    ToNode::Links {
        token: TOKEN,
        silence: 30,
        peers,
    }
}

/// A session in which these links are wanted.
fn session(address: SocketAddr, peers: Vec<LinkPeer>) -> Peer {
    let mut peer = Peer::with_session(address, &["Load"]);
    peer.send(&links(peers));
    send_plan(&mut peer, &plan_with_link());
    peer
}

/// A session that is ready and waits for the link of site 2.
fn ready(address: SocketAddr) -> Peer {
    let mut peer = session(address, vec![awaited(SiteId(2))]);
    let answer = peer.receive().expect("an answer");
    assert_eq!(decode(&answer), Ok(ToController::Ready));
    peer
}

/// Another node that opens a link; the answer.
fn link(address: SocketAddr, token: Token, from: SiteId) -> (Peer, bool) {
    let mut peer = Peer::greeted(address);
    peer.send(&ToNode::Link { token, from });
    let answer = peer.receive().expect("an answer");
    let is_joined = decode(&answer) == Ok(OnLink::Joined);
    assert!(is_joined || decode(&answer) == Ok(OnLink::Refused));
    (peer, is_joined)
}

/// The link of site 2, as it should be.
fn joined(address: SocketAddr) -> Peer {
    let (mut peer, is_joined) = link(address, TOKEN, SiteId(2));
    assert!(is_joined);
    peer.send(&OnLink::Joined);
    peer
}

/// What a session says next, beside signs of life.
fn next(session: &mut Peer) -> Vec<u8> {
    loop {
        let answer = session.receive().expect("an answer");
        if !matches!(decode(&answer), Ok(ToController::Alive { .. })) {
            return answer;
        }
    }
}

#[test]
fn a_link_that_nobody_waits_for_is_refused() {
    let mut node = Node::start();
    let mut session = ready(node.address);
    assert!(!link(node.address, TOKEN, SiteId(3)).1, "no peer");
    assert!(!link(node.address, TOKEN, CONTROLLER).1, "the controller");
    assert!(
        !link(node.address, Token([8; 16]), SiteId(2)).1,
        "another run"
    );
    node.wait_for_report("no run waits for a link from site 2");
    let _link = joined(node.address);
    assert!(!link(node.address, TOKEN, SiteId(2)).1, "twice");
    session.send(&ToNode::Limit(0));
    let finished = next(&mut session);
    assert!(matches!(decode(&finished), Ok(ToController::Finished(_))));
    assert_serves(&mut node);
}

#[test]
fn what_does_not_belong_on_a_link_ends_its_run_only() {
    let mut node = Node::start();
    let address = node.address;
    let mut frames: Vec<(Vec<u8>, &str)> = vec![
        (vec![0xff; 4], "is over the limit"),
        (vec![0; 4], "a frame without content"),
        (vec![1, 0, 0, 0, 99], "a frame whose content is no message"),
        (vec![1, 0, 0, 0, 1], "a message that does not belong there"),
    ];
    let mut second_join = Vec::new();
    shared::wire::append_frame(&mut second_join, &OnLink::Joined, MAX_FRAME).expect("fits");
    frames.push((second_join, "a message that does not belong there"));
    for batch in [publication(5, 1, &1.0), vec![1], vec![1, 200]] {
        let mut frame = Vec::new();
        let message = OnLink::Batch { batch: &batch };
        shared::wire::append_frame(&mut frame, &message, MAX_FRAME).expect("fits");
        frames.push((frame, "the peer sent a batch that cannot be"));
    }
    let mut bystander = Peer::with_session(address, &["Load"]);
    for (bytes, said) in frames {
        let mut session = ready(address);
        let mut link = joined(address);
        link.send_raw(&bytes).expect("the node listens");
        let answer = next(&mut session);
        let Ok(ToController::LinkLost {
            site: SiteId(2),
            cause,
            ..
        }) = decode(&answer)
        else {
            panic!("{said}: {:?}", decode::<ToController<'_>>(&answer));
        };
        assert!(cause.contains(said), "{cause}");
        drop(session);
        link.wait_for_end();
        assert_serves(&mut node);
    }
    send_plan(&mut bystander, &plan(1));
    let answer = next(&mut bystander);
    assert_eq!(decode(&answer), Ok(ToController::Ready));
}

#[test]
fn a_caller_that_leaves_before_it_has_joined_leaves_a_run_that_is_relayed() {
    let node = Node::start();
    let mut session = ready(node.address);
    drop(link(node.address, TOKEN, SiteId(2)));
    let answer = next(&mut session);
    let relayed = decode(&answer);
    assert!(
        matches!(
            relayed,
            Ok(ToController::Relayed {
                site: SiteId(2),
                ..
            })
        ),
        "{relayed:?}"
    );
    session.send(&ToNode::Batch {
        from: SiteId(2),
        batch: &publication(0, 1, &shared::value::Value::Float(1.0)),
    });
    let answer = next(&mut session);
    assert!(matches!(
        decode(&answer),
        Ok(ToController::Batch { to: CONTROLLER, .. })
    ));
}

#[test]
fn links_that_cannot_be_are_refused() {
    let mut node = Node::start();
    let address = node.address;
    let inconsistent = Some(Refusal::InconsistentPlan);
    let here = LinkPeer {
        site: SiteId(3),
        call: Some(address),
    };
    for peers in [
        vec![awaited(CONTROLLER)],
        vec![awaited(SiteId(MAX_SITES))],
        vec![awaited(SiteId(2)), awaited(SiteId(2))],
        vec![here, awaited(SiteId(2))],
        // With none of these it exchanges values.
        vec![awaited(SiteId(1))],
        vec![awaited(SiteId(2)), here],
        (1..10_001)
            .map(|site| LinkPeer {
                site: SiteId(site),
                ..here
            })
            .collect(),
    ] {
        let shown = format!("{:?}", &peers[..peers.len().min(2)]);
        assert_eq!(session(address, peers).refusal(), inconsistent, "{shown}");
    }
    let out_of_order = Some(Refusal::OutOfOrder);
    let mut twice = Peer::with_session(address, &["Load"]);
    twice.send(&links(vec![awaited(SiteId(2))]));
    twice.send(&links(vec![awaited(SiteId(2))]));
    assert_eq!(twice.refusal(), out_of_order);
    let mut late = ready(address);
    late.send(&links(vec![awaited(SiteId(2))]));
    assert_eq!(late.refusal(), out_of_order);
    let mut stranger = ready(address);
    stranger.send(&ToNode::Relay(SiteId(3)));
    assert_eq!(stranger.refusal(), out_of_order);
    let mut both_ways = ready(address);
    let mut link = joined(address);
    link.send(&OnLink::Batch {
        batch: &publication(0, 1, &shared::value::Value::Float(1.0)),
    });
    let answer = next(&mut both_ways);
    assert!(matches!(
        decode(&answer),
        Ok(ToController::Batch { to: CONTROLLER, .. })
    ));
    both_ways.send(&ToNode::Batch {
        from: SiteId(2),
        batch: &[],
    });
    assert_eq!(both_ways.refusal(), out_of_order);
    assert_serves(&mut node);
}

#[test]
fn a_link_that_comes_before_its_run_is_let_in() {
    let node = Node::start();
    let mut early = Peer::greeted(node.address);
    early.send(&ToNode::Link {
        token: TOKEN,
        from: SiteId(2),
    });
    let _session = ready(node.address);
    let answer = early.receive().expect("an answer");
    assert_eq!(decode(&answer), Ok(OnLink::Joined));
}

/// Somebody who wants to go on with a run over another connection; the answer.
fn reconnect(
    address: SocketAddr,
    token: Token,
    from: SiteId,
    received: u64,
) -> (Peer, OnReconnect) {
    let mut peer = Peer::greeted(address);
    peer.send(&ToNode::Reconnect {
        token,
        from,
        received,
    });
    let answer = peer.receive().expect("an answer");
    let answer = decode(&answer).expect("an answer to that");
    (peer, answer)
}

#[test]
fn only_sides_of_a_run_go_on_with_it_and_only_where_they_were() {
    let mut node = Node::start();
    let address = node.address;
    let mut session = ready(address);
    let _link = joined(address);
    let other = Token([9; 16]);
    assert_eq!(
        reconnect(address, other, CONTROLLER, 0).1,
        OnReconnect::Refused
    );
    assert_eq!(
        reconnect(address, TOKEN, SiteId(7), 0).1,
        OnReconnect::Refused
    );
    // Who asks, and then is not heard of any more, has changed nothing.
    for from in [CONTROLLER, SiteId(2)] {
        let (peer, answer) = reconnect(address, TOKEN, from, 0);
        assert!(matches!(answer, OnReconnect::Received(1..)), "{answer:?}");
        drop(peer);
    }
    session.send(&ToNode::Alive);
    // Nobody can have received what has never been sent.
    let (mut peer, answer) = reconnect(address, TOKEN, CONTROLLER, u64::MAX / 2);
    assert!(matches!(answer, OnReconnect::Received(1..)), "{answer:?}");
    peer.send(&ToNode::Alive);
    while session.receive().is_some() {}
    assert_eq!(
        reconnect(address, TOKEN, CONTROLLER, 0).1,
        OnReconnect::Refused,
        "the session is over"
    );
    assert_serves(&mut node);
}
