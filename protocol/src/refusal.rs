//! WIR-029: the stable codes of refusals. A code never changes its meaning; texts beside it may.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// Why something was refused, as a stable code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)+ }

        impl Code {
            /// All codes, in order of definition.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code as it stands in problems, logs and metrics.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)+ }
            }

            /// Reads a code from its text.
            pub fn parse(text: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

codes! {
    /// A peer that is not on the federation list.
    UnknownPeer = "FED_UNKNOWN_PEER",
    /// A frame over its limit.
    FrameTooLarge = "FED_FRAME_TOO_LARGE",
    /// Bytes that are not the deterministic encoding of what they claim to be.
    Malformed = "FED_MALFORMED",
    /// A message names a critical (even) key that this node does not know.
    CriticalKey = "FED_CRITICAL_KEY",
    /// The federation list is not signed by enough of the authority's keys.
    ListSignature = "FED_LIST_SIGNATURE",
    /// The federation list is older than, or does not follow, the one held.
    ListRollback = "FED_LIST_ROLLBACK",
    /// Two federation lists of one version differ.
    ListSplit = "FED_LIST_SPLIT",
    /// The federation list has expired or is not valid yet.
    ListExpired = "FED_LIST_EXPIRED",
    /// A request before the hello that a connection begins with.
    HelloMissing = "FED_HELLO_MISSING",
    /// The authority has withdrawn the node's accreditation for good.
    NodeRevoked = "FED_NODE_REVOKED",
    /// The authority has suspended the node.
    NodeSuspended = "FED_NODE_SUSPENDED",
    /// The node's accreditation, or its sponsor's, is over or has not begun.
    AccreditationLapsed = "FED_ACCREDITATION_LAPSED",
    /// What the node asks for is not for nodes of its kind, or outside a guest's scope.
    OutsideScope = "FED_OUTSIDE_SCOPE",
    /// The identity shown is not the one listed.
    IdentityMismatch = "FED_IDENTITY_MISMATCH",
    /// A protocol version that this node does not speak.
    Version = "FED_VERSION",
    /// A message for a group that this node is not in.
    NotMember = "FED_NOT_MEMBER",
    /// A message whose label is above the compartment, or a node above its ceiling.
    LabelExceedsClearance = "FED_LABEL_EXCEEDS_CLEARANCE",
    /// A message already held; harmless.
    Duplicate = "FED_DUPLICATE",
    /// The same identity with another content.
    IdConflict = "FED_ID_CONFLICT",
    /// Too many requests or messages under way.
    Busy = "FED_BUSY",
    /// A commit for an epoch already decided.
    EpochStale = "MLS_EPOCH_STALE",
    /// A commit or message of an epoch not reached yet.
    EpochAhead = "MLS_EPOCH_AHEAD",
    /// A Welcome that nobody here asked for.
    WelcomeUnsolicited = "MLS_WELCOME_UNSOLICITED",
    /// Two certified commits of one epoch.
    Fork = "MLS_FORK",
    /// This node's store is older than what peers hold of its messages: it was restored.
    RolledBack = "NODE_ROLLED_BACK",
    /// This node was restored and is not back in the compartment yet.
    Recovering = "NODE_RECOVERING",
    /// An external commit without the approval of another ministry.
    NotApproved = "MLS_RESYNC_NOT_APPROVED",
    /// A commit without a valid certificate.
    NotCertified = "MLS_NOT_CERTIFIED",
    /// A commit that would break the compartment's policy.
    CommitPolicy = "MLS_COMMIT_POLICY",
    /// A message that the ratchet cannot open.
    Undecryptable = "MLS_UNDECRYPTABLE",
    /// A message of a node that was removed, which came after the removal was known.
    RemovedSender = "MLS_REMOVED_SENDER",
    /// Authenticated data that does not say what the envelope says.
    AadMismatch = "MLS_AAD_MISMATCH",
    /// The item's signature does not verify under its origin's listed key.
    ItemSignature = "SIG_ITEM_INVALID",
    /// A label of an unknown policy, classification or category.
    LabelUnknown = "LBL_UNKNOWN",
    /// The label is above what the agent, terminal or node may hold.
    AboveClearance = "LBL_ABOVE_CLEARANCE",
    /// The label is above what an addressee may receive.
    AboveAddressee = "LBL_ABOVE_ADDRESSEE",
    /// The label is above the community's ceiling.
    AboveCommunity = "LBL_ABOVE_COMMUNITY",
    /// It does not exist, or the asker may not know that it does.
    NotFound = "NOT_FOUND",
    /// No session, or one that has ended.
    Unauthenticated = "AUTH_REQUIRED",
    /// The name or the password is wrong.
    BadCredentials = "AUTH_BAD_CREDENTIALS",
    /// Too many attempts.
    TooManyAttempts = "AUTH_TOO_MANY_ATTEMPTS",
    /// A request from another origin.
    CrossOrigin = "AUTH_CROSS_ORIGIN",
    /// The act needs a role that the agent does not have.
    RoleMissing = "ROLE_MISSING",
    /// A signing act without a fresh proof.
    ProofMissing = "SIG_PROOF_MISSING",
    /// The grant does not cover the item, or has lapsed.
    GrantInvalid = "SIG_GRANT_INVALID",
    /// The step is not legal in the item's state.
    IllegalStep = "COR_ILLEGAL_STEP",
    /// A required field is missing or empty.
    FieldMissing = "FIELD_MISSING",
    /// A field has a value that cannot be accepted.
    FieldInvalid = "FIELD_INVALID",
    /// A field is over its limit.
    FieldTooLong = "FIELD_TOO_LONG",
    /// An addressee that the directory does not know.
    AddresseeUnknown = "COR_ADDRESSEE_UNKNOWN",
    /// A community without a project.
    ProjectMissing = "COM_PROJECT_MISSING",
    /// A community without a manager whom his number two has entitled.
    ManagerNotEntitled = "COM_MANAGER_NOT_ENTITLED",
    /// Only the community's manager may do this.
    NotManager = "COM_NOT_MANAGER",
    /// The community waits for its manager's acceptance.
    NotOpen = "COM_NOT_OPEN",
    /// A compartment still holds a node that is no longer accredited.
    RevokedMember = "COM_REVOKED_MEMBER",
    /// This node does not decide on the community's membership.
    NotVoter = "COM_NOT_VOTER",
    /// The organisation's own policy refused the invitation.
    InvitationRefused = "COM_INVITATION_REFUSED",
    /// The same request was already decided.
    AlreadyDecided = "ALREADY_DECIDED",
    /// The name is taken.
    Taken = "NAME_TAKEN",
    /// An attachment over the limit of its size.
    AttachmentTooLarge = "ATT_TOO_LARGE",
    /// More attachments than one item may have.
    AttachmentsTooMany = "ATT_TOO_MANY",
    /// An attachment that did not arrive whole from whoever attached it.
    AttachmentIncomplete = "ATT_INCOMPLETE",
    /// An attachment that is still on its way from another node.
    AttachmentArriving = "ATT_ARRIVING",
    /// An attachment whose bytes are not those that were signed.
    AttachmentDamaged = "ATT_DAMAGED",
    /// A chunk of an attachment that its tree does not hold.
    ChunkInvalid = "FED_CHUNK_INVALID",
    /// The disk has no room; nothing was accepted.
    StoreFull = "STORE_FULL",
    /// The node cannot store at this moment; nothing was accepted.
    StoreUnavailable = "STORE_UNAVAILABLE",
    /// Something failed here that is not the asker's fault.
    Internal = "INTERNAL",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
