//! What happens when two nodes meet: hello, the federation list, Welcomes still owed, what each
//! holds, the NP channel and the directory.

use crate::desks::Desks;
use crate::desks::problem::Problem;
use crate::desks::records::{COMPARTMENTS, CompartmentRecord, WELCOMES};
use protocol::codec;
use protocol::ids::{CompartmentId, NodeId};
use protocol::label::Level;
use protocol::limits::CONTROL_FRAME_BYTES_MAX;
use protocol::refusal::Code;
use protocol::space::{channel_founder, channel_id};
use protocol::wire::{ControlAnswer, ControlRequest, Hello, PROTOCOL};
use store::Read;

impl Desks {
    /// The first thing on every new connection, from both sides.
    pub(super) async fn contact(&self, peer: NodeId) {
        if let Err(problem) = self.try_contact(peer).await {
            // The link went away, or the peer refused; the next connection tries again.
            tracing::debug!(peer = self.name_of(peer), code = problem.code.as_str(), "contact.failed");
        }
    }

    async fn try_contact(&self, peer: NodeId) -> Result<(), Problem> {
        let ControlAnswer::Hello(theirs) = self.control(peer, &ControlRequest::Hello(self.hello())).await?
        else {
            self.refuse(peer, Code::Malformed, "no hello");
            return Err(Problem::new(Code::Malformed, "no hello"));
        };
        self.check_hello(peer, &theirs)?;
        self.note_hello(peer, &theirs).await;
        self.catch_up(peer, &theirs).await?;
        if self.is_witness(peer) {
            self.retry_orders(peer).await;
            return Ok(());
        }
        self.deliver_welcomes(peer).await?;
        self.compare(peer).await;
        self.come_back(peer).await;
        self.renew_channels(peer).await?;
        if channel_founder(self.own_node(), peer) == self.own_node() {
            self.ensure_channel(peer, &Level::NP).await?;
        }
        self.publish_directory(peer).await?;
        self.inner.peers.wake(peer);
        self.retry_orders(peer).await;
        Ok(())
    }

    /// Takes over what the peer knows of the federation and this node does not.
    async fn catch_up(&self, peer: NodeId, theirs: &Hello) -> Result<(), Problem> {
        if theirs.list_version > self.list().list().version {
            self.fetch_list(peer).await?;
        }
        if theirs.suspensions != self.list().suspensions() {
            self.fetch_suspensions(peer).await?;
        }
        Ok(())
    }

    /// The same for whoever was greeted and does not greet back by itself.
    fn catch_up_later(&self, peer: NodeId, theirs: Hello) {
        let list = self.list();
        if theirs.list_version > list.list().version || theirs.suspensions != list.suspensions() {
            let desks = self.clone();
            tokio::spawn(async move { desks.catch_up(peer, &theirs).await });
        }
    }

    fn hello(&self) -> Hello {
        let list = self.list();
        Hello {
            protocol: PROTOCOL,
            node: self.own_node(),
            incarnation: self.incarnation(),
            list_version: list.list().version,
            list_hash: list.hash(),
            now: self.now(),
            suspensions: list.suspensions(),
        }
    }

    /// Until a hello holds, nothing else of the peer is answered on this connection (WIR-007).
    fn check_hello(&self, peer: NodeId, theirs: &Hello) -> Result<(), Problem> {
        let judged = self.judge_hello(peer, theirs);
        self.peer(peer).greet(judged.is_ok());
        judged
    }

    /// The speaker must be who the transport authenticated, and show the same list for a version.
    fn judge_hello(&self, peer: NodeId, theirs: &Hello) -> Result<(), Problem> {
        let list = self.list();
        let wrong = if theirs.node != peer {
            Some((Code::IdentityMismatch, "hello names another node"))
        } else if theirs.protocol != PROTOCOL {
            Some((Code::Version, "another protocol version"))
        } else if theirs.list_version == list.list().version && theirs.list_hash != list.hash() {
            Some((Code::ListSplit, "another federation list of the same version"))
        } else {
            None
        };
        match wrong {
            None => Ok(()),
            Some((code, detail)) => {
                self.refuse(peer, code, detail);
                if code == Code::ListSplit && !self.is_kept(theirs.list_version, theirs.list_hash) {
                    let desks = self.clone();
                    // It will be refused, and kept as evidence if the authority has signed it.
                    tokio::spawn(async move { desks.fetch_list(peer).await });
                }
                Err(Problem::new(code, detail))
            }
        }
    }

    /// Channels that this node has given up get their successors at once: the peer, who knows nothing of it,
    /// would go on sealing into the old ones.
    async fn renew_channels(&self, peer: NodeId) -> Result<(), Problem> {
        let space = channel_id(self.own_node(), peer);
        let all: Vec<(CompartmentId, CompartmentRecord)> = self.snapshot()?.all(COMPARTMENTS)?;
        let given_up = all.into_iter().filter(|(_, record)| record.space == space && !record.active);
        for (_, record) in given_up.filter(|(_, record)| self.may_exchange(peer, &record.level)) {
            self.ensure_channel(peer, &record.level).await?;
        }
        Ok(())
    }

    async fn deliver_welcomes(&self, peer: NodeId) -> Result<(), Problem> {
        let snapshot = self.snapshot()?;
        let space = channel_id(self.own_node(), peer);
        for (id, welcome) in snapshot.all(WELCOMES)? {
            let of_peer = snapshot.get(COMPARTMENTS, &id)?.is_some_and(|record| record.space == space);
            if of_peer {
                self.deliver_welcome(peer, welcome).await?;
            }
        }
        Ok(())
    }

    /// Answers on the control plane; `None` when the bytes are no request.
    pub(super) async fn answer_control(&self, from: NodeId, bytes: &[u8]) -> Option<Vec<u8>> {
        let request = match codec::decode::<ControlRequest>(bytes, CONTROL_FRAME_BYTES_MAX) {
            Ok(request) => request,
            Err(error) => {
                self.refuse(from, error.code(), &error.to_string());
                return Some(codec::encode(&ControlAnswer::Refused(error.code().as_str().to_owned())));
            }
        };
        let answer = match self.control_answer(from, request).await {
            Ok(answer) => answer,
            Err(problem) => {
                self.refuse(from, problem.code, &problem.detail);
                ControlAnswer::Refused(problem.code.as_str().to_owned())
            }
        };
        Some(codec::encode(&answer))
    }

    async fn control_answer(&self, from: NodeId, request: ControlRequest) -> Result<ControlAnswer, Problem> {
        if !matches!(request, ControlRequest::Hello(_)) {
            if !self.peer(from).is_greeted() {
                return Err(Problem::new(Code::HelloMissing, "a request before the hello"));
            }
            if self.is_witness(from) {
                return Err(Problem::new(Code::OutsideScope, "a witness has no channels"));
            }
        }
        match request {
            ControlRequest::Hello(theirs) => {
                self.check_hello(from, &theirs)?;
                self.catch_up_later(from, theirs);
                Ok(ControlAnswer::Hello(self.hello()))
            }
            ControlRequest::ChannelOpen { level, key_package } => {
                self.check_channel(from, &level)?;
                if channel_founder(self.own_node(), from) != self.own_node() {
                    return Err(Problem::new(Code::CommitPolicy, "the other node founds this channel"));
                }
                let welcome = self.found_channel(from, level, key_package, true).await?;
                Ok(ControlAnswer::ChannelWelcome(Box::new(welcome)))
            }
            ControlRequest::ChannelKeyPackage { level } => {
                self.check_channel(from, &level)?;
                let key_package = self.act(|tx, groups| Ok(groups.key_package(tx)?)).await?;
                Ok(ControlAnswer::KeyPackage(key_package))
            }
            ControlRequest::ChannelWelcome { welcome } => {
                if channel_founder(self.own_node(), from) != from {
                    return Err(Problem::new(Code::WelcomeUnsolicited, "this node founds the channel"));
                }
                self.join_channel(from, *welcome).await?;
                Ok(ControlAnswer::Done)
            }
        }
    }

    /// A channel's level must be within both ceilings. The answer is the same for a level that this
    /// node does not hold and for one that the asker may not.
    fn check_channel(&self, from: NodeId, level: &Level) -> Result<(), Problem> {
        if !self.peer(from).may_claim(self.now()) {
            return Err(Problem::new(Code::Busy, "too many claims of key packages and channels"));
        }
        if self.may_exchange(from, level) {
            return Ok(());
        }
        Err(Problem::new(Code::LabelExceedsClearance, "the channel's level is above a node's ceiling"))
    }
}
