//! Refusals in French.

use protocol::refusal::Code;

/// What happened, and what to do.
#[expect(clippy::too_many_lines, reason = "a table: one line per code")]
pub(super) fn sentences(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::NotFound => (
            "Il n’y a rien ici que vous puissiez voir.",
            "Vérifiez l’adresse, ou demandez à la personne qui vous l’a donnée.",
        ),
        Code::Unauthenticated => ("Votre session est terminée.", "Ouvrez une nouvelle session."),
        Code::BadCredentials => {
            ("L’identifiant ou le mot de passe est inexact.", "Saisissez-les de nouveau.")
        }
        Code::TooManyAttempts => ("Trop de tentatives.", "Attendez quelques minutes avant de réessayer."),
        Code::CrossOrigin => {
            ("La demande venait d’un autre site.", "Recommencez depuis une page de ce nœud.")
        }
        Code::RoleMissing => {
            ("Votre rôle ne permet pas cet acte.", "Adressez-vous au numéro 2 de votre groupe.")
        }
        Code::LabelUnknown => {
            ("La mention n’est pas connue de ce nœud.", "Choisissez une mention de la liste.")
        }
        Code::AboveClearance => (
            "La mention dépasse l’habilitation de votre session.",
            "Choisissez une mention plus basse, ou passez sur un terminal habilité.",
        ),
        Code::AboveAddressee => (
            "La mention dépasse ce que ce destinataire peut recevoir.",
            "Retirez-le, ou écrivez-lui séparément sous une mention qu’il peut recevoir.",
        ),
        Code::AboveCommunity => (
            "La mention dépasse le plafond de la communauté.",
            "Choisissez une communauté de plafond suffisant.",
        ),
        Code::ProofMissing => ("La signature demande votre mot de passe.", "Saisissez-le de nouveau."),
        Code::GrantInvalid => ("L’autorisation de signer ne vaut plus.", "Saisissez votre mot de passe."),
        Code::IllegalStep => (
            "Cette étape n’est pas possible dans l’état actuel.",
            "Rechargez la page : quelqu’un a peut-être agi avant vous.",
        ),
        Code::FieldMissing => ("Il manque des renseignements.", "Complétez les champs signalés."),
        Code::FieldInvalid => ("Une valeur ne peut être acceptée.", "Corrigez les champs signalés."),
        Code::FieldTooLong => ("Une valeur est trop longue.", "Raccourcissez les champs signalés."),
        Code::AddresseeUnknown => (
            "Cette adresse ne figure pas à l’annuaire.",
            "Cherchez-la par le nom du service, puis choisissez-la dans la liste.",
        ),
        Code::ProjectMissing => ("Une communauté sert un projet.", "Décrivez le projet qu’elle sert."),
        Code::ManagerNotEntitled => (
            "Cet agent n’est pas habilité à animer une communauté.",
            "Demandez à son numéro 2 de l’habiliter, ou choisissez un autre responsable.",
        ),
        Code::NotManager => ("Seul le responsable de la communauté peut le faire.", "Adressez-vous à lui."),
        Code::NotOpen => (
            "La communauté attend l’accord de son responsable.",
            "Réessayez quand il aura accepté la charge.",
        ),
        Code::RevokedMember => (
            "Un membre de la communauté n’est plus accrédité : rien n’y est scellé à ce niveau.",
            "Réessayez quand son retrait sera décidé, ou convenez d’une autre voie.",
        ),
        Code::NotVoter => (
            "Ce nœud ne décide pas de l’adhésion à cette communauté.",
            "Adressez-vous à l’organisation dont l’adhésion dépend.",
        ),
        Code::InvitationRefused => {
            ("L’organisation a refusé l’invitation.", "Convenez-en avec elle, puis réinvitez.")
        }
        Code::AlreadyDecided => ("La décision a déjà été prise.", "Rechargez la page pour la voir."),
        Code::Taken => ("Ce nom est déjà pris.", "Choisissez-en un autre."),
        Code::AttachmentTooLarge => {
            ("Le fichier dépasse 2 Gio.", "Découpez-le, ou envoyez-le par une autre voie.")
        }
        Code::AttachmentsTooMany => {
            ("Vingt pièces jointes au plus.", "Réunissez-en plusieurs dans une archive.")
        }
        Code::AttachmentIncomplete => (
            "Une pièce jointe n’est pas entièrement envoyée.",
            "Attendez qu’elle le soit, ou retirez-la, puis diffusez.",
        ),
        Code::AttachmentArriving => ("Le fichier est encore en route.", "Réessayez dans un instant."),
        Code::AttachmentDamaged => (
            "Le fichier n’est pas celui qui a été signé, ou il est endommagé ici. Il n’est pas montré.",
            "Demandez-le à nouveau à l’expéditeur, et prévenez l’exploitant du nœud.",
        ),
        Code::StoreFull => {
            ("Le disque du nœud est plein. Rien n’a été accepté.", "Prévenez l’exploitant du nœud.")
        }
        Code::StoreUnavailable => (
            "Le nœud ne peut rien enregistrer pour l’instant. Rien n’a été accepté.",
            "Réessayez dans un instant ; si cela dure, prévenez l’exploitant du nœud.",
        ),
        Code::Internal => (
            "Une erreur s’est produite sur ce nœud. Elle n’est pas de votre fait.",
            "Réessayez ; si cela se répète, citez le code à l’exploitant du nœud.",
        ),
        _ => peer(code),
    }
}

/// What a field of a form expects, where its value cannot be taken.
pub(super) fn expected(field: &str) -> Option<&'static str> {
    Some(match field {
        "action" | "info" | "group" | "from" => {
            "Adresse attendue, comme cdc@mae : cherchez le service par son nom, puis choisissez-le."
        }
        "login" => "De 1 à 40 lettres minuscules sans accent, chiffres, points ou tirets.",
        "password" => "12 caractères au moins, 128 au plus.",
        "organisations" | "node" => "Cette organisation n’est pas accréditée.",
        "agent" | "manager" => "Aucun agent de ce nœud ne correspond.",
        "since" | "until" => "Date attendue, comme 2026-11-23.",
        "references" => "Identifiant d’une pièce attendu.",
        "terminal" => "Poste fixe, tablette ou téléphone.",
        _ => return None,
    })
}

/// What the nodes tell each other; an agent meets them only on the page of the federation.
fn peer(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Busy => ("Le nœud est occupé.", "Réessayez dans un instant."),
        Code::UnknownPeer | Code::IdentityMismatch | Code::NotMember => {
            ("L’organisation n’est pas reconnue ici.", "Prévenez l’exploitant du nœud.")
        }
        Code::ListExpired => (
            "La liste de la fédération est périmée.",
            "L’exploitant du nœud doit en obtenir une nouvelle de l’autorité.",
        ),
        Code::ListSignature | Code::ListRollback | Code::ListSplit => {
            ("La liste de la fédération ne peut être acceptée.", "Prévenez l’exploitant du nœud.")
        }
        Code::NodeRevoked => (
            "L’accréditation de l’organisation a été retirée.",
            "L’autorité de la fédération en a décidé ; adressez-vous à elle.",
        ),
        Code::NodeSuspended => (
            "L’organisation est suspendue.",
            "Rien ne lui parvient jusqu’à ce que l’autorité de la fédération en décide.",
        ),
        Code::AccreditationLapsed => (
            "L’accréditation n’est plus, ou pas encore, en vigueur.",
            "Demandez son renouvellement à l’autorité de la fédération.",
        ),
        Code::OutsideScope => (
            "L’organisation n’est pas accréditée pour cela.",
            "Demandez à l’autorité de la fédération d’élargir son accréditation.",
        ),
        Code::LabelExceedsClearance => {
            ("La mention dépasse l’habilitation de l’organisation.", "Choisissez une mention plus basse.")
        }
        Code::Fork => (
            "Deux décisions contraires ont été prises pour une même étape : la communauté est gelée.",
            "Prévenez l’exploitant du nœud ; les preuves sont conservées.",
        ),
        Code::Recovering => (
            "Ce nœud a été restauré et n’a pas encore retrouvé la communauté.",
            "L’exploitant d’un autre ministère doit l’y réadmettre ; réessayez ensuite.",
        ),
        Code::RolledBack => {
            ("Ce nœud a été relancé sur une copie ancienne de ses données.", "Prévenez l’exploitant du nœud.")
        }
        Code::ItemSignature => {
            ("La signature n’est pas valide.", "Ne vous y fiez pas ; prévenez l’exploitant.")
        }
        Code::Duplicate => ("Cet envoi est déjà là.", "Rien à faire."),
        _ => ("L’échange avec un autre nœud a échoué.", "Citez le code à l’exploitant du nœud."),
    }
}
