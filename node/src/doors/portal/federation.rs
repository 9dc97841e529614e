//! The federation as this node sees it: who is in, who answers, what is behind; for operators what was
//! refused and what contradicts itself.

use super::failure::{Kept, Trouble, status};
use super::language::Language;
use super::marks::{LabelMark, inert};
use super::moments::Clock;
use super::page::Page;
use super::refusals::sentences;
use super::texts::Texts;
use super::visit::{Answer, Visit, go, render, render_with};
use crate::desks::view::{EvidenceView, FederationView, PeerView, RefusalView};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use protocol::refusal::Code;
use serde::Deserialize;

/// Digits of a hash that are shown: enough to compare at a glance; the API gives all of them.
const HASH_DIGITS_SHOWN: usize = 16;

/// A peer.
struct Peer {
    name: String,
    organisation: String,
    kind: String,
    ceiling: LabelMark,
    accreditation: String,
    in_force: bool,
    valid_until: String,
    expiring: bool,
    /// Short name of a guest's ministry.
    sponsor: Option<String>,
    keys_changed: u64,
    reachable: bool,
    /// `231430Z NOV 26`; empty before the first.
    last_contact: String,
    /// The list it showed, when it is not ours.
    other_list: Option<u64>,
    /// Space, level, messages behind.
    lag: Vec<(String, String, u64)>,
    behind: u64,
}

/// A piece of evidence.
struct Evidence {
    what: String,
    number: u64,
    nodes: String,
    at: String,
    hashes: Vec<String>,
}

/// A refusal.
struct Refusal {
    code: String,
    what: &'static str,
    peer: String,
    count: u64,
    last: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "federation.html")]
struct Federation {
    p: Page,
    accreditation: String,
    in_force: bool,
    valid_until: String,
    list_version: u64,
    list_hash: String,
    list_expires: String,
    list_state: &'static str,
    list_sound: bool,
    peers: Vec<Peer>,
    reached: usize,
    /// Nodes that lost their keys: short name, organisation, since when they wait.
    returns: Vec<(String, String, String)>,
    trouble: Trouble,
    evidence: Option<Vec<Evidence>>,
    refusals: Option<Vec<Refusal>>,
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
    let FederationView { list_version, .. } = view;
    let peers: Vec<Peer> =
        view.peers.into_iter().map(|peer| shown(peer, list_version, (language, clock))).collect();
    let evidence =
        |all: Vec<EvidenceView>| all.into_iter().map(|one| proof(one, (language, clock))).collect();
    let refusals =
        |all: Vec<RefusalView>| all.into_iter().map(|one| refusal(one, (language, clock))).collect();
    let returns = view.returns.into_iter();
    let returns = returns.map(|one| (one.node, inert(&one.organisation), clock.zulu(&one.asked_at)));
    Federation {
        p: visit.page("federation"),
        in_force: view.accreditation == "active",
        accreditation: language.accreditation(&view.accreditation).to_owned(),
        valid_until: clock.date_of(&view.valid_until),
        list_version,
        list_hash: view.list_hash.chars().take(HASH_DIGITS_SHOWN).collect(),
        list_expires: clock.date_of(&view.list_expires),
        list_state: list_state(&view.list_state, t),
        list_sound: view.list_state == "valid",
        reached: peers.iter().filter(|peer| peer.reachable).count(),
        peers,
        returns: returns.collect(),
        trouble,
        evidence: view.evidence.map(evidence),
        refusals: view.refusals.map(refusals),
    }
}

fn list_state(word: &str, t: &'static Texts) -> &'static str {
    match word {
        "expired" => t.list_expired,
        "expiring" => t.list_expiring,
        _ => "",
    }
}

fn shown(peer: PeerView, list_version: u64, (language, clock): (Language, &Clock)) -> Peer {
    let t = language.texts();
    let lag = |lag: crate::desks::view::LagView| {
        let space = if lag.space == "channel" { t.channel.to_owned() } else { inert(&lag.space) };
        (space, lag.level, lag.messages)
    };
    Peer {
        organisation: inert(&peer.organisation),
        kind: language.node_kind(&peer.kind).to_owned(),
        ceiling: LabelMark::of(&peer.ceiling, language),
        accreditation: language.accreditation(&peer.accreditation).to_owned(),
        in_force: peer.accreditation == "active",
        valid_until: clock.date_of(&peer.valid_until),
        expiring: peer.expiring,
        sponsor: peer.sponsor,
        keys_changed: peer.keys_changed,
        reachable: peer.reachable,
        last_contact: peer.last_contact.map(|at| clock.zulu(&at)).unwrap_or_default(),
        other_list: peer.list_version.filter(|shown| *shown != list_version),
        behind: peer.lag.iter().map(|lag| lag.messages).sum(),
        lag: peer.lag.into_iter().map(lag).collect(),
        name: peer.name,
    }
}

fn proof(one: EvidenceView, (language, clock): (Language, &Clock)) -> Evidence {
    let short = |hash: &String| hash.chars().take(HASH_DIGITS_SHOWN).collect();
    Evidence {
        what: language.evidence(&one.kind).to_owned(),
        number: one.number,
        nodes: inert(&one.nodes.join(", ")),
        at: if one.at.is_empty() { String::new() } else { clock.zulu(&one.at) },
        hashes: one.hashes.iter().map(short).collect(),
    }
}

fn refusal(one: RefusalView, (language, clock): (Language, &Clock)) -> Refusal {
    Refusal {
        what: Code::parse(&one.code).map_or("", |code| sentences(code, language).0),
        peer: inert(&one.peer),
        count: one.count,
        last: clock.zulu(&one.last),
        detail: inert(&one.detail),
        code: one.code,
    }
}
