use crate::{Change, Groups, Identity, MlsError, State};
use protocol::ids::{CompartmentId, NodeId, SpaceId};
use protocol::label::Level;
use protocol::signature::SecretKey;
use protocol::space::{CompartmentPolicy, Quorum, SpaceKind};
use std::sync::mpsc::channel;
use store::{Failed, Store, Tx, Vault, Writer};

const ROOM: CompartmentId = CompartmentId::from_bytes([9; 16]);

/// A node with its own store on disk.
struct Node {
    id: NodeId,
    writer: Writer<Groups>,
    thread: std::thread::JoinHandle<()>,
    dir: tempfile::TempDir,
    seed: u8,
}

fn start(dir: &tempfile::TempDir, seed: u8) -> (Writer<Groups>, std::thread::JoinHandle<()>) {
    let key = SecretKey::from_seed(&[seed; 32]).expect("seed");
    let groups = Groups::new(Identity::new(NodeId::from_bytes([seed; 32]), key));
    let store = Store::open(&dir.path().join("store.redb"), Vault::new(&[seed; 32]).expect("keys"));
    Writer::start(store.expect("opened"), groups).expect("started")
}

impl Node {
    fn new(seed: u8) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let (writer, thread) = start(&dir, seed);
        Self { id: NodeId::from_bytes([seed; 32]), writer, thread, dir, seed }
    }

    fn restart(self) -> Self {
        let Node { id, writer, thread, dir, seed } = self;
        drop(writer);
        thread.join().expect("ended");
        let (writer, thread) = start(&dir, seed);
        Self { id, writer, thread, dir, seed }
    }

    fn act<T: Send + 'static>(
        &self,
        act: impl Fn(&Tx<'_>, &mut Groups) -> Result<T, MlsError> + Send + 'static,
    ) -> Result<T, Failed<MlsError>> {
        let (send, receive) = channel();
        self.writer.submit(act, move |result| send.send(result).expect("the test waits"));
        receive.recv().expect("an answer")
    }

    fn seal(&self, text: &'static str) -> Vec<u8> {
        self.act(move |tx, groups| groups.seal(tx, ROOM, b"aad".to_vec(), text.as_bytes())).expect("sealed")
    }

    fn open(&self, sealed: &[u8]) -> Result<String, Failed<MlsError>> {
        let sealed = sealed.to_vec();
        let opened = self.act(move |tx, groups| groups.open(tx, ROOM, &sealed))?;
        assert_eq!(opened.authenticated, b"aad");
        Ok(String::from_utf8(opened.plaintext).expect("text"))
    }

    fn state(&self) -> State {
        self.act(|tx, groups| groups.state(tx, ROOM)).expect("a member")
    }
}

fn policy(voters: &[&Node], level: Level) -> CompartmentPolicy {
    let mut voters: Vec<_> = voters.iter().map(|node| node.id).collect();
    voters.sort_unstable();
    CompartmentPolicy {
        format: 1,
        space: SpaceId::from_bytes([1; 16]),
        kind: SpaceKind::Community,
        level,
        voters,
        quorum: Quorum::Majority,
        charter: None,
        sibling: None,
        predecessor: None,
    }
}

/// `founder` founds a group with `other`, who joins.
fn pair(founder: &Node, other: &Node) {
    let package = other.act(|tx, groups| groups.key_package(tx)).expect("made");
    let founding = policy(&[founder], Level::DR);
    let change = Change {
        add: vec![package],
        policy: Some(policy(&[founder, other], Level::DR)),
        ..Change::default()
    };
    let found = founder
        .act(move |tx, groups| {
            groups.found(tx, ROOM, &founding)?;
            let prepared = groups.prepare(tx, ROOM, &change)?;
            groups.merge_own(tx, ROOM)?;
            Ok(prepared)
        })
        .expect("founded");
    assert_eq!((found.epoch, found.parent.len()), (0, 0));
    let welcome = found.welcome.expect("somebody was added");
    let next = found.next;
    let joined = other.act(move |tx, groups| groups.join(tx, &welcome, |_| Ok(()))).expect("joined");
    assert_eq!(joined.state.transcript, next);
}

#[test]
fn two_nodes_exchange_in_order_and_out_of_order_and_nothing_opens_twice() {
    let (a, b) = (Node::new(1), Node::new(2));
    pair(&a, &b);
    assert_eq!(a.state().authenticator, b.state().authenticator);
    assert_eq!(a.state().policy.voters, [a.id, b.id]);
    let sealed = [a.seal("one"), a.seal("two"), a.seal("three")];
    assert_eq!(b.open(&sealed[2]).expect("opened"), "three");
    assert_eq!(b.open(&sealed[0]).expect("opened"), "one");
    assert!(matches!(b.open(&sealed[0]), Err(Failed::Act(MlsError::Undecryptable { .. }))));
    assert_eq!(b.open(&sealed[1]).expect("opened"), "two");
    assert_eq!(a.open(&b.seal("back")).expect("opened"), "back");
}

#[test]
fn state_survives_restarts_of_both() {
    let (a, b) = (Node::new(1), Node::new(2));
    pair(&a, &b);
    let first = a.seal("before");
    let (a, b) = (a.restart(), b.restart());
    let second = a.seal("after");
    assert_eq!(b.open(&first).expect("opened"), "before");
    let b = b.restart();
    assert_eq!(b.open(&second).expect("opened"), "after");
}

#[test]
fn an_act_that_fails_after_sealing_uses_no_key_twice_and_leaves_the_group_usable() {
    let (a, b) = (Node::new(1), Node::new(2));
    pair(&a, &b);
    let failed = a.act(|tx, groups| -> Result<(), MlsError> {
        groups.seal(tx, ROOM, b"aad".to_vec(), b"never leaves")?;
        Err(MlsError::NotMember(ROOM))
    });
    assert!(failed.is_err());
    let kept = a.seal("kept");
    let a = a.restart();
    assert_eq!(b.open(&kept).expect("opened"), "kept");
    assert_eq!(b.open(&a.seal("next")).expect("opened"), "next");
}

#[test]
fn a_flipped_byte_is_refused_and_does_not_burn_the_key() {
    let (a, b) = (Node::new(1), Node::new(2));
    pair(&a, &b);
    let sealed = a.seal("text");
    for at in (0..sealed.len()).step_by(7) {
        let mut bent = sealed.clone();
        bent[at] ^= 1;
        assert!(b.open(&bent).is_err(), "byte {at}");
    }
    assert_eq!(b.open(&sealed).expect("opened"), "text");
}

#[test]
fn a_member_checks_before_it_merges_and_a_refused_commit_changes_nothing() {
    let (a, b, c) = (Node::new(1), Node::new(2), Node::new(3));
    pair(&a, &b);
    let package = c.act(|tx, groups| groups.key_package(tx)).expect("made");
    let change = Change { add: vec![package], ..Change::default() };
    let prepared = a
        .act(move |tx, groups| {
            let prepared = groups.prepare(tx, ROOM, &change)?;
            groups.merge_own(tx, ROOM)?;
            Ok(prepared)
        })
        .expect("prepared");
    let commit = prepared.commit.clone();
    let refused = b.act(move |tx, groups| groups.apply(tx, ROOM, &commit, |_| Err("no".to_owned())));
    assert!(matches!(refused, Err(Failed::Act(MlsError::Refused(_)))));
    assert_eq!(b.state().epoch, prepared.epoch);
    let (commit, id) = (prepared.commit.clone(), c.id);
    let applied = b.act(move |tx, groups| {
        groups.apply(tx, ROOM, &commit, |change| {
            assert!(change.members.iter().any(|(node, _)| *node == id));
            Ok(())
        })
    });
    assert_eq!(applied.expect("applied").map(|state| state.transcript), Some(prepared.next));
    let removal = Change { remove: vec![b.id], ..Change::default() };
    let removed = a
        .act(move |tx, groups| {
            let prepared = groups.prepare(tx, ROOM, &removal)?;
            groups.merge_own(tx, ROOM)?;
            Ok(prepared)
        })
        .expect("prepared");
    let commit = removed.commit;
    assert!(b.act(move |tx, groups| groups.apply(tx, ROOM, &commit, |_| Ok(()))).expect("applied").is_none());
    assert!(matches!(b.open(&a.seal("after")), Err(Failed::Act(MlsError::NotMember(_)))));
}

#[test]
fn a_removed_member_opens_nothing_more_with_the_state_it_has_stored() {
    let (a, b) = (Node::new(1), Node::new(2));
    pair(&a, &b);
    assert_eq!(b.open(&a.seal("before")).expect("opened"), "before");
    let removal = Change { remove: vec![b.id], ..Change::default() };
    let removed = a.act(move |tx, groups| {
        let prepared = groups.prepare(tx, ROOM, &removal)?;
        groups.merge_own(tx, ROOM)?;
        Ok(prepared)
    });
    // The commit never reaches it, as when its connections were closed first.
    let (b, next) = (b.restart(), removed.expect("removed").epoch + 1);
    let (sealed, epoch) = (a.seal("after"), b.state().epoch);
    assert_eq!(epoch + 1, next);
    let opened = b.open(&sealed);
    assert!(matches!(opened, Err(Failed::Act(MlsError::EpochAhead { .. }))), "{opened:?}");
}

#[test]
fn hostile_bytes_are_refused_by_kind() {
    let (a, b) = (Node::new(1), Node::new(2));
    pair(&a, &b);
    for bytes in [vec![], vec![0; 10], vec![0xff; 4096]] {
        let malformed = a.act(move |tx, groups| {
            let joined = groups.join(tx, &bytes, |_| Ok(())).map(|_| ());
            let opened = groups.open(tx, ROOM, &bytes).map(|_| ());
            let applied = groups.apply(tx, ROOM, &bytes, |_| Ok(())).map(|_| ());
            Ok([joined, opened, applied, groups.inspect(&bytes).map(|_| ())])
        });
        for result in malformed.expect("answered") {
            assert!(matches!(result, Err(MlsError::Malformed { .. })), "{result:?}");
        }
    }
}

#[test]
fn a_node_without_its_keys_comes_back_by_an_external_commit_that_replaces_its_leaf() {
    let (a, b) = (Node::new(1), Node::new(2));
    pair(&a, &b);
    let old = b.state();
    let sealed_before = a.seal("before");
    let info = a.act(|tx, groups| groups.group_info(tx, ROOM)).expect("told");
    let refused = {
        let info = info.clone();
        b.act(move |tx, groups| groups.resync(tx, ROOM, &info, b"why".to_vec(), |_| Err("no".to_owned())))
    };
    assert!(matches!(refused, Err(Failed::Act(MlsError::Refused(_)))));
    assert_eq!(b.state(), old, "a refused one leaves the group as it was");
    let expected = (old.epoch, old.transcript.clone(), old.policy.clone());
    let (prepared, after) = b
        .act(move |tx, groups| {
            groups.forget(tx, ROOM)?;
            groups.resync(tx, ROOM, &info, b"why".to_vec(), |said| {
                assert_eq!((said.epoch, said.transcript.clone(), said.policy.clone()), expected);
                Ok(())
            })
        })
        .expect("built");
    let (commit, back) = (prepared.commit.clone(), b.id);
    let applied = a.act(move |tx, groups| {
        let reviewed = groups.review(tx, ROOM, &commit)?;
        groups.apply(tx, ROOM, &commit, |change| {
            assert_eq!(*change, reviewed);
            assert_eq!((change.author, change.external.as_deref()), (back, Some(b"why".as_slice())));
            assert_eq!(change.members.len(), 2);
            Ok(())
        })
    });
    let applied = applied.expect("applied").expect("still a member");
    assert_eq!((&applied.transcript, &applied.authenticator), (&after.transcript, &after.authenticator));
    let b = b.restart();
    assert_eq!(b.open(&a.seal("after")).expect("opened"), "after");
    assert_eq!(a.open(&b.seal("back")).expect("opened"), "back");
    assert!(b.open(&sealed_before).is_err(), "what was sealed before it came back stays shut");
}

#[test]
fn nobody_comes_into_a_group_from_outside_who_is_not_in_it() {
    let (a, b, c) = (Node::new(1), Node::new(2), Node::new(3));
    pair(&a, &b);
    let info = a.act(|tx, groups| groups.group_info(tx, ROOM)).expect("told");
    let built = c.act(move |tx, groups| groups.resync(tx, ROOM, &info, Vec::new(), |_| Ok(())));
    let (prepared, _) = built.expect("anybody with a group info can build one");
    let before = a.state();
    let applied = a.act(move |tx, groups| groups.apply(tx, ROOM, &prepared.commit, |_| Ok(())));
    assert!(matches!(applied, Err(Failed::Act(MlsError::Peer { .. }))), "{applied:?}");
    assert_eq!(a.state(), before);
}
