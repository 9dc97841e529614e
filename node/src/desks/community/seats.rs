//! The machines of the order of commits in memory, one per compartment, and which of them may vote.

use protocol::ids::{CompartmentId, NodeId};
use protocol::order::Order;
use protocol::resync::Confirmation;
use protocol::space::CompartmentPolicy;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A compartment's machine; empty until it is first used, and after it was left.
pub(super) type Seat = Arc<tokio::sync::Mutex<Option<Order>>>;

/// The machines of all compartments.
#[derive(Default)]
pub(in crate::desks) struct Orders {
    seats: Mutex<BTreeMap<CompartmentId, Seat>>,
    // Compartments that stood before the start, and who has told since what it knows of this node.
    unconfirmed: Mutex<BTreeMap<CompartmentId, Confirmation>>,
}

impl Orders {
    pub(super) fn seat(&self, id: CompartmentId) -> Seat {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(seats.entry(id).or_default())
    }

    /// These stood before the start.
    pub(in crate::desks) fn stood(&self, standing: Vec<CompartmentId>) {
        let mut unconfirmed = self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner);
        unconfirmed.extend(standing.into_iter().map(|id| (id, Confirmation::default())));
    }

    /// A member has told its marks.
    pub(in crate::desks) fn hear(&self, id: CompartmentId, from: NodeId) {
        let mut unconfirmed = self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(confirmation) = unconfirmed.get_mut(&id) {
            confirmation.hear(from);
        }
    }

    pub(super) fn may_vote(&self, me: NodeId, id: CompartmentId, policy: &CompartmentPolicy) -> bool {
        let unconfirmed = self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner);
        let needed = policy.votes_needed();
        unconfirmed.get(&id).is_none_or(|confirmation| confirmation.may_vote(me, &policy.voters, needed))
    }

    /// Forgets what is not in the store; at its next use the machine is loaded anew.
    pub(in crate::desks) async fn forget(&self, id: CompartmentId) {
        *self.seat(id).lock().await = None;
    }
}
