//! Sealing of records: AES-256-GCM, a key per slot derived from the master key, the record's own
//! place as associated data.

use protocol::label::Level;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::BTreeMap;

/// Version byte of a sealed record.
const VERSION: u8 = 1;
const HEAD: usize = 2 + NONCE_LEN;

/// Which key seals a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot {
    /// The node's own records: accounts, spaces, cursors.
    System,
    /// MLS state.
    Mls,
    /// Content at this level.
    Level(Level),
}

impl Slot {
    /// One byte, stored with the record.
    fn tag(&self) -> u8 {
        match self {
            Slot::System => 0,
            Slot::Mls => 1,
            Slot::Level(level) => {
                let restricted = u8::from(level.classification > protocol::label::Classification::Np);
                0x10 | restricted | u8::from(!level.categories().is_empty()) << 1
            }
        }
    }

    fn all() -> Vec<Slot> {
        let top =
            Level::new(protocol::label::Classification::Dr, vec![protocol::label::Category::SpecialFrance]);
        let levels = top.below().into_iter().map(Slot::Level);
        [Slot::System, Slot::Mls].into_iter().chain(levels).collect()
    }

    fn info(&self) -> String {
        match self {
            Slot::System => "valise/store/1/system".to_owned(),
            Slot::Mls => "valise/store/1/mls".to_owned(),
            Slot::Level(level) => format!("valise/store/1/level/{level}"),
        }
    }
}

/// A sealed record did not open, or none could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Shorter than any sealed record.
    #[error("{got} bytes, at least {expected} expected")]
    Short {
        /// Smallest possible length.
        expected: usize,
        /// The length found.
        got: usize,
    },
    /// Written by another version.
    #[error("sealed with version {got}, expected {expected}")]
    Version {
        /// This build's.
        expected: u8,
        /// The record's.
        got: u8,
    },
    /// A slot that this build does not know.
    #[error("unknown key slot {0}")]
    Slot(u8),
    /// The authentication tag is wrong.
    #[error("authentication failed")]
    Authentication,
    /// The system gave no random bytes.
    #[error("no randomness")]
    Randomness,
}

/// The keys of a store.
pub struct Vault {
    keys: BTreeMap<u8, LessSafeKey>,
    random: SystemRandom,
}

impl Vault {
    /// Derives all slot keys from the master key (HKDF-SHA256, RFC 5869).
    pub fn new(master: &[u8; 32]) -> Result<Self, SealError> {
        let pseudo_random = Salt::new(HKDF_SHA256, b"valise/store").extract(master);
        let mut keys = BTreeMap::new();
        for slot in Slot::all() {
            let info = slot.info();
            let info = [info.as_bytes()];
            let okm = pseudo_random.expand(&info, &AES_256_GCM).map_err(|_| SealError::Randomness)?;
            keys.insert(slot.tag(), LessSafeKey::new(UnboundKey::from(okm)));
        }
        Ok(Self { keys, random: SystemRandom::new() })
    }

    /// Seals `plain` for the record that stands under `place`.
    pub(crate) fn seal(&self, slot: &Slot, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let tag = slot.tag();
        let key = self.keys.get(&tag).ok_or(SealError::Slot(tag))?;
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| SealError::Randomness)?;
        let mut out = Vec::with_capacity(HEAD + plain.len() + AES_256_GCM.tag_len());
        out.extend([VERSION, tag]);
        out.extend(nonce);
        out.extend(plain);
        let aad = associated(tag, place);
        let sealed = key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&aad),
                &mut out[HEAD..],
            )
            .map_err(|_| SealError::Authentication)?;
        out.extend(sealed.as_ref());
        Ok(out)
    }

    /// Opens the record that stands under `place`.
    pub(crate) fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let expected = HEAD + AES_256_GCM.tag_len();
        if sealed.len() < expected {
            return Err(SealError::Short { expected, got: sealed.len() });
        }
        if sealed[0] != VERSION {
            return Err(SealError::Version { expected: VERSION, got: sealed[0] });
        }
        let key = self.keys.get(&sealed[1]).ok_or(SealError::Slot(sealed[1]))?;
        let nonce =
            Nonce::try_assume_unique_for_key(&sealed[2..HEAD]).map_err(|_| SealError::Authentication)?;
        let aad = associated(sealed[1], place);
        let mut plain = sealed[HEAD..].to_vec();
        let length = key
            .open_in_place(nonce, Aad::from(&aad), &mut plain)
            .map_err(|_| SealError::Authentication)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }
}

fn associated(tag: u8, place: &[u8]) -> Vec<u8> {
    [&[VERSION, tag], place].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_opens_only_in_its_own_place_and_unchanged() {
        let vault = Vault::new(&[7; 32]).expect("keys");
        let sealed = vault.seal(&Slot::Level(Level::DR), b"here", b"text").expect("sealed");
        assert_eq!(vault.open(b"here", &sealed).as_deref(), Ok(b"text".as_slice()));
        assert_eq!(vault.open(b"there", &sealed), Err(SealError::Authentication));
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(vault.open(b"here", &bent).is_err(), "byte {at}");
        }
        let other = Vault::new(&[8; 32]).expect("keys");
        assert_eq!(other.open(b"here", &sealed), Err(SealError::Authentication));
    }

    #[test]
    fn every_slot_has_its_own_key() {
        let tags: std::collections::BTreeSet<_> = Slot::all().iter().map(Slot::tag).collect();
        assert_eq!(tags.len(), Slot::all().len());
    }
}
