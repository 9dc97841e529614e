//! In whose name and for whom an import is filed, settled before the first record is read.

use super::ImportRequest;
use super::mapping::Mapping;
use super::record::{Record, RecordError};
use crate::desks::{Desks, Problem};
use protocol::correspondence::{
    Address, Correspondence, Party, Person, Precedences, canonical_text, check_item,
};
use protocol::ids::{AgentId, GroupId, ItemId, NodeId};
use protocol::label::Level;
use protocol::limits::ADDRESSEES_MAX;
use protocol::message::{ITEM_SIGNATURE, SignedItem};
use protocol::refusal::Code;
use protocol::signature::Digest;
use store::Snapshot;

/// Stands as the author: nobody of this node wrote it.
const AUTHOR_NAME: &str = "import";

/// A party with the highest level that it may hold.
struct Cleared {
    party: Party,
    ceiling: Level,
}

/// Everything about an import but its records.
pub(super) struct Plan {
    pub(super) mapping: Mapping,
    me: NodeId,
    /// What this node may hold.
    node_ceiling: Level,
    from: Cleared,
    to: Vec<Cleared>,
}

/// A record addressed and signed, ready to be filed.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) signed: SignedItem,
    pub(super) level: Level,
    /// The record's id in its source.
    pub(super) source: String,
    /// Groups of this node among sender and addressees, the sender first.
    pub(super) groups: Vec<GroupId>,
}

impl Desks {
    /// Looks up sender and addressees. What the directory of this node does not know is refused here,
    /// before anything is written.
    pub(super) fn import_plan(&self, request: &ImportRequest, mapping: Mapping) -> Result<Plan, Problem> {
        let got = request.to.len();
        if got == 0 {
            return Err(Problem::field("to", Code::FieldMissing, "at least one addressee is needed"));
        }
        if got > ADDRESSEES_MAX {
            let text = format!("{got} addressees, at most {ADDRESSEES_MAX}");
            return Err(Problem::field("to", Code::FieldTooLong, text));
        }
        let snapshot = self.snapshot()?;
        let from = self.party(&snapshot, "from", &request.from)?;
        if from.party.node != self.own_node() {
            let text = format!("{} is not a group of this node", request.from);
            return Err(Problem::field("from", Code::FieldInvalid, text));
        }
        let mut to: Vec<Cleared> = Vec::new();
        for address in &request.to {
            let addressee = self.party(&snapshot, "to", address)?;
            if to.iter().all(|known| known.party.group != addressee.party.group) {
                to.push(addressee);
            }
        }
        Ok(Plan { mapping, me: self.own_node(), node_ceiling: self.ceiling(), from, to })
    }

    fn party(&self, snapshot: &Snapshot, field: &str, address: &Address) -> Result<Cleared, Problem> {
        let resolved = self.resolve(snapshot, address)?.ok_or_else(|| {
            let text = format!("{address} is not in the directory of this node");
            Problem::field(field, Code::AddresseeUnknown, text)
        })?;
        Ok(Cleared { party: resolved.party, ceiling: resolved.ceiling })
    }

    /// Addresses a record and signs it in the name of this node.
    pub(super) fn prepare_import(&self, plan: &Plan, record: Record) -> Result<Ready, RecordError> {
        plan.check(&record.level)?;
        let level = record.level.clone();
        let source = record.mark.source.clone();
        let item = plan.address(record);
        check_item(&item).map_err(RecordError::Item)?;
        let signature = self.inner.identity.sign(ITEM_SIGNATURE, canonical_text(&item).as_bytes());
        let signed = SignedItem { item, origin: plan.me, signature };
        Ok(Ready { signed, level, source, groups: plan.local_groups() })
    }
}

impl Plan {
    /// Whether the node, the sender and every addressee may hold the level.
    fn check(&self, level: &Level) -> Result<(), RecordError> {
        let parties = std::iter::once(&self.from).chain(&self.to);
        let parties = parties.map(|cleared| (cleared.party.address.as_str(), &cleared.ceiling));
        for (party, held) in std::iter::once(("this node", &self.node_ceiling)).chain(parties) {
            if !held.dominates(level) {
                let (level, held) = (level.clone(), held.clone());
                return Err(RecordError::AboveParty { level, party: party.to_owned(), held });
            }
        }
        Ok(())
    }

    fn address(&self, record: Record) -> Correspondence {
        Correspondence {
            id: item_id(self.me, &record.mark.source),
            kind: record.kind,
            serial: 0,
            from: self.from.party.clone(),
            action: self.to.iter().map(|addressee| addressee.party.clone()).collect(),
            info: Vec::new(),
            precedence: Precedences { action: record.precedence, info: record.precedence },
            label: record.level.label(),
            subject: record.subject,
            tags: Vec::new(),
            body: record.body,
            references: Vec::new(),
            author: Person { agent: AgentId::from_bytes([0; AgentId::LEN]), name: AUTHOR_NAME.to_owned() },
            releaser: None,
            released_at: record.at,
            import: Some(record.mark),
            attachments: Vec::new(),
        }
    }

    fn local_groups(&self) -> Vec<GroupId> {
        let local = self.to.iter().filter(|addressee| addressee.party.node == self.me);
        let others = local.map(|addressee| addressee.party.group).filter(|id| *id != self.from.party.group);
        std::iter::once(self.from.party.group).chain(others).collect()
    }
}

/// The same whenever this node imports this record.
pub(super) fn item_id(node: NodeId, source: &str) -> ItemId {
    Digest::of("import", &[node.as_bytes(), source.as_bytes()]).short()
}
