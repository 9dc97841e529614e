//! openmls, through the node's own tool.

use super::{Check, Keys};
use mls::{Change, GroupInfo, Groups, Header, Joined, MlsError, Opened, Prepared, State, Transition};
use protocol::ids::CompartmentId;
use protocol::space::CompartmentPolicy;
use store::Tx;

/// Groups in a transaction of their node's store.
pub(in crate::sim) struct Real<'a, 't> {
    pub(in crate::sim) tx: &'a Tx<'t>,
    pub(in crate::sim) groups: &'a mut Groups,
}

impl Keys for Real<'_, '_> {
    fn key_package(&mut self) -> Result<Vec<u8>, MlsError> {
        self.groups.key_package(self.tx)
    }

    fn found(&mut self, id: CompartmentId, policy: &CompartmentPolicy) -> Result<State, MlsError> {
        self.groups.found(self.tx, id, policy)
    }

    fn prepare(&mut self, id: CompartmentId, change: &Change) -> Result<Prepared, MlsError> {
        self.groups.prepare(self.tx, id, change)
    }

    fn review(&self, id: CompartmentId, commit: &[u8]) -> Result<Transition, MlsError> {
        self.groups.review(self.tx, id, commit)
    }

    fn merge_own(&mut self, id: CompartmentId) -> Result<State, MlsError> {
        self.groups.merge_own(self.tx, id)
    }

    fn drop_pending(&mut self, id: CompartmentId) -> Result<(), MlsError> {
        self.groups.drop_pending(self.tx, id)
    }

    fn apply(
        &mut self,
        id: CompartmentId,
        commit: &[u8],
        check: Check<'_, Transition>,
    ) -> Result<Option<State>, MlsError> {
        self.groups.apply(self.tx, id, commit, check)
    }

    fn join(&mut self, welcome: &[u8], check: Check<'_, Joined>) -> Result<Joined, MlsError> {
        self.groups.join(self.tx, welcome, check)
    }

    fn seal(
        &mut self,
        id: CompartmentId,
        authenticated: Vec<u8>,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, MlsError> {
        self.groups.seal(self.tx, id, authenticated, plaintext)
    }

    fn open(&mut self, id: CompartmentId, ciphertext: &[u8]) -> Result<Opened, MlsError> {
        self.groups.open(self.tx, id, ciphertext)
    }

    fn header(&self, ciphertext: &[u8]) -> Result<Header, MlsError> {
        mls::header(ciphertext)
    }

    fn group_info(&mut self, id: CompartmentId) -> Result<Vec<u8>, MlsError> {
        self.groups.group_info(self.tx, id)
    }

    fn resync(
        &mut self,
        id: CompartmentId,
        group_info: &[u8],
        authenticated: Vec<u8>,
        check: Check<'_, GroupInfo>,
    ) -> Result<(Prepared, State), MlsError> {
        self.groups.resync(self.tx, id, group_info, authenticated, check)
    }

    fn state(&mut self, id: CompartmentId) -> Result<State, MlsError> {
        self.groups.state(self.tx, id)
    }

    fn forget(&mut self, id: CompartmentId) -> Result<(), MlsError> {
        self.groups.forget(self.tx, id)
    }
}
