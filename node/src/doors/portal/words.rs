//! The federation's words in the reader's language: precedence, kinds, roles, states. A word that is
//! not known is shown as it is.

use super::language::Language;

impl Language {
    fn pick<'a>(self, french: &'a str, english: &'a str) -> &'a str {
        if self.is_french() { french } else { english }
    }

    /// *Urgence*.
    pub(super) fn precedence(self, word: &str) -> &str {
        match word {
            "deferred" => self.pick("DIFFÉRÉ", "DEFERRED"),
            "routine" => "ROUTINE",
            "priority" => self.pick("URGENT", "PRIORITY"),
            "immediate" => self.pick("IMMÉDIAT", "IMMEDIATE"),
            "flash" => "FLASH",
            "override" => self.pick("PRIORITÉ ABSOLUE", "OVERRIDE"),
            other => other,
        }
    }

    /// What sort of item.
    pub(super) fn kind(self, word: &str) -> &str {
        match word {
            "telegram" => self.pick("Télégramme", "Telegram"),
            "note" => "Note",
            "letter" => self.pick("Courriel formel", "Formal e-mail"),
            "post" => self.pick("Message de communauté", "Community post"),
            other => other,
        }
    }

    /// Why an item is on the reader's teleprinter.
    pub(super) fn item_role(self, word: &str) -> &str {
        match word {
            "action" => self.pick("pour action", "for action"),
            "info" => self.pick("pour information", "for information"),
            "sent" => self.pick("envoyé", "sent"),
            "community" => self.pick("communauté", "community"),
            other => other,
        }
    }

    /// What an agent is in a functional group.
    pub(super) fn group_role(self, word: &str) -> &str {
        match word {
            "number-two" => self.pick("numéro 2", "number two"),
            "agent" => "agent",
            other => other,
        }
    }

    /// What sort of node.
    pub(super) fn node_kind(self, word: &str) -> &str {
        match word {
            "ministry" => self.pick("ministère", "ministry"),
            "embassy" => self.pick("ambassade", "embassy"),
            "guest" => self.pick("organisation invitée", "guest organisation"),
            "witness" => self.pick("témoin", "witness"),
            other => other,
        }
    }

    /// Where an organisation stands in a community.
    pub(super) fn member_state(self, word: &str) -> &str {
        match word {
            "member" => self.pick("membre", "member"),
            "leaving" => self.pick("retrait en attente de votes", "leaving, votes awaited"),
            "invited" => self.pick("invitée, réponse attendue", "invited, answer awaited"),
            "refused" => self.pick("a refusé", "refused"),
            other => other,
        }
    }

    /// Where a draft stands.
    pub(super) fn draft_state(self, word: &str) -> &str {
        match word {
            "draft" => self.pick("brouillon", "draft"),
            "awaiting-visa" => self.pick("en attente de visa", "awaiting visa"),
            "awaiting-release" => self.pick("en attente de signature", "awaiting release"),
            other => other,
        }
    }

    /// Where a request for an account stands.
    pub(super) fn registration_state(self, word: &str) -> &str {
        match word {
            "waiting" => self.pick("en attente", "waiting"),
            "accepted" => self.pick("acceptée", "accepted"),
            "refused" => self.pick("refusée", "refused"),
            other => other,
        }
    }

    /// Whether an accreditation stands.
    pub(super) fn accreditation(self, word: &str) -> &str {
        match word {
            "active" => self.pick("en vigueur", "in force"),
            "revoked" => self.pick("révoquée", "revoked"),
            "suspended" => self.pick("suspendue", "suspended"),
            "lapsed" => self.pick("expirée", "lapsed"),
            "not-yet" => self.pick("pas encore en vigueur", "not in force yet"),
            "sponsor-gone" => self.pick("parrain plus en vigueur", "sponsor not in force"),
            "list-expired" => self.pick("liste périmée", "list expired"),
            "unlisted" => self.pick("hors liste", "not listed"),
            other => other,
        }
    }

    /// What a piece of evidence shows.
    pub(super) fn evidence(self, word: &str) -> &str {
        match word {
            "split-list" => self.pick(
                "Deux listes de la fédération portent la même version",
                "Two federation lists have the same version",
            ),
            "broken-chain" => self.pick(
                "Une liste de la fédération en suit une autre que celle d’ici",
                "A federation list follows another one than ours",
            ),
            "rolled-back-peer" => self.pick(
                "Une organisation montre une liste plus ancienne qu’auparavant",
                "An organisation shows an older list than before",
            ),
            "two-suspensions" => self.pick(
                "Une clef de l’autorité a signé deux suspensions du même numéro",
                "A key of the authority signed two suspensions of one number",
            ),
            "fork" => self.pick(
                "Deux décisions contraires pour une même étape d’une communauté",
                "Two contrary decisions for one step of a community",
            ),
            other => other,
        }
    }

    /// A count with its noun: `1 non lu`, `3 non lus`.
    pub(super) fn count(self, count: usize, one: &str, many: &str) -> String {
        // French counts zero and one in the singular, English only one.
        let singular = count == 1 || (count == 0 && self.is_french());
        format!("{count} {}", if singular { one } else { many })
    }
}

/// The letter or word of a text with its place filled in.
pub(super) fn fill(text: &str, value: &str) -> String {
    text.replacen("{}", value, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::correspondence::Precedence;

    #[test]
    fn every_precedence_has_a_word_in_both_languages() {
        for precedence in Precedence::ALL {
            for language in [Language::French, Language::English] {
                assert_ne!(language.precedence(precedence.as_str()), precedence.as_str());
            }
        }
    }

    #[test]
    fn counts_agree_with_their_nouns() {
        assert_eq!(Language::French.count(0, "brouillon", "brouillons"), "0 brouillon");
        assert_eq!(Language::English.count(0, "draft", "drafts"), "0 drafts");
        assert_eq!(Language::French.count(2, "brouillon", "brouillons"), "2 brouillons");
    }
}
