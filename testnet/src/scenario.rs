//! The opening of *Ebola, 20 October*, played through the API like anybody would: six papers, an
//! acknowledgement, the community, its posts and a paper shared into it.

mod texts;

use crate::client::{Client, IdText, label};
use crate::federation::Federation;
use crate::manifest::Manifest;
use crate::wait::{wait_for, wait_until};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::time::Duration;
use texts::{ADMITTED, COMMUNITY, PAPERS, POSTS, PROJECT, Paper};

/// What five nodes in the dev profile on a busy machine still make.
const WITHIN: Duration = Duration::from_secs(60);
/// Its presence says that the opening was begun here: it is never played twice.
const BEGUN: &str = "opening.begun";

/// Plays the opening, unless this folder has seen it.
pub fn play_once(federation: &Federation) -> Result<bool> {
    let begun = federation.dir.join(BEGUN);
    if begun.exists() {
        return Ok(false);
    }
    OpenOptions::new().write(true).create_new(true).open(&begun).context("note that the opening begins")?;
    let mut stage = Stage { manifest: &federation.manifest, sessions: BTreeMap::new() };
    stage.await_directories()?;
    let ids = PAPERS.iter().map(|paper| stage.send(paper)).collect::<Result<Vec<String>>>()?;
    stage.acknowledge("mae", "y.benali", &ids[0])?;
    let community = stage.open_community()?;
    stage.admit(&community)?;
    for (node, login, level, body) in POSTS {
        stage.post(&community, (node, login), level, body)?;
    }
    stage.share(&community, ("sante", "s.laurent"), &ids[1])?;
    Ok(true)
}

/// Everybody who acts, signed in once.
struct Stage<'a> {
    manifest: &'a Manifest,
    sessions: BTreeMap<(String, String), Client>,
}

impl Stage<'_> {
    fn who(&mut self, node: &str, login: &str) -> Result<Client> {
        let key = (node.to_owned(), login.to_owned());
        if let Some(client) = self.sessions.get(&key) {
            return Ok(client.clone());
        }
        let entry = self.manifest.node(node)?;
        let client = Client::sign_in(&entry.url, login, &entry.login(login)?.password)?;
        self.sessions.insert(key, client.clone());
        Ok(client)
    }

    /// Addressees of other nodes can be named once the nodes have exchanged their directories.
    fn await_directories(&mut self) -> Result<()> {
        for paper in &PAPERS {
            let client = self.who(paper.author.0, paper.author.1)?;
            for address in paper.action.0.iter().chain(paper.info.0) {
                wait_until(&format!("{address} in the directory of {}", paper.author.0), WITHIN, || {
                    knows(&client, address)
                })?;
            }
        }
        Ok(())
    }

    fn send(&mut self, paper: &Paper) -> Result<String> {
        let (node, login) = paper.author;
        let client = self.who(node, login)?;
        let password = &self.manifest.node(node)?.login(login)?.password;
        let id = client.draft(&draft(paper)).with_context(|| format!("draft « {} »", paper.subject))?;
        client.release(&id, password).with_context(|| format!("release « {} »", paper.subject))?;
        Ok(id)
    }

    fn acknowledge(&mut self, node: &str, login: &str, id: &str) -> Result<()> {
        let client = self.who(node, login)?;
        let item = format!("/api/v1/correspondence/{id}");
        wait_until(
            &format!("the first telegram at {node}"),
            WITHIN,
            || Ok(client.get(&item)?.status == 200),
        )?;
        client.post(&format!("{item}/acknowledge"), &json!({}))?.expect_success()?;
        Ok(())
    }

    fn open_community(&mut self) -> Result<String> {
        let manager = self.who("mae", "p.garnier")?;
        let charter = json!({
            "name": COMMUNITY,
            "project": PROJECT,
            "manager": manager.agent_id()?,
            "tags": ["ebola", "sante", "cooperation"],
            "ceiling": label("DR"),
            "organisations": ["sante", "transports", "conakry", "ong"],
        });
        let opened =
            manager.post("/api/v1/communities", &charter)?.expect_success().context("open the community")?;
        let id = opened.id_text()?;
        if opened["state"] == "awaiting-manager" {
            manager.post(&format!("/api/v1/communities/{id}/accept"), &json!({}))?.expect_success()?;
        }
        wait_until("four organisations in the community", WITHIN, || {
            let seen = manager.get(&format!("/api/v1/communities/{id}"))?.expect(200)?;
            let organisations = seen["organisations"].as_array().cloned().unwrap_or_default();
            Ok(organisations.iter().filter(|one| one["state"] == "member").count() >= 4)
        })?;
        Ok(id)
    }

    /// Each node's number two admits its own agents.
    fn admit(&mut self, community: &str) -> Result<()> {
        for (node, login) in ADMITTED {
            let agent = self.who(node, login)?.agent_id()?;
            let two = self.manifest.node(node)?.account("number-two")?.login.clone();
            let two = self.who(node, &two)?;
            let path = format!("/api/v1/communities/{community}/agents");
            wait_for(&format!("the community at {node}"), WITHIN, || {
                let reply = two.post(&path, &json!({ "agent": agent }))?;
                if reply.code() == "NOT_FOUND" { Ok(None) } else { reply.expect_success().map(Some) }
            })?;
        }
        Ok(())
    }

    fn post(&mut self, community: &str, (node, login): (&str, &str), level: &str, body: &str) -> Result<()> {
        let client = self.who(node, login)?;
        let post = json!({ "label": label(level), "body": body });
        let path = format!("/api/v1/communities/{community}/posts");
        client.post(&path, &post)?.expect_success().with_context(|| format!("post as {login}@{node}"))?;
        Ok(())
    }

    fn share(&mut self, community: &str, (node, login): (&str, &str), id: &str) -> Result<()> {
        let client = self.who(node, login)?;
        let item = format!("/api/v1/correspondence/{id}");
        wait_until(&format!("a telegram at {node}"), WITHIN, || Ok(client.get(&item)?.status == 200))?;
        client.post(&format!("{item}/share"), &json!({ "community": community }))?.expect_success()?;
        Ok(())
    }
}

/// Whether the directory that this agent sees has the address.
pub fn knows(client: &Client, address: &str) -> Result<bool> {
    let handle = address.split('@').next().unwrap_or(address);
    let found = client.get(&format!("/api/v1/directory?q={handle}"))?.expect(200)?;
    let entries = found.as_array().or_else(|| found["entries"].as_array()).cloned().unwrap_or_default();
    Ok(entries.iter().any(|entry| entry["address"] == address))
}

fn draft(paper: &Paper) -> Value {
    json!({
        "kind": paper.kind,
        "from": paper.from,
        "action": paper.action.0,
        "info": paper.info.0,
        "precedence": { "action": paper.action.1, "info": paper.info.1 },
        "label": label(paper.level),
        "subject": paper.subject,
        "tags": paper.tags,
        "body": paper.body,
        "references": [],
    })
}
