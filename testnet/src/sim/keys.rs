//! Group keys as a node uses them: real ones (openmls in the node's own store), or symbols of the same
//! size for federations too large for that.

mod real;
mod symbolic;
mod table;

pub(super) use real::Real;
pub(super) use symbolic::{Group, Symbolic};
pub(super) use table::{Cost, cost};

use mls::{Change, GroupInfo, Header, Joined, MlsError, Opened, Prepared, State, Transition};
use protocol::ids::CompartmentId;
use protocol::space::CompartmentPolicy;

type Check<'a, T> = &'a dyn Fn(&T) -> Result<(), String>;

/// What a node does with groups, in one transaction. The acts of `mls::Groups`, see there.
pub(super) trait Keys {
    fn key_package(&mut self) -> Result<Vec<u8>, MlsError>;
    fn found(&mut self, id: CompartmentId, policy: &CompartmentPolicy) -> Result<State, MlsError>;
    fn prepare(&mut self, id: CompartmentId, change: &Change) -> Result<Prepared, MlsError>;
    fn review(&self, id: CompartmentId, commit: &[u8]) -> Result<Transition, MlsError>;
    fn merge_own(&mut self, id: CompartmentId) -> Result<State, MlsError>;
    fn drop_pending(&mut self, id: CompartmentId) -> Result<(), MlsError>;
    fn apply(
        &mut self,
        id: CompartmentId,
        commit: &[u8],
        check: Check<'_, Transition>,
    ) -> Result<Option<State>, MlsError>;
    fn join(&mut self, welcome: &[u8], check: Check<'_, Joined>) -> Result<Joined, MlsError>;
    fn seal(
        &mut self,
        id: CompartmentId,
        authenticated: Vec<u8>,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, MlsError>;
    fn open(&mut self, id: CompartmentId, ciphertext: &[u8]) -> Result<Opened, MlsError>;
    /// What a message says in clear.
    fn header(&self, ciphertext: &[u8]) -> Result<Header, MlsError>;
    fn group_info(&mut self, id: CompartmentId) -> Result<Vec<u8>, MlsError>;
    fn resync(
        &mut self,
        id: CompartmentId,
        group_info: &[u8],
        authenticated: Vec<u8>,
        check: Check<'_, GroupInfo>,
    ) -> Result<(Prepared, State), MlsError>;
    fn state(&mut self, id: CompartmentId) -> Result<State, MlsError>;
    fn forget(&mut self, id: CompartmentId) -> Result<(), MlsError>;
}
