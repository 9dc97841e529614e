//! A community with a compromised ministry in it.

use super::super::membership::{await_word, post};
use anyhow::Result;
use protocol::ids::{AgentId, CompartmentId, ItemId};
use protocol::label::Level;
use protocol::message::{Payload, Post};
use protocol::signature::SecretKey;
use protocol::time::Timestamp;
use serde_json::json;
use testnet::cast;
use testnet::client::{Client, IdText, label};
use testnet::wait::wait_until;
use tests::fixture::{Fixture, LATER};
use tests::hostile::{Hostile, Member, id_of, refusals, secret};

/// mae and transports, real, and sante that means harm, in a community up to DR.
pub(super) struct Scene {
    pub(super) fixture: Fixture,
    pub(super) hostile: Hostile,
    pub(super) garnier: Client,
    pub(super) roux: Client,
    pub(super) id: String,
}

impl Scene {
    pub(super) fn set() -> Result<Self> {
        let cast = [cast::mae(), cast::sante(), cast::transports(), cast::ong()];
        let mut fixture = Fixture::create(&cast)?;
        fixture.federation.start("mae")?;
        fixture.federation.start("transports")?;
        let garnier = fixture.client("mae", "p.garnier")?;
        let charter = json!({
            "name": "Ebola",
            "project": "Coordonner la réponse",
            "manager": garnier.agent_id()?,
            "tags": ["ebola"],
            "ceiling": label("DR"),
            "organisations": ["transports"],
        });
        let id = garnier.post("/api/v1/communities", &charter)?.expect(201)?.id_text()?;
        let two = fixture.client("transports", "n.perrin")?;
        let roux = fixture.client("transports", "e.roux")?;
        let admitted = json!({ "agent": roux.agent_id()? });
        wait_until("the community at transports", LATER, || {
            Ok(two.post(&format!("/api/v1/communities/{id}/agents"), &admitted)?.code() != "NOT_FOUND")
        })?;
        let hostile = Hostile::in_channel(&fixture, "sante", "mae")?;
        let asked = json!({ "node": "sante" });
        garnier.post(&format!("/api/v1/communities/{id}/organisations"), &asked)?.expect_success()?;
        hostile.join_community()?;
        Ok(Self { fixture, hostile, garnier, roux, id })
    }

    pub(super) fn refused(&self, code: &str) -> Result<u64> {
        Ok(refusals(&self.fixture, "mae")?.get(code).copied().unwrap_or_default())
    }

    /// One more refusal by this code, within the act.
    pub(super) fn counts<T>(&self, code: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let before = self.refused(code)?;
        let done = act()?;
        assert_eq!(self.refused(code)?, before + 1, "{code}");
        Ok(done)
    }

    /// mae and transports go on, at both levels.
    pub(super) fn others_talk(&self) -> Result<()> {
        for level in ["NP", "DR"] {
            await_word(&self.roux, &post(&self.garnier, &self.id, level)?, "transports")?;
        }
        Ok(())
    }

    pub(super) fn keys(&self, node: &str, name: &str) -> Result<SecretKey> {
        secret(&self.fixture.federation.node(node)?.dir, name)
    }

    pub(super) fn key_package_of(&self, node: &str) -> Result<Vec<u8>> {
        Member::new(id_of(&self.keys(node, "identity")?), self.keys(node, "mls")?)?.key_package()
    }

    /// Its groups, and the community's two compartments.
    pub(super) fn groups(&self) -> Result<(&Member, CompartmentId, CompartmentId)> {
        let member = self.hostile.member();
        Ok((member, member.community(&Level::NP)?, member.community(&Level::DR)?))
    }
}

pub(super) fn a_post(level: Level) -> Payload {
    let post = Post {
        id: ItemId::from_bytes([0x42; 16]),
        author: "D. Petit".to_owned(),
        author_id: AgentId::from_bytes([4; 16]),
        at: Timestamp(1_795_444_205_000),
        label: level.label(),
        body: "Texte.".to_owned(),
        attachments: vec![],
    };
    Payload::Post { post: Box::new(post) }
}
