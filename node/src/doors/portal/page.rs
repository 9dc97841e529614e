//! What every page has around its content: language, navigation, who is signed in, notices.

use super::assets::{ASSETS, Assets};
use super::language::Language;
use super::marks::{LabelMark, inert};
use super::moments::Clock;
use super::reader::Reader;
use super::texts::Texts;
use super::words::fill;
use crate::desks::view::{CommunityBrief, MembershipView};
use crate::desks::{Desks, Session};

/// The frame of a page.
pub(super) struct Page {
    /// The texts of its language.
    pub(super) t: &'static Texts,
    /// Its language.
    pub(super) language: Language,
    /// The node's short name.
    pub(super) node: String,
    /// The organisation's full name.
    pub(super) organisation: String,
    /// Where the language switch returns to.
    pub(super) here: String,
    /// Style sheet and scripts.
    pub(super) assets: &'static Assets,
    /// The words in the search field.
    pub(super) query: String,
    /// Rail and head of a signed-in page.
    pub(super) rail: Option<Rail>,
    /// Since when the federation list is out of date, if it is.
    pub(super) list_expired: Option<String>,
    /// What was just done, as a sentence.
    pub(super) notice: Option<&'static str>,
    /// `14:32Z`.
    pub(super) zulu_now: String,
    /// `15:32 à Paris`.
    pub(super) local_now: String,
}

/// What a signed-in agent sees beside every page.
pub(super) struct Rail {
    /// The place that the page belongs to.
    pub(super) at: &'static str,
    /// The agent's name.
    pub(super) name: String,
    /// min(agent, terminal, node).
    pub(super) clearance: LabelMark,
    /// The agent's groups.
    pub(super) groups: Vec<MembershipView>,
    /// The agent's communities.
    pub(super) communities: Vec<CommunityBrief>,
    /// Drafts and what waits.
    pub(super) drafts: usize,
    /// Registrations that wait, for number twos.
    pub(super) registrations: Option<usize>,
    /// When the session ends, RFC 3339.
    pub(super) expires_at: String,
}

impl Page {
    /// The frame of a page that needs no session.
    pub(super) fn open(desks: &Desks, reader: &Reader) -> Self {
        let now = Clock::now();
        Self {
            t: reader.language.texts(),
            language: reader.language,
            node: desks.node_name(),
            organisation: desks.organisation(),
            here: reader.here.clone(),
            assets: &ASSETS,
            query: String::new(),
            rail: None,
            list_expired: desks.list_expired().map(|since| reader.clock.date_of(&since)),
            notice: None,
            zulu_now: reader.clock.zulu(&now),
            local_now: reader.clock.local(&now),
        }
    }

    /// The frame of a signed-in page.
    pub(super) fn signed_in(desks: &Desks, reader: &Reader, session: &Session, at: &'static str) -> Self {
        // A count that cannot be had is no reason to refuse the page that carries it.
        let drafts = desks.drafts(session, None).map_or(0, |drafts| drafts.into_inner().len());
        let waiting = || {
            desks.registrations(session).map_or(0, |list| {
                list.as_ref().iter().filter(|registration| registration.state == "waiting").count()
            })
        };
        let rail = Rail {
            at,
            name: inert(&session.name),
            clearance: LabelMark::of_level(&session.subject.clearance, reader.language),
            groups: session.memberships.clone(),
            communities: desks.communities(session).into_inner(),
            drafts,
            registrations: session.number_two.then(waiting),
            expires_at: session.expires_at.to_string(),
        };
        Self { rail: Some(rail), ..Self::open(desks, reader) }
    }

    /// `fill` for templates.
    pub(super) fn fill(&self, text: &str, value: impl std::fmt::Display) -> String {
        fill(text, &value.to_string())
    }

    /// Words for a community in the rail.
    pub(super) fn name_of(&self, community: &CommunityBrief) -> String {
        inert(&community.name)
    }
}
