//! Bytes of MLS acts by the size of the group, measured with real groups of 5 to 20 members (a test compares
//! both) and continued as straight lines beyond, as in a tree whose members came at once. Times are round
//! numbers of the right order, and not measurements: they only decide what overtakes what.

use protocol::space::CompartmentPolicy;

pub(super) const KEY_PACKAGE_BYTES: usize = 302;

/// Of a commit after which so many members are left beside those that it adds. One that does nothing but add
/// has no update path.
pub(super) fn commit_bytes(
    left: usize,
    added: usize,
    policy: Option<&CompartmentPolicy>,
    path: bool,
) -> usize {
    let path = if path { 280 + 86 * left } else { 0 };
    115 + path + 310 * added + policy.map_or(0, |policy| policy.to_bytes().len())
}

/// Of a Welcome for so many into a group of so many then; of a GroupInfo where it is for nobody.
pub(super) fn welcome_bytes(members: usize, added: usize, policy: &CompartmentPolicy) -> usize {
    400 + 180 * members + 186 * added + policy.to_bytes().len()
}

/// Of a message: padded to 256.
pub(super) fn sealed_bytes(authenticated: usize, plaintext: usize) -> usize {
    63 + authenticated + (plaintext + 90).next_multiple_of(256)
}

/// What costs processor time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Cost {
    /// Building a commit.
    Prepare,
    /// A dry run, or applying a commit.
    Review,
    /// Joining by Welcome.
    Join,
    /// Sealing or opening a message.
    Message,
    /// Anything else: signatures, the store.
    Step,
}

/// Microseconds in a group of so many.
pub(in crate::sim) fn cost(of: Cost, members: usize) -> u64 {
    let members = members as u64;
    match of {
        Cost::Prepare => 1_500 + 150 * members,
        Cost::Review => 1_000 + 100 * members,
        Cost::Join => 1_000 + 200 * members,
        Cost::Message => 500,
        Cost::Step => 300,
    }
}
