//! How many requests are under way at once, in all and from one network. One too many waits a little,
//! and is then told to come back; a live stream counts only until it has begun.
//!
//! The share of a network keeps one slow or busy sender from standing in everybody's way.

use super::limits::{QUEUE_TIME_MAX, REQUESTS_MAX, REQUESTS_PER_NETWORK_MAX};
use crate::desks::Problem;
use crate::doors::api::refusal::Refusal;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use protocol::refusal::Code;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Room for requests under way; a clone is the same room.
#[derive(Debug, Clone)]
pub(super) struct Room {
    all: Arc<Semaphore>,
    shares: Arc<Mutex<BTreeMap<IpAddr, Arc<Semaphore>>>>,
}

/// A place in the room. Dropped in this order: the permits before the share that they are of.
#[derive(Debug)]
struct Place {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
    _share: Share,
}

/// The share of one network, forgotten when nobody uses it.
#[derive(Debug)]
struct Share {
    room: Room,
    network: IpAddr,
    places: Arc<Semaphore>,
}

/// Lets a request through when there is room.
pub(super) async fn admit(
    State(room): State<Room>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let network = network(address.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |address| address.ip()));
    let full = || Problem::new(Code::Busy, "too many requests are under way: ask again in a moment");
    let entered = timeout(QUEUE_TIME_MAX, room.enter(network)).await;
    let Ok(Ok(_place)) = entered else { return Err(full().into()) };
    Ok(next.run(request).await)
}

impl Default for Room {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(REQUESTS_MAX)), shares: Arc::default() }
    }
}

impl Room {
    /// Waits for a place, first among the network's own.
    async fn enter(&self, network: IpAddr) -> Result<Place, AcquireError> {
        let share = self.share(network);
        let own = Arc::clone(&share.places).acquire_owned().await?;
        let all = Arc::clone(&self.all).acquire_owned().await?;
        Ok(Place { _own: own, _all: all, _share: share })
    }

    fn share(&self, network: IpAddr) -> Share {
        let mut shares = self.shares();
        let new = || Arc::new(Semaphore::new(REQUESTS_PER_NETWORK_MAX));
        let places = Arc::clone(shares.entry(network).or_insert_with(new));
        Share { room: self.clone(), network, places }
    }

    fn shares(&self) -> MutexGuard<'_, BTreeMap<IpAddr, Arc<Semaphore>>> {
        // Each change is one insertion or removal, so a panic elsewhere leaves nothing half done.
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut shares = self.room.shares();
        // The map's own and this one: shares are only cloned under the lock that is held here.
        if Arc::strong_count(&self.places) == 2 {
            shares.remove(&self.network);
        }
    }
}

/// The network that one subscriber has: an IPv4 address, or 64 bits of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::{REQUESTS_PER_NETWORK_MAX, Room, network};
    use futures::FutureExt;
    use std::net::IpAddr;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_takes_its_share_and_leaves_room_for_others() {
        let (room, busy, other) = (Room::default(), address("192.0.2.1"), address("192.0.2.2"));
        let enter = |from| room.enter(from).now_or_never();
        let mut held: Vec<_> = (0..REQUESTS_PER_NETWORK_MAX).map(|_| enter(busy).unwrap()).collect();
        assert!(enter(busy).is_none());
        assert!(enter(other).is_some());
        held.pop();
        assert!(enter(busy).is_some());
        drop(held);
        assert!(room.shares().is_empty());
    }

    #[test]
    fn a_network_is_what_one_subscriber_has() {
        assert_eq!(network(address("2001:db8:0:1:2:3:4:5")), address("2001:db8:0:1::"));
        assert_eq!(network(address("::ffff:192.0.2.1")), address("192.0.2.1"));
        assert_eq!(network(address("192.0.2.1")), address("192.0.2.1"));
    }
}
