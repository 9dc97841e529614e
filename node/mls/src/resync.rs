//! Coming back into a group without its keys: an external commit that replaces one's own leaf (RFC 9420
//! §12.4.3.2).

use crate::MlsError;
use crate::compartment::{Prepared, State};
use crate::group::{Groups, group_id};
use crate::inspect::{bytes, policy_of, read_message, state};
use crate::profile;
use crate::provider::Provider;
use openmls::prelude::{LeafNodeParameters, MlsGroup, MlsMessageBodyIn, OpenMlsProvider};
use protocol::ids::CompartmentId;
use protocol::limits::GROUP_INFO_BYTES_MAX;
use protocol::space::CompartmentPolicy;
use store::Tx;

/// What a GroupInfo says of its group, before anything is built on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfo {
    /// The epoch.
    pub epoch: u64,
    /// Its confirmed transcript hash.
    pub transcript: Vec<u8>,
    /// Its policy.
    pub policy: CompartmentPolicy,
}

impl Groups {
    /// The group as whoever comes back needs it: with its ratchet tree and its external key.
    pub fn group_info(&mut self, tx: &Tx<'_>, id: CompartmentId) -> Result<Vec<u8>, MlsError> {
        self.with(tx, id, |group, provider, identity| {
            let info = group
                .export_group_info(provider.crypto(), identity, true)
                .map_err(|e| MlsError::library("group info")(e.to_string()))?;
            bytes(&info, "group info")
        })
    }

    /// Builds the external commit by which this node comes back, with `authenticated` as its authenticated
    /// data. `check` sees what the GroupInfo says and may refuse. The group is kept as it will be *if*
    /// the commit is decided: the caller seals nothing before, and forgets it if another is.
    pub fn resync(
        &mut self,
        tx: &Tx<'_>,
        id: CompartmentId,
        group_info: &[u8],
        authenticated: Vec<u8>,
        check: impl FnOnce(&GroupInfo) -> Result<(), String>,
    ) -> Result<(Prepared, State), MlsError> {
        let message = read_message(group_info, GROUP_INFO_BYTES_MAX, "group info")?;
        let MlsMessageBodyIn::GroupInfo(info) = message.extract() else {
            return Err(MlsError::Malformed { expected: "group info" });
        };
        if info.group_id() != &group_id(id) {
            return Err(MlsError::Malformed { expected: "group info of the compartment" });
        }
        let context = info.group_context();
        let before = GroupInfo {
            epoch: context.epoch().as_u64(),
            transcript: context.confirmed_transcript_hash().to_vec(),
            policy: policy_of(context)?,
        };
        check(&before).map_err(MlsError::Refused)?;
        self.forget(tx, id)?;
        let peer = |reason| MlsError::Peer { step: "group info", reason };
        let failed = |reason| MlsError::Library { step: "external commit", reason };
        let provider = Provider::new(&self.crypto, &self.kept, tx);
        let leaf = LeafNodeParameters::builder().with_capabilities(profile::capabilities()).build();
        let (group, bundle) = MlsGroup::external_commit_builder()
            .with_config(profile::join_config())
            .with_aad(authenticated)
            .build_group(&provider, info, self.identity.credential())
            .map_err(|e| peer(e.to_string()))?
            .leaf_node_parameters(leaf)
            .load_psks(provider.storage())
            .map_err(|e| failed(e.to_string()))?
            .build(provider.rand(), provider.crypto(), &self.identity, |_| true)
            .map_err(|e| failed(e.to_string()))?
            .finalize(&provider)
            .map_err(|e| failed(e.to_string()))?;
        let after = state(&group)?;
        let commit = bytes(bundle.commit(), "external commit")?;
        self.loaded.insert(id, group);
        let GroupInfo { epoch, transcript: parent, .. } = before;
        Ok((Prepared { epoch, parent, commit, next: after.transcript.clone(), welcome: None }, after))
    }
}
