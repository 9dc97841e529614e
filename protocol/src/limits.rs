//! Every bound on what comes from outside, with its unit in the name and the reason beside it.

/// A control request or answer: a hello or a key package fits forty times over.
pub const CONTROL_FRAME_BYTES_MAX: usize = 64 * 1024;
/// A page of messages or of commits: large enough to fill a satellite round trip.
pub const PAGE_FRAME_BYTES_MAX: usize = 1024 * 1024;
/// What one push of messages may carry beside framing; leaves room below the frame limit.
pub const PUSH_BYTES_MAX: usize = PAGE_FRAME_BYTES_MAX - 64 * 1024;
/// Messages in one push: large enough to share a sync, a quarter of the ratchet's tolerance.
pub const PUSH_MESSAGES_MAX: usize = 64;
/// Sealed messages that one compartment may have unacknowledged by a peer. Beyond it, items wait
/// unsealed, in order of precedence: a later flash is then sealed and sent before them. Three pushes:
/// one being kept, one under way, one being sealed; below the ratchet's tolerance.
pub const SEALED_AHEAD_MAX: u64 = 192;
/// Out-of-order messages that a receiver's ratchet tolerates (keys kept for skipped generations).
pub const RATCHET_TOLERANCE: u32 = 256;
/// How far ahead of the last opened generation a message may be.
pub const RATCHET_FORWARD_MAX: u32 = 5_000;
/// Nesting of a CBOR value: the deepest legal message has eight levels.
pub const CBOR_DEPTH_MAX: usize = 16;

/// One sealed message: a body at its limit, its header, and MLS framing with padding.
pub const CIPHERTEXT_BYTES_MAX: usize = 512 * 1024;
/// The text of a correspondence. The longest real telegram seen has 60,000 characters.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// A subject: two lines on a telegram form.
pub const SUBJECT_CHARS_MAX: usize = 250;
/// Addressees of one kind (action or information) of one item.
pub const ADDRESSEES_MAX: usize = 100;
/// Characters of one addressee in a draft: an address, or the name of a service being looked for.
pub const ADDRESS_TYPED_CHARS_MAX: usize = 200;
/// Tags of one item, group or community.
pub const TAGS_MAX: usize = 8;
/// Characters of one tag.
pub const TAG_CHARS_MAX: usize = 40;
/// References of one item to earlier ones.
pub const REFERENCES_MAX: usize = 50;
/// Characters of a name: organisation, group, agent, community.
pub const NAME_CHARS_MAX: usize = 120;
/// Characters of a handle or of a node's short name.
pub const HANDLE_CHARS_MAX: usize = 40;
/// Characters of a community's project.
pub const PROJECT_CHARS_MAX: usize = 2_000;
/// Characters of a reason given with a refusal.
pub const REASON_CHARS_MAX: usize = 500;
/// A post in a community.
pub const POST_BYTES_MAX: usize = 64 * 1024;
/// Printed markings kept beside an imported item.
pub const PRINTED_CHARS_MAX: usize = 200;
/// Handling indications and places of repetition of an imported item: a telegram is repeated to every post
/// of a region.
pub const PRINTED_LIST_MAX: usize = 100;
/// Categories that one label names, known or not.
pub const LABEL_CATEGORIES_MAX: usize = 16;

/// A sealed chunk of an attachment, its tag included; only the last may be shorter. Small enough to be
/// verified and thrown away, large enough to fill a satellite link with a few of them under way.
pub const BLOB_CHUNK_BYTES: usize = 256 * 1024;
/// An attachment: a scanned volume or some minutes of film.
pub const BLOB_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// A frame with a chunk, its proof and what CBOR adds to them.
pub const BLOB_FRAME_BYTES_MAX: usize = BLOB_CHUNK_BYTES + 4 * 1024;
/// Attachments of one item.
pub const ATTACHMENTS_MAX: usize = 20;
/// Characters of an attachment's name: file systems stop at 255 bytes.
pub const ATTACHMENT_NAME_CHARS_MAX: usize = 120;
/// Bytes of an attachment's name.
pub const ATTACHMENT_NAME_BYTES_MAX: usize = 240;
/// Characters of a media type; the longest registered for office documents has 73.
pub const MEDIA_TYPE_CHARS_MAX: usize = 100;

/// Nodes on one federation list.
pub const LIST_ENTRIES_MAX: usize = 1_000;
/// The list as bytes; a page frame carries it.
pub const LIST_BYTES_MAX: usize = 900 * 1024;
/// An invitation: a list at its limit, and the authority's keys and signatures around it.
pub const INVITATION_BYTES_MAX: usize = LIST_BYTES_MAX + 16 * 1024;
/// Former keys of one node: two changes a year for twenty years.
pub const FORMER_KEYS_MAX: usize = 40;
/// How long a former identity key still counts in a vote or a certificate that was signed before the
/// change: the longest that a post is expected to be away. Signatures of items verify for ever.
pub const FORMER_KEY_VOTES_SECONDS: i64 = 90 * 86_400;
/// A guest's accreditation: 90 days, and the hour by which its start lies back for clocks that are
/// behind.
pub const GUEST_VALIDITY_SECONDS_MAX: i64 = 90 * 86_400 + 3_600;
/// Communities in a guest's scope.
pub const SCOPE_COMMUNITIES_MAX: usize = 64;
/// One statement of suspension.
pub const SUSPENSION_BYTES_MAX: usize = 1_024;
/// Characters of its reason: a line.
pub const SUSPENSION_REASON_CHARS_MAX: usize = 100;
/// Suspensions in force at once, and in one page: it fits the frame with room to spare. Whoever has
/// more to say issues a list.
pub const SUSPENSIONS_MAX: usize = 500;
/// Keys of the authority.
pub const AUTHORITY_KEYS_MAX: usize = 16;
/// Addresses of one node.
pub const NODE_ADDRESSES_MAX: usize = 8;
/// Characters of one address.
pub const NODE_ADDRESS_CHARS_MAX: usize = 200;
/// Nodes in one community: the ratchet tree of a Welcome must fit a page frame.
pub const COMMUNITY_NODES_MAX: usize = 200;
/// Groups that one node may publish in the shared directory.
pub const DIRECTORY_GROUPS_MAX: usize = 2_000;
/// Votes or promises in one certificate.
pub const CERTIFICATE_VOTES_MAX: usize = 200;
/// A message about the order of commits: a commit at its limit, with a quorum of promises and of
/// accepts of 300 bytes each in the largest community.
pub const ORDER_FRAME_BYTES_MAX: usize = 256 * 1024;
/// Commits of others that one voter keeps until their epoch is decided: all but one will lose.
pub const ORDER_WISHES_MAX: usize = 16;
/// Rounds that a ballot may be ahead of the highest one heard of: nobody uses up the rounds of an epoch
/// with one message or with a billion, and honest retries never come near.
pub const ORDER_ROUNDS_AHEAD_MAX: u64 = 1 << 32;
/// First wait for a ballot: two round trips over two satellite hops, and the voters' dry runs.
pub const ORDER_RETRY_MS_MIN: u64 = 4_000;
/// Longest wait: without a quorum, a try every few minutes is soon enough.
pub const ORDER_RETRY_MS_MAX: u64 = 300_000;
/// First wait of an urgent ballot: two round trips over one satellite hop.
pub const ORDER_URGENT_RETRY_MS_MIN: u64 = 2_000;
/// Longest wait of an urgent ballot: a revoked node reads on until it is decided.
pub const ORDER_URGENT_RETRY_MS_MAX: u64 = 30_000;
/// How long a voter leaves an accepted commit to its proposer: some of its tries.
pub const ORDER_TAKEOVER_MS_MIN: u64 = 30_000;
/// A commit with its UpdatePath in the largest community.
pub const COMMIT_BYTES_MAX: usize = 128 * 1024;
/// A Welcome with ratchet tree for the largest community.
pub const WELCOME_BYTES_MAX: usize = 256 * 1024;
/// An MLS key package.
pub const KEY_PACKAGE_BYTES_MAX: usize = 8 * 1024;
/// Compartments that two nodes share and compare on contact.
pub const SHARED_COMPARTMENTS_MAX: usize = 4_000;
/// Senders that one holding tells of: every member, and as many who have left, and a page still carries it.
pub const HOLDING_SENDERS_MAX: usize = 400;
/// Gaps that a receiver keeps in the numbers of one sender: above the ratchet's tolerance, so that only
/// who leaves numbers out on purpose comes near.
pub const HELD_RANGES_MAX: usize = 1_024;
/// Ranges of sequence numbers told per sender: more gaps than that are asked for later.
pub const RANGES_MAX: usize = 64;
/// Key packages and foundings of channels that one peer may ask for at once: one per level, and some lost
/// stores. Each key package leaves a secret in the store that gave it.
pub const CHANNEL_CLAIMS_MAX: i64 = 32;
/// And one more after each so many seconds: a link that fails while a channel is founded goes on.
pub const CHANNEL_CLAIM_SECONDS: i64 = 30;
/// Items covered by one signing grant.
pub const GRANT_ITEMS_MAX: usize = 200;
/// How long a signing grant lasts.
pub const GRANT_SECONDS: i64 = 300;
/// An MLS GroupInfo with ratchet tree for the largest community.
pub const GROUP_INFO_BYTES_MAX: usize = WELCOME_BYTES_MAX;
