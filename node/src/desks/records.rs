//! Everything the node keeps, table by table. Tags and shapes are the file format.

mod account;
mod blob;
mod community;
mod compartment;
mod federation;
mod item;
mod ledger;
mod life;

pub use account::Terminal;
pub(crate) use account::{Account, DirectoryRecord, GrantRecord, GroupRecord, Registration, SessionRecord};
pub(crate) use blob::{BlobRecord, BlobState, Upload, Wanted, Whole};
pub(crate) use community::{CommunityRecord, CommunityState, Invited, InvitedState};
pub(crate) use compartment::{
    CompartmentRecord, DecidedCommit, Evidence, Goal, Held, Intent, Proposed, Quarantined, Sealed, Sending,
    Waiting,
};
pub(crate) use federation::{Alarm, AlarmKind, LastHello};
pub(crate) use item::{Content, Delivery, DraftRecord, FeedRole, FeedRow, ItemRecord, SharedIn};
pub(crate) use ledger::{LedgerAct, LedgerEntry, LedgerHead};
pub(crate) use life::{Life, ReturnAsked, ReturnState};

use minicbor::bytes::ByteVec;
use protocol::ids::{AgentId, BlobId, CompartmentId, GroupId, ItemId, NodeId, SpaceId};
use protocol::label::Level;
use protocol::message::CertifiedWelcome;
use protocol::order::Durable;
use protocol::resync::Mark;
use protocol::time::Timestamp;
use store::Table;

/// The head of the ledger.
pub(crate) const LEDGER_HEAD: Table<(), LedgerHead> = Table::new(0x01, "ledger-head");
/// All that the node accepted and did, in order.
pub(crate) const LEDGER: Table<u64, LedgerEntry> = Table::new(0x02, "ledger");
/// Released items and posts, each under its level's key.
pub(crate) const ITEMS: Table<ItemId, ItemRecord> = Table::new(0x03, "items");
/// Where each addressee stands, on the sender's node and for this node's own groups.
pub(crate) const DELIVERIES: Table<(ItemId, GroupId), Delivery> = Table::new(0x04, "deliveries");
/// Drafts.
pub(crate) const DRAFTS: Table<ItemId, DraftRecord> = Table::new(0x05, "drafts");
/// The teleprinter, by (scope, level, ledger position).
pub(crate) const FEED: Table<(Scope, u8, u64), FeedRow> = Table::new(0x06, "feed");
/// What an agent has opened.
pub(crate) const READ: Table<(AgentId, ItemId), Timestamp> = Table::new(0x07, "read");
/// Imported records by their source, so that no second run imports them twice.
pub(crate) const IMPORTS: Table<String, ItemId> = Table::new(0x08, "imports");

/// Accounts.
pub(crate) const ACCOUNTS: Table<AgentId, Account> = Table::new(0x10, "accounts");
/// Accounts by sign-in name.
pub(crate) const LOGINS: Table<String, AgentId> = Table::new(0x11, "logins");
/// Sessions by the hash of their token.
pub(crate) const SESSIONS: Table<Vec<u8>, SessionRecord> = Table::new(0x12, "sessions");
/// Signing grants by the hash of their token.
pub(crate) const GRANTS: Table<Vec<u8>, GrantRecord> = Table::new(0x13, "grants");
/// Requests for an account.
pub(crate) const REGISTRATIONS: Table<ItemId, Registration> = Table::new(0x14, "registrations");

/// This node's functional groups.
pub(crate) const GROUPS: Table<GroupId, GroupRecord> = Table::new(0x20, "groups");
/// Groups by handle.
pub(crate) const HANDLES: Table<String, GroupId> = Table::new(0x21, "handles");
/// What other nodes published of their groups.
pub(crate) const DIRECTORY: Table<NodeId, DirectoryRecord> = Table::new(0x22, "directory");
/// The directory version that a peer was sent.
pub(crate) const PUBLISHED: Table<NodeId, u64> = Table::new(0x25, "published");
/// Last serial per sending group and year.
pub(crate) const SERIALS: Table<(GroupId, u16), u32> = Table::new(0x23, "serials");
/// Last number per (sending group, receiving node, level).
pub(crate) const NUMBERS: Table<(GroupId, NodeId, u8), u64> = Table::new(0x24, "numbers");

/// Compartments that this node is in, or was.
pub(crate) const COMPARTMENTS: Table<CompartmentId, CompartmentRecord> = Table::new(0x30, "compartments");
/// The current compartment of a space at a level.
pub(crate) const ROOMS: Table<(SpaceId, u8), CompartmentId> = Table::new(0x31, "rooms");
/// What this node has sealed into a compartment.
pub(crate) const SENDING: Table<CompartmentId, Sending> = Table::new(0x32, "sending");
/// Sealed messages: own ones until acknowledged (channels), all of a community's.
pub(crate) const MESSAGES: Table<(CompartmentId, NodeId, u64), Sealed> = Table::new(0x33, "messages");
/// What was received of each sender.
pub(crate) const HELD: Table<(CompartmentId, NodeId), Held> = Table::new(0x34, "held");
/// Payloads that wait to be sealed, by (channel, level, urgency, order): most urgent first.
pub(crate) const WAITING: Table<(SpaceId, u8, (u8, u64)), Waiting> = Table::new(0x35, "waiting");
/// How many payloads ever waited: the order of the next.
pub(crate) const WAITED: Table<(), u64> = Table::new(0x39, "waited");
/// Decided commits by the epoch they leave.
pub(crate) const COMMITS: Table<(CompartmentId, u64), DecidedCommit> = Table::new(0x36, "commits");
/// Welcomes of channels that the peer has not confirmed.
pub(crate) const WELCOMES: Table<CompartmentId, CertifiedWelcome> = Table::new(0x37, "welcomes");
/// Messages that opened and were refused; kept as evidence.
pub(crate) const QUARANTINE: Table<(CompartmentId, NodeId, u64), Quarantined> =
    Table::new(0x38, "quarantine");

/// This node's part in ordering the commits of a community's compartment.
pub(crate) const ORDERS: Table<CompartmentId, Durable> = Table::new(0x3A, "orders");
/// The commit that this node has built on the present epoch and proposed.
pub(crate) const PROPOSED: Table<CompartmentId, Proposed> = Table::new(0x3B, "proposed");
/// Changes of membership that this node wants, until they are so.
pub(crate) const INTENTS: Table<(CompartmentId, ItemId), Intent> = Table::new(0x3C, "intents");
/// Two certified commits of one epoch.
pub(crate) const EVIDENCE: Table<(CompartmentId, u64), Evidence> = Table::new(0x3D, "evidence");

/// Communities.
pub(crate) const COMMUNITIES: Table<SpaceId, CommunityRecord> = Table::new(0x40, "communities");
/// Nodes invited into a community founded here.
pub(crate) const INVITED: Table<(SpaceId, NodeId), Invited> = Table::new(0x41, "invited");
/// Local agents admitted to a community.
pub(crate) const ADMITTED: Table<(SpaceId, AgentId), Timestamp> = Table::new(0x42, "admitted");
/// The same by agent.
pub(crate) const ADMITTED_TO: Table<(AgentId, SpaceId), Timestamp> = Table::new(0x43, "admitted-to");

/// Every federation list that was ever in force here, as signed bytes.
pub(crate) const LISTS: Table<u64, ByteVec> = Table::new(0x50, "lists");
/// Statements of suspension, by node, date and hash, as signed bytes; settled ones are kept.
pub(crate) const SUSPENSIONS: Table<(NodeId, u64, ItemId), ByteVec> = Table::new(0x51, "suspensions");
/// Lists and statements that contradict what is held here, by version and hash.
pub(crate) const ALARMS: Table<(u64, ItemId), Alarm> = Table::new(0x52, "alarms");
/// The last hello of each peer.
pub(crate) const HELLOS: Table<NodeId, LastHello> = Table::new(0x53, "hellos");

/// Files that items refer to, by level and root.
pub(crate) const BLOBS: Table<(u8, BlobId), BlobRecord> = Table::new(0x60, "attachments");
/// Files of drafts, by draft and file.
pub(crate) const UPLOADS: Table<(ItemId, ItemId), Upload> = Table::new(0x61, "uploads");
/// That an item of a space at a level refers to a file: its members may have it.
pub(crate) const REFERRED: Table<(SpaceId, u8, BlobId), ()> = Table::new(0x62, "referred");
/// Files to be fetched.
pub(crate) const WANTED: Table<(u8, BlobId), Wanted> = Table::new(0x63, "wanted");

/// Which life of the node this is.
pub(crate) const LIFE: Table<(), Life> = Table::new(0x70, "life");
/// Nodes that lost their keys and asked to be let back in.
pub(crate) const RETURNS: Table<NodeId, ReturnAsked> = Table::new(0x71, "returns");
/// The highest vote of every other voter, with the epoch of it.
pub(crate) const MARKS: Table<(CompartmentId, NodeId), (u64, Mark)> = Table::new(0x72, "marks");

/// Name of every table by its tag, for `valise verify`.
pub(crate) const TABLE_NAMES: &[(u8, &str)] = &[
    (0x01, "ledger-head"),
    (0x02, "ledger"),
    (0x03, "items"),
    (0x04, "deliveries"),
    (0x05, "drafts"),
    (0x06, "feed"),
    (0x07, "read"),
    (0x08, "imports"),
    (0x10, "accounts"),
    (0x11, "logins"),
    (0x12, "sessions"),
    (0x13, "grants"),
    (0x14, "registrations"),
    (0x20, "groups"),
    (0x21, "handles"),
    (0x22, "directory"),
    (0x23, "serials"),
    (0x24, "numbers"),
    (0x25, "published"),
    (0x30, "compartments"),
    (0x31, "rooms"),
    (0x32, "sending"),
    (0x33, "messages"),
    (0x34, "held"),
    (0x35, "waiting"),
    (0x36, "commits"),
    (0x37, "welcomes"),
    (0x38, "quarantine"),
    (0x39, "waited"),
    (0x3A, "orders"),
    (0x3B, "proposed"),
    (0x3C, "intents"),
    (0x3D, "evidence"),
    (0x40, "communities"),
    (0x41, "invited"),
    (0x42, "admitted"),
    (0x43, "admitted-to"),
    (0x50, "lists"),
    (0x51, "suspensions"),
    (0x52, "alarms"),
    (0x53, "hellos"),
    (0x60, "attachments"),
    (0x61, "uploads"),
    (0x62, "referred"),
    (0x63, "wanted"),
    (0x70, "life"),
    (0x71, "returns"),
    (0x72, "marks"),
    (mls::TABLE_TAG, "mls"),
];

/// Through what an item reaches readers: a group (0) or a community (1), and its id.
pub(crate) type Scope = (u8, ItemId);

/// The scope of a functional group.
pub(crate) fn group_scope(group: GroupId) -> Scope {
    (0, ItemId::from_bytes(*group.as_bytes()))
}

/// The scope of a community.
pub(crate) fn community_scope(space: SpaceId) -> Scope {
    (1, ItemId::from_bytes(*space.as_bytes()))
}

/// One byte per level, for keys.
pub(crate) fn level_tag(level: &Level) -> u8 {
    let class = u8::from(level.classification > protocol::label::Classification::Np);
    class | u8::from(!level.categories().is_empty()) << 1
}
