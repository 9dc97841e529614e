//! Where MLS state stands in the store: one table, the entity's label and its own key as the key.

use minicbor::bytes::ByteVec;
use store::Table;

/// All MLS state.
pub(crate) const MLS: Table<Vec<u8>, ByteVec> = Table::new(crate::TABLE_TAG, "mls");

/// The kind of entity; the first byte of its key. Part of the file format.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub(crate) enum Label {
    JoinConfig = 1,
    OwnLeafNodes = 2,
    Proposals = 3,
    Tree = 4,
    InterimTranscriptHash = 5,
    Context = 6,
    ConfirmationTag = 7,
    GroupState = 8,
    MessageSecrets = 9,
    ResumptionPsks = 10,
    OwnLeafIndex = 11,
    EpochSecrets = 12,
    SignatureKeyPair = 13,
    EncryptionKeyPair = 14,
    EpochKeyPairs = 15,
    KeyPackage = 16,
    Psk = 17,
}
