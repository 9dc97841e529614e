//! The live streams that are open: how many one agent and all agents may hold, and their common end
//! when the node stops.

use super::limits::{STREAMS_MAX, STREAMS_PER_AGENT_MAX};
use crate::desks::Problem;
use protocol::ids::AgentId;
use protocol::refusal::Code;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The open streams of a server; a clone counts the same streams.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    open: Arc<Mutex<BTreeMap<AgentId, usize>>>,
    ended: watch::Sender<bool>,
}

/// A place among the open streams, free again when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    streams: Streams,
    agent: AgentId,
    end: watch::Receiver<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { open: Arc::default(), ended: watch::Sender::new(false) }
    }
}

impl Streams {
    /// A place for one more stream of this agent, or `FED_BUSY`.
    pub(crate) fn enter(&self, agent: AgentId) -> Result<Place, Problem> {
        let mut open = self.counts();
        let all: usize = open.values().sum();
        let own = open.get(&agent).copied().unwrap_or_default();
        if own >= STREAMS_PER_AGENT_MAX || all >= STREAMS_MAX {
            return Err(Problem::new(Code::Busy, "too many open streams: close one, or ask again later"));
        }
        open.insert(agent, own + 1);
        Ok(Place { streams: self.clone(), agent, end: self.ended.subscribe() })
    }

    /// Ends all streams, those to come included.
    pub(crate) fn end(&self) {
        self.ended.send_replace(true);
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<AgentId, usize>> {
        // Each change is a single insertion, so a panic elsewhere cannot leave the counts half done.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Returns when all streams end.
    pub(crate) async fn ended(&mut self) {
        // An error says that the server is gone, which is an end as well.
        let _ = self.end.wait_for(|ended| *ended).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.counts();
        match open.get_mut(&self.agent) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.agent)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{STREAMS_MAX, STREAMS_PER_AGENT_MAX, Streams};
    use protocol::ids::AgentId;

    fn agent(n: usize) -> AgentId {
        let mut bytes = [0; AgentId::LEN];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        AgentId::from_bytes(bytes)
    }

    #[test]
    fn an_agent_holds_so_many_and_gets_a_place_back() {
        let streams = Streams::default();
        let mut held: Vec<_> = (0..STREAMS_PER_AGENT_MAX).map(|_| streams.enter(agent(1)).unwrap()).collect();
        assert!(streams.enter(agent(1)).is_err());
        assert!(streams.enter(agent(2)).is_ok());
        held.pop();
        assert!(streams.enter(agent(1)).is_ok());
    }

    #[test]
    fn all_agents_together_hold_so_many() {
        let streams = Streams::default();
        let held: Vec<_> = (0..STREAMS_MAX).map(|n| streams.enter(agent(n)).unwrap()).collect();
        assert!(streams.enter(agent(STREAMS_MAX)).is_err());
        drop(held);
        assert!(streams.enter(agent(STREAMS_MAX)).is_ok());
    }

    #[tokio::test]
    async fn the_end_reaches_open_streams_and_later_ones() {
        let streams = Streams::default();
        let mut early = streams.enter(agent(1)).unwrap();
        streams.end();
        early.ended().await;
        streams.enter(agent(1)).unwrap().ended().await;
    }
}
