//! What openmls asks of its surroundings, for the length of one act.

use crate::storage::{Kept, TxStorage};
use openmls_rust_crypto::RustCrypto;
use openmls_traits::OpenMlsProvider;
use store::Tx;

pub(crate) struct Provider<'a, 't> {
    crypto: &'a RustCrypto,
    storage: TxStorage<'a, 't>,
}

impl<'a, 't> Provider<'a, 't> {
    pub(crate) fn new(crypto: &'a RustCrypto, kept: &'a Kept, tx: &'a Tx<'t>) -> Self {
        Self { crypto, storage: TxStorage::new(kept, tx) }
    }
}

impl<'a, 't> OpenMlsProvider for Provider<'a, 't> {
    type CryptoProvider = RustCrypto;
    type RandProvider = RustCrypto;
    type StorageProvider = TxStorage<'a, 't>;

    fn storage(&self) -> &Self::StorageProvider {
        &self.storage
    }

    fn crypto(&self) -> &Self::CryptoProvider {
        self.crypto
    }

    fn rand(&self) -> &Self::RandProvider {
        self.crypto
    }
}
