//! Every page, at three widths, in both languages: axe-core finds nothing, nothing overflows, nothing
//! is fetched from anywhere else. With `VALISE_SCREENSHOTS` in the environment, a picture of each.

use super::driver::{DESKTOP, PHONE, Size, TABLET, browse};
use super::visitor::Visitor;
use anyhow::{Context, Result};
use fantoccini::Client;
use serde_json::{Value, json};
use std::path::PathBuf;
use testnet::cast;
use testnet::client::{IdText, label};
use testnet::wait::wait_until;
use tests::compose::{telegram, with};
use tests::fixture::{Fixture, SOON};
use tests::lists::total;

/// WCAG 2.2 AA, and what axe-core holds for good practice.
const RUN: &str = "const done = arguments[arguments.length - 1]; \
    axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }) \
    .then(found => done(found.violations.map(one => \
        `${one.id}: ${one.help}: ${one.nodes.map(node => node.target.join(' ')).join(' | ')}`)), \
        error => done([String(error)]))";

const OVERFLOW: &str = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";

const FOREIGN: &str = "return performance.getEntriesByType('resource').map(one => one.name) \
    .filter(name => !name.startsWith(location.origin) && !name.startsWith('data:'))";

#[test]
fn every_page_at_desk_width() -> Result<()> {
    every_page("desktop", DESKTOP)
}

#[test]
fn every_page_at_tablet_width() -> Result<()> {
    every_page("tablet", TABLET)
}

#[test]
fn every_page_at_phone_width() -> Result<()> {
    every_page("phone", PHONE)
}

fn every_page(device: &'static str, size: Size) -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let pages = furnished(&fixture)?;
    let two = Visitor::of(&fixture, "mae", "h.delorme")?;
    browse(size, move |page| async move {
        let mut faults = Vec::new();
        for language in ["fr", "en"] {
            for path in ["/login", "/register"] {
                two.speak(&page, path, language).await?;
                faults.extend(look(&page, &format!("{device}-{language}"), path).await?);
            }
        }
        two.sign_in(&page).await?;
        for language in ["fr", "en"] {
            two.speak(&page, "/", language).await?;
            for path in &pages {
                two.goto(&page, path).await?;
                faults.extend(look(&page, &format!("{device}-{language}"), path).await?);
            }
        }
        anyhow::ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
        Ok(())
    })
}

/// A node with something on every page; the addresses of the pages.
fn furnished(fixture: &Fixture) -> Result<Vec<String>> {
    let (conakry, two) = (fixture.drafter("conakry")?, fixture.client("mae", "h.delorme")?);
    let body = "Le préfet de Macenta a reçu ce matin notre conseiller.\n\nLe poste suit la situation et rendra compte.";
    let urgent = json!({ "action": "flash", "info": "routine" });
    let draft = telegram(
        "chancellerie@conakry",
        "cdc@mae",
        "DR",
        "Situation à Macenta et en Guinée forestière",
        body,
    );
    let id = conakry.draft(&with(draft, "precedence", urgent))?;
    conakry.release(&id, &fixture.drafter_password("conakry")?)?;
    wait_until("the telegram in the search", SOON, || Ok(total(&two, "q=Macenta")? == 1))?;
    let unfinished =
        two.draft(&telegram("cdc@mae", "chancellerie@conakry", "NP", "Réponse en préparation", "Texte."))?;
    let asked = json!({ "login": "v.adam", "name": "Véronique Adam", "group": "cdc@mae" });
    two.post("/api/v1/registrations", &asked)?.expect(201)?;
    let community = community(fixture)?;
    let fixed = [
        "/",
        "/compose",
        "/drafts",
        "/search",
        "/search?q=Macenta",
        "/search?q=introuvable",
        "/communities",
        "/communities/new",
        "/directory",
        "/registrations",
        "/federation",
        "/help",
        "/rien-de-tel",
    ];
    let made = [
        format!("/drafts/{unfinished}"),
        format!("/drafts/{unfinished}/release"),
        format!("/items/{id}"),
        format!("/?item={id}"),
        format!("/communities/{community}"),
    ];
    Ok(fixed.into_iter().map(str::to_owned).chain(made).collect())
}

fn community(fixture: &Fixture) -> Result<String> {
    let manager = fixture.client("mae", "p.garnier")?;
    let two = fixture.client("mae", "h.delorme")?;
    let charter = json!({
        "name": "Ebola – Afrique de l'Ouest", "project": "Coordonner la réponse.", "manager": manager.agent_id()?,
        "tags": ["ebola"], "ceiling": label("DR"), "organisations": ["conakry"],
    });
    let opened = manager.post("/api/v1/communities", &charter)?.expect(201)?;
    let id = opened.id_text()?;
    if opened["state"] == "awaiting-manager" {
        manager.post(&format!("/api/v1/communities/{id}/accept"), &json!({}))?.expect_success()?;
    }
    let admitted = json!({ "agent": two.agent_id()? });
    two.post(&format!("/api/v1/communities/{id}/agents"), &admitted)?.expect_success()?;
    let post = json!({ "label": label("DR"), "body": "La réunion de coordination se tient à 17 h 30." });
    manager.post(&format!("/api/v1/communities/{id}/posts"), &post)?.expect(201)?;
    Ok(id)
}

/// What is wrong with the page that is open.
async fn look(page: &Client, where_: &str, path: &str) -> Result<Vec<String>> {
    page.execute(&tests::tree::file("tests/vendor/axe-core/axe.min.js")?, vec![]).await?;
    let mut faults = texts(&page.execute_async(RUN, vec![]).await?);
    let over = page.execute(OVERFLOW, vec![]).await?.as_i64().unwrap_or(0);
    if over > 0 {
        faults.push(format!("{over} pixels too wide"));
    }
    let foreign = texts(&page.execute(FOREIGN, vec![]).await?);
    faults.extend(foreign.iter().map(|name| format!("fetches {name}")));
    if let Some(folder) = std::env::var_os("VALISE_SCREENSHOTS") {
        let name = path.replace(['/', '?', '='], "-");
        let file = PathBuf::from(folder).join(format!("{where_}{name}.png"));
        std::fs::write(&file, page.screenshot().await?)
            .with_context(|| format!("write {}", file.display()))?;
    }
    Ok(faults.into_iter().map(|fault| format!("{where_} {path}: {fault}")).collect())
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
