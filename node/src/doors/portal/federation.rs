//! The federation as this node sees it: who is in, who answers, what is behind.

use super::marks::{LabelMark, inert};
use super::page::Page;
use super::visit::{Answer, Visit, render};
use askama::Template;

/// A peer.
struct Peer {
    name: String,
    organisation: String,
    kind: String,
    ceiling: LabelMark,
    accreditation: String,
    in_force: bool,
    valid_until: String,
    reachable: bool,
    /// Space, level, messages behind.
    lag: Vec<(String, String, u64)>,
    behind: u64,
}

#[derive(Template)]
#[template(path = "federation.html")]
struct Federation {
    p: Page,
    list_version: u64,
    list_expires: String,
    peers: Vec<Peer>,
    reached: usize,
}

/// `GET /federation`
pub(super) async fn show(visit: Visit) -> Answer {
    let view = visit.desks.federation(&visit.session).into_inner();
    let (language, clock) = (visit.reader.language, &visit.reader.clock);
    let t = language.texts();
    let peer = |peer: crate::desks::view::PeerView| Peer {
        organisation: inert(&peer.organisation),
        kind: language.node_kind(&peer.kind).to_owned(),
        ceiling: LabelMark::of(&peer.ceiling, language),
        accreditation: language.accreditation(&peer.accreditation).to_owned(),
        in_force: peer.accreditation == "active",
        valid_until: clock.date_of(&peer.valid_until),
        reachable: peer.reachable,
        behind: peer.lag.iter().map(|lag| lag.messages).sum(),
        lag: peer
            .lag
            .into_iter()
            .map(|lag| {
                let space = if lag.space == "channel" { t.channel.to_owned() } else { inert(&lag.space) };
                (space, lag.level, lag.messages)
            })
            .collect(),
        name: peer.name,
    };
    let peers: Vec<Peer> = view.peers.into_iter().map(peer).collect();
    Ok(render(&Federation {
        p: visit.page("federation"),
        list_version: view.list_version,
        list_expires: clock.date_of(&view.list_expires),
        reached: peers.iter().filter(|peer| peer.reachable).count(),
        peers,
    }))
}
