//! Attacks 1 and 9: a restored voter, and a peer that lets it back into another group than the decided one.

use super::scene::Scene;
use anyhow::Result;
use mls::Change;
use protocol::resync::Approval;
use serde_json::json;
use testnet::client::label;
use testnet::wait::wait_until;
use tests::fixture::LATER;

#[test]
fn a_restored_node_is_let_back_into_no_other_group_than_the_decided_one() -> Result<()> {
    let mut scene = Scene::set()?;
    let store = scene.fixture.federation.node("mae")?.dir.join("node.store");
    let old = scene.fixture.federation.dir.join("old.store");
    scene.fixture.federation.stop("mae")?;
    std::fs::copy(&store, &old)?;
    scene.fixture.federation.start("mae")?;
    scene.fixture.federation.kill("mae")?;
    std::fs::copy(&old, &store)?;

    // A group that nobody decided on: one epoch on from the present one, of the peer's own making.
    let (member, np, _) = scene.groups()?;
    let (epoch, parent, _) = member.stands(np)?;
    member.prepare(np, Change::default())?;
    let info = member.act(move |tx, groups| {
        groups.merge_own(tx, np)?;
        groups.group_info(tx, np)
    })?;
    let hostile = &scene.hostile;
    let approval = Approval::sign((np, epoch, parent), (hostile.target, 1), hostile.node(), hostile.key());
    hostile.grant(approval, info);
    scene.fixture.federation.start("mae")?;
    wait_until("the group is refused", LATER, || {
        Ok(scene.refused("MLS_COMMIT_POLICY").unwrap_or_default() > 0)
    })?;
    let garnier = scene.fixture.client("mae", "p.garnier")?;
    let posted = json!({ "label": label("NP"), "body": "Trop tôt." });
    let posted = garnier.post(&format!("/api/v1/communities/{}/posts", scene.id), &posted)?;
    assert_eq!(posted.code(), "NODE_RECOVERING", "it seals nothing");
    Ok(())
}
