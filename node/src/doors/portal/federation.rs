//! The federation as this node sees it: who is in, who answers, what is behind.

use super::failure::{Kept, Trouble, status};
use super::marks::{LabelMark, inert};
use super::page::Page;
use super::visit::{Answer, Visit, go, render, render_with};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use serde::Deserialize;

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
    /// Nodes that lost their keys: short name, organisation, since when they wait.
    returns: Vec<(String, String, String)>,
    trouble: Trouble,
}

/// `GET /federation`
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let mut page = page(&visit, Trouble::default());
    page.p.notice = page.p.t.done(&asked.done);
    Ok(render(&page))
}

/// What a link may say after an act, or which button was pressed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
    decision: String,
}

/// `POST /federation/returns/{node}`
pub(super) async fn decide_return(visit: Visit, Path(node): Path<String>, Form(form): Form<Asked>) -> Answer {
    let approve = form.decision == "accept";
    match visit.desks.decide_return(&visit.session, &node, approve).await {
        Ok(()) => go(if approve { "/federation?done=let-back" } else { "/federation?done=not-back" }),
        Err(problem) => {
            let trouble = Trouble::of(&problem, visit.reader.language, Kept::Nothing);
            Ok(render_with(status(&problem), &page(&visit, trouble)))
        }
    }
}

fn page(visit: &Visit, trouble: Trouble) -> Federation {
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
    let returns = view.returns.into_iter();
    let returns = returns.map(|one| (one.node, inert(&one.organisation), clock.zulu(&one.asked_at)));
    Federation {
        p: visit.page("federation"),
        list_version: view.list_version,
        list_expires: clock.date_of(&view.list_expires),
        reached: peers.iter().filter(|peer| peer.reachable).count(),
        peers,
        returns: returns.collect(),
        trouble,
    }
}
