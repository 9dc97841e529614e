//! Refusals in English.

use protocol::refusal::Code;

/// What happened, and what to do.
#[expect(clippy::too_many_lines, reason = "a table: one line per code")]
pub(super) fn sentences(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::NotFound => {
            ("There is nothing here that you may see.", "Check the address, or ask whoever gave it to you.")
        }
        Code::Unauthenticated => ("Your session has ended.", "Sign in again."),
        Code::BadCredentials => ("The sign-in name or the password is wrong.", "Enter both again."),
        Code::TooManyAttempts => ("Too many attempts.", "Wait a few minutes before you try again."),
        Code::CrossOrigin => ("The request came from another site.", "Start again from a page of this node."),
        Code::RoleMissing => ("Your role does not allow this.", "Ask the number two of your group."),
        Code::LabelUnknown => ("This node does not know the label.", "Choose a label from the list."),
        Code::AboveClearance => (
            "The label is above the clearance of your session.",
            "Choose a lower label, or use a terminal that is cleared for it.",
        ),
        Code::AboveAddressee => (
            "The label is above what this addressee may receive.",
            "Remove it, or write to it separately under a label that it may receive.",
        ),
        Code::AboveCommunity => (
            "The label is above the community’s ceiling.",
            "Choose a community whose ceiling is high enough.",
        ),
        Code::ProofMissing => ("Signing asks for your password.", "Enter it again."),
        Code::GrantInvalid => ("The permission to sign no longer holds.", "Enter your password."),
        Code::IllegalStep => (
            "This step is not possible in the present state.",
            "Reload the page: somebody may have acted before you.",
        ),
        Code::FieldMissing => ("Something is missing.", "Fill in the fields named below."),
        Code::FieldInvalid => ("A value cannot be accepted.", "Correct the fields named below."),
        Code::FieldTooLong => ("A value is too long.", "Shorten the fields named below."),
        Code::AddresseeUnknown => (
            "This address is not in the directory.",
            "Look for it by the name of the service, and choose it from the list.",
        ),
        Code::ProjectMissing => ("A community serves a project.", "Describe the project that it serves."),
        Code::ManagerNotEntitled => (
            "This agent is not entitled to manage a community.",
            "Ask his or her number two for it, or choose another manager.",
        ),
        Code::NotManager => ("Only the community’s manager may do this.", "Ask the manager."),
        Code::NotOpen => (
            "The community waits for its manager to accept.",
            "Try again when the manager has accepted the charge.",
        ),
        Code::RevokedMember => (
            "A member of the community is no longer accredited: nothing is sealed there at this level.",
            "Try again when its removal is decided, or agree on another way.",
        ),
        Code::NotVoter => (
            "This node does not decide on membership of this community.",
            "Ask the organisation on which membership depends.",
        ),
        Code::InvitationRefused => {
            ("The organisation refused the invitation.", "Agree with it, then invite again.")
        }
        Code::AlreadyDecided => ("This was already decided.", "Reload the page to see the decision."),
        Code::Taken => ("This name is taken.", "Choose another."),
        Code::AttachmentTooLarge => {
            ("The file is larger than 2 GiB.", "Split it, or send it by another way.")
        }
        Code::AttachmentsTooMany => ("Twenty files are the most for one item.", "Put some into an archive."),
        Code::AttachmentIncomplete => {
            ("A file has not been sent completely.", "Wait until it is, or remove it, then release.")
        }
        Code::AttachmentArriving => ("The file is still on its way.", "Try again in a moment."),
        Code::AttachmentDamaged => (
            "The file is not what was signed, or is damaged here. It is not shown.",
            "Ask the sender for it again, and tell the node’s operator.",
        ),
        Code::StoreFull => ("The node’s disk is full. Nothing was accepted.", "Tell the node’s operator."),
        Code::StoreUnavailable => (
            "The node cannot store anything at the moment. Nothing was accepted.",
            "Try again shortly; if it lasts, tell the node’s operator.",
        ),
        Code::Internal => (
            "Something failed on this node. It is not your fault.",
            "Try again; if it happens again, quote the code to the node’s operator.",
        ),
        _ => peer(code),
    }
}

/// What the nodes tell each other; an agent meets them only on the page of the federation.
fn peer(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Busy => ("The node is busy.", "Try again shortly."),
        Code::UnknownPeer | Code::IdentityMismatch | Code::NotMember => {
            ("The organisation is not recognised here.", "Tell the node’s operator.")
        }
        Code::ListExpired => (
            "The federation list has expired.",
            "The node’s operator has to obtain a new one from the authority.",
        ),
        Code::ListSignature | Code::ListRollback | Code::ListSplit => {
            ("The federation list cannot be accepted.", "Tell the node’s operator.")
        }
        Code::NodeRevoked => (
            "The organisation’s accreditation was withdrawn.",
            "The federation’s authority decided so; turn to it.",
        ),
        Code::NodeSuspended => {
            ("The organisation is suspended.", "Nothing reaches it until the federation’s authority decides.")
        }
        Code::AccreditationLapsed => (
            "The accreditation is not in force any more, or not yet.",
            "Ask the federation’s authority to renew it.",
        ),
        Code::OutsideScope => (
            "The organisation is not accredited for this.",
            "Ask the federation’s authority to widen its accreditation.",
        ),
        Code::LabelExceedsClearance => {
            ("The label is above the organisation’s clearance.", "Choose a lower label.")
        }
        Code::Fork => (
            "Two contrary decisions were taken for one step: the community is frozen.",
            "Tell the node’s operator; the evidence is kept.",
        ),
        Code::Recovering => (
            "This node was restored and is not back in the community yet.",
            "An operator of another ministry must let it back in; then try again.",
        ),
        Code::RolledBack => {
            ("This node was started from an old copy of its data.", "Tell the node’s operator.")
        }
        Code::ItemSignature => {
            ("The signature is not valid.", "Do not rely on it; tell the node’s operator.")
        }
        Code::Duplicate => ("This is already here.", "There is nothing to do."),
        _ => ("The exchange with another node failed.", "Quote the code to the node’s operator."),
    }
}
