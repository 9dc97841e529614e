//! Every text of the pages, once per language. The type is the proof that no language lacks one.

mod english;
mod french;

pub(super) use english::ENGLISH;
pub(super) use french::FRENCH;

macro_rules! texts {
    ($($name:ident,)+) => {
        /// The texts of one language, by the name that templates use.
        pub(super) struct Texts { $(pub(super) $name: &'static str,)+ }

        #[cfg(test)]
        impl Texts {
            /// All, with their names.
            fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)+]
            }
        }
    };
}

texts! {
    accept, accept_charge, accreditation, acknowledge, acknowledged, acknowledged_what, addressee,
    addressees_hint, admit, admit_whom, admitted_here, all_read, already_decided, any, as_what,
    asked_at, autosave_ended, autosave_failed, awaited, awaiting_manager, awaiting_manager_what,
    back_home, back_to_draft, before_you_enter, behind, behind_what, cancel, ceiling, channel,
    charge_what, charter, cleared_up_to, close, colon, communities, community_named, community_word,
    compose, compose_first, date_time_group, decision, delivered, delivered_what, deliveries, directory,
    directory_search, discard, discard_confirm, displayed, displayed_what, done_acknowledged,
    done_shared, done_saved, done_discarded, done_submitted, done_released, done_opened, done_charge,
    done_invited, done_admitted, done_entitled, done_expelled, done_posted, done_accepted, done_refused,
    done_let_back, done_not_back,
    done_signed_out, door_archived, door_leave, door_who_reads, drafted_by, drafts, earlier_item,
    empty_communities, empty_communities_what, empty_directory, empty_drafts, empty_drafts_what,
    empty_filter, empty_posts, empty_registrations, empty_registrations_what, empty_search,
    empty_teleprinter, empty_teleprinter_what, enter, evidence, evidence_none, evidence_what, entitle, entitle_what, entitled, entries, entry, expel, expel_effect_keys,
    expel_effect_new, expel_effect_past, expel_effect_seen, expel_effects, expel_now, expel_title,
    facet_community, facet_month, federation, field_action, field_body, field_from, field_group,
    field_info, field_kind, field_label, field_login, field_manager, field_name, field_organisations,
    field_password, field_precedence_action, field_precedence_info, field_project, field_references,
    field_subject, field_tags, field_terminal, file_active, file_arriving, file_damaged, file_here,
    file_incomplete, file_remove, file_retrying, file_too_large, file_uploading, files, files_attach, files_hint, files_script,
    filters, from, from_lower, group_address, group_hint,
    hand_over, help, more, other_pages, imported, imported_mark, invite, invite_whom, kept_draft,
    kept_form, kept_nothing, key_help, key_news, key_next, key_open, keys, keys_changed, label_is, last_contact, link,
    list_banner, list_expired, list_expiring, list_fingerprint, list_shown, list_version,
    main_navigation, manager_hint, may_receive, my_agents, membership, membership_depends, my_communities,
    my_groups, name, narrow, new_many, new_one, next_page, no_filters, no_manager, no_peers,
    no_subject,
    nobody_admitted, nobody_found, node, not_in_directory, not_released, not_saved, not_yet,
    nothing_behind, nothing_here, nothing_open, offline_since, one_time_password, open_community, open_community_lead,
    open_draft, organisation, own_accreditation, own_page, password_hint, post, posts, precedence, print,
    printed_classification, printed_date, printed_handling, printed_number, printed_parties,
    printed_precedence, printed_repeated, printed_source,
    project_hint, query_hint, quote_code, reachable, reached, read_first, reading_pane, received,
    refuse, refused, refused_lately, refused_none, refused_to, register, register_lead, register_next,
    register_now, register_sent, registrations, returns, returns_what,
    release, release_lead, release_next, release_now, released_by, remove_filter, reply, result,
    results, rule, save_draft, saved_at, saving, seal_of, search, search_all, search_now, session_ends,
    share, share_effect, share_into, share_now, shared_here, show_action, show_all, show_only,
    show_unread, sign, sign_in, sign_in_now, sign_out, sign_why, signature_invalid, signature_valid,
    since, skip, sponsored_by, stands_in, subject_derived, submit, tag, tags_hint, teleprinter, terminal,
    terminal_desktop, terminal_hint, terminal_mobile, terminal_tablet, the_labels, the_labels_what,
    the_precedences, the_precedences_what, the_states, the_times, the_times_what, to_lower, under_way,
    unreachable, unread_many, unread_mark, unread_one, until, up_to, valid_until, who_reads_posts,
    who_will_have_it, words, write_post, you_may_admit, your_name,
}

impl Texts {
    /// The sentence that confirms an act, by the word in the address after it.
    pub(super) fn done(&self, word: &str) -> Option<&'static str> {
        Some(match word {
            "acknowledged" => self.done_acknowledged,
            "shared" => self.done_shared,
            "saved" => self.done_saved,
            "discarded" => self.done_discarded,
            "submitted" => self.done_submitted,
            "released" => self.done_released,
            "opened" => self.done_opened,
            "charge" => self.done_charge,
            "invited" => self.done_invited,
            "admitted" => self.done_admitted,
            "entitled" => self.done_entitled,
            "expelled" => self.done_expelled,
            "posted" => self.done_posted,
            "accepted" => self.done_accepted,
            "refused" => self.done_refused,
            "let-back" => self.done_let_back,
            "not-back" => self.done_not_back,
            "signed-out" => self.done_signed_out,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_empty_and_places_to_fill_agree() {
        for ((name, french), (_, english)) in FRENCH.all().into_iter().zip(ENGLISH.all()) {
            assert!(!french.is_empty() && !english.is_empty(), "{name}");
            assert_eq!(french.matches("{}").count(), english.matches("{}").count(), "{name}");
        }
    }

    #[test]
    fn sentences_are_translated() {
        // One word may be the same in both languages; a sentence never is.
        for ((name, french), (_, english)) in FRENCH.all().into_iter().zip(ENGLISH.all()) {
            assert!(french != english || !french.contains(' '), "{name}: {french:?}");
        }
    }
}
