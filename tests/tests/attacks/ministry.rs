//! What a compromised ministry may not do to a community that it is a member and a voter of. The others, a real
//! node each, are its founder and another ministry; they talk while it tries.

use super::scene::{Scene, a_post};
use anyhow::{Context, Result};
use mls::Change;
use protocol::commit::{Ballot, Value};
use protocol::ids::{CompartmentId, NodeId};
use protocol::label::Level;
use protocol::order::{Body, Reason};
use protocol::resync::Approval;
use protocol::signature::SecretKey;
use protocol::space::CompartmentPolicy;
use protocol::wire::{LogAnswer, LogRequest};
use testnet::wait::wait_until;
use tests::fixture::LATER;
use tests::hostile::{Hostile, Member, id_of};

/// Attacks 2, 3, 5, 6, 7 and 14, by one voter of three.
#[test]
fn a_compromised_ministry_decides_nothing_alone() -> Result<()> {
    let scene = Scene::set()?;
    let (member, np, dr) = scene.groups()?;
    let judged = |change: Change, at: CompartmentId| scene.hostile.submit(&member.prepare(at, change)?);
    let added = |package: Vec<u8>| Change { add: vec![package], ..Change::default() };

    // Attack 7: a guest in a restricted compartment.
    assert_eq!(judged(added(scene.key_package_of("ong")?), dr)?, "MLS_COMMIT_POLICY");
    // Attack 5: a second leaf of its own, and a leaf of another ministry under a key that is not listed.
    let ghost = |node: NodeId| Member::new(node, SecretKey::from_seed(&[0x77; 32])?)?.key_package();
    assert_eq!(judged(added(ghost(scene.hostile.node())?), np)?, "MLS_COMMIT_POLICY");
    assert_eq!(judged(added(ghost(NodeId::from_bytes([5; 32]))?), np)?, "MLS_COMMIT_POLICY");
    // Attack 2, by the rules: it alone would vote from then on; or the level falls.
    let (_, _, policy) = member.stands(np)?;
    let mut alone = policy.clone();
    alone.voters = vec![scene.hostile.node()];
    let raised = CompartmentPolicy { level: Level::DR, ..policy };
    for policy in [alone, raised] {
        assert_eq!(judged(Change { policy: Some(policy), ..Change::default() }, np)?, "MLS_COMMIT_POLICY");
    }
    // Abuse of its vote: it removes whom it does not manage.
    let transports = id_of(&scene.keys("transports", "identity")?);
    for node in [transports, scene.hostile.target] {
        let (_, _, mut policy) = member.stands(np)?;
        policy.voters.retain(|voter| *voter != node);
        let change = Change { remove: vec![node], policy: Some(policy), ..Change::default() };
        assert_eq!(judged(change, np)?, "COM_NOT_MANAGER");
    }
    malformed_commits(&scene, np)?;
    from_outside(&scene, np)?;
    wrong_instances(&scene, np)?;
    scene.others_talk()
}

/// Attack 3: what the others could not merge has no majority, whichever byte of it is wrong.
fn malformed_commits(scene: &Scene, np: CompartmentId) -> Result<()> {
    let right = scene.hostile.member().prepare(np, Change::default())?;
    for at in (0..right.commit.len()).step_by(61) {
        let mut wrong = right.clone();
        wrong.commit[at] ^= 1;
        let code = scene.hostile.submit(&wrong)?;
        let named = ["FED_MALFORMED", "MLS_COMMIT_POLICY", "MLS_UNDECRYPTABLE", "MLS_EPOCH_AHEAD"];
        assert!(named.contains(&code.as_str()), "byte {at}: {code}");
    }
    let other = |change: &dyn Fn(&mut Value)| {
        let mut wrong = right.clone();
        change(&mut wrong);
        scene.hostile.submit(&wrong)
    };
    assert_eq!(other(&|v| v.next[0] ^= 1)?, "MLS_COMMIT_POLICY", "another transcript than its own");
    assert_eq!(other(&|v| v.author = scene.hostile.target)?, "MLS_COMMIT_POLICY", "in another's name");
    assert_eq!(other(&|v| v.voters.truncate(2))?, "MLS_COMMIT_POLICY", "other voters than the group's");
    assert_eq!(other(&|v| v.commit.clear())?, "FED_MALFORMED");
    // Attack 14: outside of the order of commits there is no handshake.
    let mut envelope =
        scene.hostile.member().seal(&scene.hostile.member().next_in(np, 1, a_post(Level::NP))?)?;
    envelope.ciphertext.clone_from(&right.commit);
    assert_eq!(scene.hostile.push(&envelope)?.as_deref(), Some("FED_MALFORMED"));
    Ok(())
}

/// Attack 6: nobody comes in by an external commit without another ministry's word, its own member neither.
fn from_outside(scene: &Scene, np: CompartmentId) -> Result<()> {
    let (hostile, member) = (&scene.hostile, scene.hostile.member());
    let (epoch, parent, policy) = member.stands(np)?;
    let info = member.act(move |tx, groups| groups.group_info(tx, np))?;
    let lone = scene.keys("transports", "identity")?;
    let other = id_of(&lone);
    for (by, key) in
        [(hostile.node(), hostile.key()), (hostile.target, hostile.key()), (other, hostile.key())]
    {
        let fresh = Member::new(hostile.node(), scene.keys("sante", "mls")?)?;
        let approval = Approval::sign((np, epoch, parent.clone()), (hostile.node(), 1), by, key).to_bytes();
        let (info, voters) = (info.clone(), policy.voters.clone());
        let value = fresh.come_back(np, info, approval, voters)?;
        assert_eq!(hostile.submit(&value)?, "MLS_RESYNC_NOT_APPROVED");
    }
    let asks = |compartment, epoch| hostile.log(&LogRequest::Resync { compartment, epoch, incarnation: 1 });
    assert_eq!(asks(np, epoch)?, LogAnswer::ResyncPending, "an operator decides");
    assert_eq!(asks(np, epoch + 1)?, LogAnswer::Refused("MLS_EPOCH_AHEAD".to_owned()));
    let unknown = CompartmentId::from_bytes([9; 16]);
    assert_eq!(asks(unknown, 0)?, LogAnswer::Refused("FED_NOT_MEMBER".to_owned()));
    Ok(())
}

/// Attack 2: another epoch, another history, another's ballot.
fn wrong_instances(scene: &Scene, np: CompartmentId) -> Result<()> {
    let hostile = &scene.hostile;
    let (epoch, parent, _) = hostile.member().stands(np)?;
    let reason = |epoch: u64, ballot, parent: &[u8]| {
        hostile.say(np, epoch, Body::Prepare { ballot, parent: parent.to_vec() })?;
        hostile.await_said("a refusal", |said| match said {
            Body::Nack { reason, .. } => Some(reason.clone()),
            _ => None,
        })
    };
    let ballot = hostile.ballot(1);
    assert_eq!(reason(epoch + 3, ballot, &parent)?, Reason::Behind { epoch });
    let fork = scene.counts("MLS_NOT_CERTIFIED", || reason(epoch, ballot, &[7; 32]))?;
    assert_eq!(fork, Reason::ParentMismatch);
    let foreign = Ballot { node: hostile.target, ..ballot };
    assert_eq!(reason(epoch, foreign, &parent)?, Reason::NotVoter);
    let unknown = CompartmentId::from_bytes([9; 16]);
    let prepare = Body::Prepare { ballot, parent };
    scene.counts("FED_NOT_MEMBER", || hostile.say(unknown, epoch, prepare))
}

/// Attacks 8 and 11: what it may not seal, as a member and after it was expelled.
#[test]
fn a_member_seals_nothing_above_and_an_expelled_one_nothing() -> Result<()> {
    let mut scene = Scene::set()?;
    let (member, np, dr) = scene.groups()?;
    let push = |at: CompartmentId, level: Level| {
        let envelope = member.seal(&member.next_in(at, 1, a_post(level))?)?;
        scene.hostile.push(&envelope)
    };
    assert_eq!(push(np, Level::DR)?.as_deref(), Some("FED_LABEL_EXCEEDS_CLEARANCE"));
    assert_eq!(push(dr, Level::NP)?.as_deref(), Some("FED_LABEL_EXCEEDS_CLEARANCE"));
    let channel = member.channel().context("the channel")?;
    assert_eq!(push(channel, Level::NP)?.as_deref(), Some("MLS_COMMIT_POLICY"), "a post in a channel");
    let late = member.seal(&member.next_in(np, 1, a_post(Level::NP))?)?;

    let path = format!("/api/v1/communities/{}/organisations/sante", scene.id);
    scene.garnier.delete(&path)?.expect_success()?;
    wait_until("sante is out", LATER, || {
        let seen = scene.garnier.get(&format!("/api/v1/communities/{}", scene.id))?.expect(200)?;
        let all = seen["organisations"].as_array().context("organisations")?;
        Ok(!all.iter().any(|one| one["node"] == "sante" && one["state"] != "former"))
    })?;
    assert_eq!(scene.hostile.push(&late)?.as_deref(), Some("FED_NOT_MEMBER"));
    scene.others_talk()?;
    scene.fixture.federation.stop("transports")?;
    let carrier = Hostile::polite(&scene.fixture, "transports", "mae")?;
    assert_eq!(carrier.push(&late)?.as_deref(), Some("MLS_REMOVED_SENDER"), "through another member");
    Ok(())
}
