//! A correspondence as a paper: label above and below, head, numbered text, signatures, and where each
//! addressee stands.

use super::body::{Paragraph, paragraphs};
use super::files::Shown;
use super::language::Language;
use super::marks::{LabelMark, inert, precedence_class};
use super::moments::Clock;
use super::reader::Reader;
use crate::desks::view::{DeliveryView, DraftState, ImportView, ItemView, PartyView, SignatureView};

/// A paper.
#[derive(Debug, Clone)]
pub(super) struct Paper {
    /// Item id.
    pub(super) id: String,
    /// `Télégramme 000123`.
    pub(super) title: String,
    /// The originator's label.
    pub(super) label: LabelMark,
    /// Subject line.
    pub(super) subject: String,
    /// Date-time group; empty before release.
    pub(super) dtg: String,
    /// RFC 3339.
    pub(super) released_at: String,
    /// `15:32 à Paris`.
    pub(super) local: String,
    /// Sender.
    pub(super) from: PartyView,
    /// Action addressees.
    pub(super) action: Vec<PartyView>,
    /// Information addressees.
    pub(super) info: Vec<PartyView>,
    /// For action addressees.
    pub(super) action_precedence: Mark,
    /// For information addressees.
    pub(super) info_precedence: Mark,
    /// Themes.
    pub(super) tags: Vec<String>,
    /// Ids of earlier items.
    pub(super) references: Vec<String>,
    /// The text.
    pub(super) paragraphs: Vec<Paragraph>,
    /// Files.
    pub(super) files: Vec<Shown>,
    /// Who drafted it.
    pub(super) author: String,
    /// Who released it.
    pub(super) releaser: String,
    /// When it reached this node.
    pub(super) received: String,
    /// Signatures and whether they verify.
    pub(super) signatures: Vec<SignatureView>,
    /// Where each addressee stands.
    pub(super) deliveries: Vec<Delivery>,
    /// Communities in which it stands, id and name.
    pub(super) communities: Vec<(String, String)>,
    /// What an imported item carried in print.
    pub(super) import: Option<ImportView>,
    /// What the asker may do.
    pub(super) acts: Vec<String>,
    /// Sent from here and not acknowledged by all: the states may still change.
    pub(super) watched: bool,
    /// A post has an author and a community instead of addressees and urgency.
    pub(super) is_post: bool,
}

/// A precedence to show.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// Class of the drawing.
    pub(super) class: &'static str,
    /// In the reader's language.
    pub(super) words: String,
}

/// Where an addressee stands.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    /// Its name.
    pub(super) name: String,
    /// Its address.
    pub(super) address: String,
    /// For action or information.
    pub(super) role: String,
    /// When its node had it on disk.
    pub(super) delivered: Option<String>,
    /// When somebody opened it.
    pub(super) displayed: Option<String>,
    /// When somebody acknowledged it.
    pub(super) acknowledged: Option<String>,
    /// Who did.
    pub(super) by: String,
}

impl Paper {
    /// A released item.
    pub(super) fn of(item: &ItemView, reader: &Reader, node: &str) -> Self {
        let (language, clock) = (reader.language, &reader.clock);
        let kind = language.kind(&item.kind);
        let number = item.number.as_deref().map(|number| format!(" {number}")).unwrap_or_default();
        let sent_here = item.from.address.rsplit('@').next() == Some(node);
        let open = item.deliveries.iter().any(|delivery| delivery.acknowledged_at.is_none());
        Self {
            id: item.id.clone(),
            title: format!("{kind}{number}"),
            label: LabelMark::of(&item.label, language),
            subject: inert(&item.subject),
            dtg: item.dtg.clone(),
            released_at: item.released_at.clone(),
            local: clock.local(&item.released_at),
            from: party(&item.from),
            action: item.action.iter().map(party).collect(),
            info: item.info.iter().map(party).collect(),
            action_precedence: Mark::of(&item.precedence.action, language),
            info_precedence: Mark::of(&item.precedence.info, language),
            tags: item.tags.iter().map(|tag| inert(tag)).collect(),
            references: item.references.clone(),
            paragraphs: paragraphs(&item.body, item.import.is_none() && item.kind != "post"),
            files: item.attachments.iter().map(|file| Shown::of(file, language)).collect(),
            author: inert(&item.author),
            releaser: inert(item.releaser.as_deref().unwrap_or_default()),
            received: clock.zulu(&item.received_at),
            signatures: item.signatures.clone(),
            deliveries: item
                .deliveries
                .iter()
                .map(|delivery| Delivery::of(delivery, language, clock))
                .collect(),
            communities: item.communities.iter().map(|c| (c.id.clone(), inert(&c.name))).collect(),
            import: item.import.clone().map(import),
            acts: item.acts.clone(),
            watched: sent_here && open,
            is_post: item.kind == "post",
        }
    }

    /// A draft as it would go. `name` finds the name behind an address.
    pub(super) fn draft(state: &DraftState, reader: &Reader, name: impl Fn(&str) -> String) -> Self {
        let (language, draft) = (reader.language, &state.content);
        let named = |address: &String| PartyView { address: inert(address), name: inert(&name(address)) };
        Self {
            id: state.id.clone(),
            title: language.kind(&draft.kind).to_owned(),
            label: LabelMark::of(&draft.label, language),
            subject: inert(&draft.subject),
            dtg: String::new(),
            released_at: String::new(),
            local: String::new(),
            from: named(&draft.from),
            action: draft.action.iter().map(named).collect(),
            info: draft.info.iter().map(named).collect(),
            action_precedence: Mark::of(&draft.precedence.action, language),
            info_precedence: Mark::of(&draft.precedence.info, language),
            tags: draft.tags.iter().map(|tag| inert(tag)).collect(),
            references: draft.references.clone(),
            paragraphs: paragraphs(&draft.body, true),
            files: state.attachments.iter().map(|file| Shown::of(file, language)).collect(),
            author: String::new(),
            releaser: String::new(),
            received: String::new(),
            signatures: Vec::new(),
            deliveries: Vec::new(),
            communities: Vec::new(),
            import: None,
            acts: Vec::new(),
            watched: false,
            is_post: false,
        }
    }

    /// Whether the asker may do an act.
    pub(super) fn may(&self, act: &str) -> bool {
        self.acts.iter().any(|legal| legal == act)
    }

    /// Whether a file of it is still on its way.
    pub(super) fn arriving(&self) -> bool {
        self.files.iter().any(|file| file.state == "arriving")
    }

    /// Where an answer to this is written.
    pub(super) fn reply_link(&self) -> String {
        format!("/compose?reply={}", self.id)
    }
}

impl Mark {
    fn of(word: &str, language: Language) -> Self {
        Self { class: precedence_class(word), words: language.precedence(word).to_owned() }
    }
}

impl Delivery {
    fn of(view: &DeliveryView, language: Language, clock: &Clock) -> Self {
        let at = |time: &Option<String>| time.as_deref().map(|time| clock.zulu(time));
        Self {
            name: inert(&view.name),
            address: inert(&view.address),
            role: language.item_role(&view.role).to_owned(),
            delivered: at(&view.delivered_at),
            displayed: at(&view.displayed_at),
            acknowledged: at(&view.acknowledged_at),
            by: inert(view.acknowledged_by.as_deref().unwrap_or_default()),
        }
    }
}

fn party(view: &PartyView) -> PartyView {
    PartyView { address: inert(&view.address), name: inert(&view.name) }
}

fn import(view: ImportView) -> ImportView {
    let each = |texts: Vec<String>| texts.iter().map(|text| inert(text)).collect();
    ImportView {
        source: inert(&view.source),
        classification: view.classification.map(|text| inert(&text)),
        precedence: view.precedence.map(|text| inert(&text)),
        date: inert(&view.date),
        subject_derived: view.subject_derived,
        parties: each(view.parties),
        number: view.number.map(|text| inert(&text)),
        handling: each(view.handling),
        repeated_to: each(view.repeated_to),
    }
}
