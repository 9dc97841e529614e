//! The dry run: what a commit would change, without changing anything.

use crate::MlsError;
use crate::compartment::Transition;
use crate::group::{Groups, group_id};
use crate::inspect::{Committer, policy_of, process_error, read_protocol, transition};
use crate::provider::Provider;
use openmls::prelude::{MlsGroup, OpenMlsProvider, ProcessedMessageContent};
use protocol::ids::CompartmentId;
use protocol::limits::COMMIT_BYTES_MAX;
use store::Tx;

impl Groups {
    /// What a commit would change. The group is loaded apart and every write goes to a copy that is
    /// thrown away: a commit is a PublicMessage, so that it can be processed again when it is decided.
    pub fn review(&self, tx: &Tx<'_>, id: CompartmentId, commit: &[u8]) -> Result<Transition, MlsError> {
        let message = read_protocol(commit, COMMIT_BYTES_MAX, "commit")?;
        let scratch = self.kept.clone();
        let provider = Provider::new(&self.crypto, &scratch, tx);
        let mut group = MlsGroup::load(provider.storage(), &group_id(id))
            .map_err(|e| MlsError::library("load")(e.to_string()))?
            .filter(MlsGroup::is_active)
            .ok_or(MlsError::NotMember(id))?;
        let before = policy_of(group.public_group().group_context())?;
        let processed = group.process_message(&provider, message).map_err(|e| process_error(&group, e))?;
        let committer = Committer::of(&processed)?;
        match processed.into_content() {
            ProcessedMessageContent::StagedCommitMessage(staged) => {
                transition(&group, &staged, before, committer)
            }
            ProcessedMessageContent::OwnPendingCommit => {
                let pending = group.pending_commit();
                let pending = pending.ok_or(MlsError::Malformed { expected: "commit" })?;
                transition(&group, pending, before, committer)
            }
            _ => Err(MlsError::Malformed { expected: "commit" }),
        }
    }

    /// Drops the pending commit, if there is one: another was decided.
    pub fn drop_pending(&mut self, tx: &Tx<'_>, id: CompartmentId) -> Result<(), MlsError> {
        self.with(tx, id, |group, provider, _| {
            let failed = |e: String| MlsError::library("drop pending commit")(e);
            if group.pending_commit().is_some() {
                group.clear_pending_commit(provider.storage()).map_err(|e| failed(e.to_string()))?;
            }
            Ok(())
        })
    }
}
