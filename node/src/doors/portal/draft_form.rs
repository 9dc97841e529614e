//! The form of a draft: what is typed, as text, and the draft that it means.

use super::choices::{Choice, kinds, levels, precedences};
use super::language::Language;
use super::marks::{inert, label_from_form, label_to_form};
use crate::desks::Session;
use crate::desks::view::{DraftView, ItemView, PrecedenceView};
use serde::Deserialize;

/// The fields as the browser sends them; a missing one is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct DraftForm {
    /// The draft's id; empty before the first save.
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) from: String,
    pub(super) action: String,
    pub(super) info: String,
    pub(super) precedence_action: String,
    pub(super) precedence_info: String,
    pub(super) label: String,
    pub(super) subject: String,
    pub(super) tags: String,
    pub(super) body: String,
    pub(super) references: String,
    /// The button: `save`, `submit`, `release` or `discard`.
    pub(super) step: String,
}

impl DraftForm {
    /// A new draft of the first of the agent's groups.
    pub(super) fn blank(session: &Session) -> Self {
        Self {
            kind: "telegram".to_owned(),
            from: session.memberships.first().map(|group| group.address.clone()).unwrap_or_default(),
            precedence_action: "routine".to_owned(),
            precedence_info: "routine".to_owned(),
            label: "NP".to_owned(),
            ..Self::default()
        }
    }

    /// An answer: back to the sender, under the same label, from the group that it was for.
    pub(super) fn reply(session: &Session, item: &ItemView, language: Language) -> Self {
        let mine = |address: &str| session.memberships.iter().any(|group| group.address == address);
        let asked = item.action.iter().chain(&item.info).find(|party| mine(&party.address));
        let blank = Self::blank(session);
        let prefix = if language.is_french() { "Réponse : " } else { "Reply: " };
        let plain = item.subject.trim_start_matches("Réponse : ").trim_start_matches("Reply: ");
        Self {
            kind: if item.kind == "post" { blank.kind.clone() } else { item.kind.clone() },
            from: asked.map_or_else(|| blank.from.clone(), |party| party.address.clone()),
            action: item.from.address.clone(),
            precedence_action: item.precedence.action.clone(),
            label: label_to_form(&item.label),
            subject: format!("{prefix}{plain}"),
            tags: item.tags.join(", "),
            references: item.id.clone(),
            ..blank
        }
    }

    /// A draft read back.
    pub(super) fn of(id: &str, draft: &DraftView) -> Self {
        Self {
            id: id.to_owned(),
            kind: draft.kind.clone(),
            from: draft.from.clone(),
            action: draft.action.join(", "),
            info: draft.info.join(", "),
            precedence_action: draft.precedence.action.clone(),
            precedence_info: draft.precedence.info.clone(),
            label: label_to_form(&draft.label),
            subject: draft.subject.clone(),
            tags: draft.tags.join(", "),
            body: draft.body.clone(),
            references: draft.references.join(", "),
            step: String::new(),
        }
    }

    /// The draft that the form means.
    pub(super) fn draft(&self) -> DraftView {
        DraftView {
            kind: self.kind.clone(),
            from: self.from.clone(),
            action: list(&self.action),
            info: list(&self.info),
            precedence: PrecedenceView {
                action: self.precedence_action.clone(),
                info: self.precedence_info.clone(),
            },
            label: label_from_form(&self.label),
            subject: self.subject.trim().to_owned(),
            tags: list(&self.tags),
            // A form sends CRLF; the text that is signed has line feeds only.
            body: self.body.replace("\r\n", "\n"),
            references: list(&self.references),
        }
    }
}

/// The words of a field that holds several, separated by commas, semicolons or lines.
pub(super) fn list(text: &str) -> Vec<String> {
    let parts = text.split([',', ';', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The options of the form's selects.
pub(super) struct Choices {
    /// Telegram, note, letter.
    pub(super) kinds: Vec<Choice>,
    /// The agent's groups.
    pub(super) groups: Vec<Choice>,
    /// For action addressees.
    pub(super) action: Vec<Choice>,
    /// For information addressees.
    pub(super) info: Vec<Choice>,
    /// Levels that the session holds.
    pub(super) labels: Vec<Choice>,
}

impl Choices {
    /// For a form and the session that fills it in.
    pub(super) fn of(form: &DraftForm, session: &Session, language: Language) -> Self {
        let group = |group: &crate::desks::view::MembershipView| {
            Choice::new(&group.address, format!("{} ({})", inert(&group.name), group.address), &form.from)
        };
        Self {
            kinds: kinds(&form.kind, language),
            groups: session.memberships.iter().map(group).collect(),
            action: precedences(&form.precedence_action, language),
            info: precedences(&form.precedence_info, language),
            labels: levels(&session.subject.clearance, &form.label, language),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addressees_may_be_separated_as_people_separate_them() {
        assert_eq!(list("cdc@mae, dgs@sante;afrique@mae\n"), ["cdc@mae", "dgs@sante", "afrique@mae"]);
    }

    #[test]
    fn a_draft_goes_through_the_form_unchanged() {
        let form = DraftForm {
            kind: "note".into(),
            from: "cdc@mae".into(),
            action: "dgs@sante, afrique@mae".into(),
            precedence_action: "flash".into(),
            precedence_info: "routine".into(),
            label: "DR+SF".into(),
            subject: "Objet".into(),
            body: "Un\r\n\r\nDeux".into(),
            ..DraftForm::default()
        };
        let draft = form.draft();
        assert_eq!(draft.body, "Un\n\nDeux");
        assert_eq!(DraftForm::of("", &draft).draft(), draft);
    }
}
