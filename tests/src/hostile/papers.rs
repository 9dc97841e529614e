//! Items that it signs in its own name, right unless a test changes them.

use super::Hostile;
use anyhow::Result;
use protocol::correspondence::{
    Correspondence, ItemKind, Party, Person, Precedence, Precedences, canonical_text,
};
use protocol::ids::{AgentId, GroupId, ItemId};
use protocol::label::Level;
use protocol::message::{ITEM_SIGNATURE, Payload, SignedItem};
use protocol::time::Timestamp;

impl Hostile {
    /// The group of the target with this handle.
    pub fn group(&self, handle: &str) -> Result<GroupId> {
        self.await_payload("the directory of the target", |payload| match payload {
            Payload::Directory { groups, .. } => groups.iter().find(|g| g.handle == handle).map(|g| g.group),
            _ => None,
        })
    }

    /// An item to a group of the target.
    pub fn item(&self, id: u8, to: GroupId, body: &str) -> Correspondence {
        let party = |group, node, address: &str| Party {
            group,
            node,
            address: address.to_owned(),
            name: "Groupe".to_owned(),
        };
        let person = || Person { agent: AgentId::from_bytes([4; 16]), name: "D. Petit".to_owned() };
        Correspondence {
            id: ItemId::from_bytes([id; 16]),
            kind: ItemKind::Telegram,
            serial: u32::from(id),
            from: party(GroupId::from_bytes([3; 16]), self.node(), "urgences@ong"),
            action: vec![party(to, self.target, "cdc@mae")],
            info: vec![],
            precedence: Precedences { action: Precedence::Routine, info: Precedence::Routine },
            label: Level::NP.label(),
            subject: "Objet".to_owned(),
            tags: vec![],
            body: body.to_owned(),
            references: vec![],
            author: person(),
            releaser: Some(person()),
            released_at: Timestamp(1_795_444_205_000),
            import: None,
            attachments: vec![],
        }
    }

    /// The item as its origin signs it, in a payload.
    pub fn signed(&self, item: Correspondence) -> Payload {
        let signature = self.key().sign(ITEM_SIGNATURE, canonical_text(&item).as_bytes());
        let item = Box::new(SignedItem { item, origin: self.node(), signature });
        Payload::Correspondence { item, number: 1 }
    }

    /// Seals a payload as an honest node would and pushes it; the refusal's code, or none.
    pub fn send(&self, payload: Payload) -> Result<Option<String>> {
        let sealing = self.member().next(Precedence::Routine.number(), payload)?;
        self.push(&self.member().seal(&sealing)?)
    }
}
