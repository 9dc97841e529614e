//! The portal in a real browser: Chromium without a window, driven by chromedriver.

mod accessible;
mod driver;
mod keyboard;
mod visitor;

use anyhow::{Context, Result};
use driver::{DESKTOP, browse};
use fantoccini::{Client, Locator};
use testnet::cast;
use testnet::wait::wait_until;
use tests::compose::{marker, telegram};
use tests::fixture::{Fixture, LATER, SOON};
use tests::lists::{delivery, total};
use visitor::Visitor;

#[test]
fn a_telegram_is_written_in_the_browser_and_arrives_on_an_open_page() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let reader = Visitor::of(&fixture, "mae", "y.benali")?;
    let writer = Visitor::of(&fixture, "conakry", "a.diallo")?;
    let subject = format!("Fermeture du marché {}", marker());
    let password = writer.password.clone();
    let shown = subject.clone();
    browse(DESKTOP, move |mae| async move {
        reader.sign_in(&mae).await?;
        mae.execute("window.untouched = true", vec![]).await?;
        browse_beside(move |conakry| async move {
            writer.sign_in(&conakry).await?;
            writer.goto(&conakry, "/compose").await?;
            visitor::fill(
                &conakry,
                &[("action", "cdc@mae"), ("subject", &subject), ("body", "Texte du télégramme.")],
            )
            .await?;
            visitor::choose(&conakry, "label", "DR").await?;
            visitor::press(&conakry, "button[name=step][value=release]").await?;
            conakry
                .wait()
                .for_element(Locator::Css("input[name=password]"))
                .await?
                .send_keys(&password)
                .await?;
            visitor::press(&conakry, "main form button[type=submit], main form button:not([type])").await?;
            visitor::await_path(&conakry, "/items/").await
        })
        .await?;
        visitor::await_text(&mae, &shown).await?;
        let untouched = mae.execute("return window.untouched === true", vec![]).await?;
        anyhow::ensure!(untouched == true, "the page was loaded again");
        Ok(())
    })
}

/// A second browser, while the first one waits.
async fn browse_beside<F, Fut>(test: F) -> Result<()>
where
    F: FnOnce(Client) -> Fut + Send + 'static,
    Fut: Future<Output = Result<()>> + Send + 'static,
{
    tokio::task::spawn_blocking(move || browse(DESKTOP, test)).await?
}

#[test]
fn a_form_with_a_fault_comes_back_with_what_was_typed() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let writer = Visitor::of(&fixture, "conakry", "a.diallo")?;
    browse(DESKTOP, move |page| async move {
        writer.sign_in(&page).await?;
        for (missing, typed) in [
            ("subject", [("action", "cdc@mae"), ("body", "Un texte que je ne veux pas retaper.")]),
            ("action", [("subject", "Sans destinataire"), ("body", "Un texte que je ne veux pas retaper.")]),
        ] {
            writer.goto(&page, "/compose").await?;
            visitor::fill(&page, &typed).await?;
            visitor::press(&page, "button[name=step][value=release]").await?;
            let asked = page.find_all(Locator::Css("input[name=password]")).await?;
            if let Some(field) = asked.first() {
                field.send_keys(&writer.password).await?;
                visitor::press(&page, "main form button[type=submit], main form button:not([type])").await?;
            }
            let fault = format!("[name={missing}][aria-invalid=true]");
            page.wait()
                .for_element(Locator::Css(&fault))
                .await
                .with_context(|| format!("{missing} is named"))?;
            let body = page.find(Locator::Css("[name=body]")).await?.prop("value").await?;
            anyhow::ensure!(body.as_deref() == Some(typed[1].1), "the text was kept: {body:?}");
        }
        Ok(())
    })
}

#[test]
fn what_is_searched_is_marked() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let word = marker();
    let conakry = fixture.drafter("conakry")?;
    let id = conakry.draft(&telegram("chancellerie@conakry", "cdc@mae", "DR", "À trouver", &word))?;
    conakry.release(&id, &fixture.drafter_password("conakry")?)?;
    let mae = fixture.drafter("mae")?;
    wait_until("the telegram in the search", SOON, || Ok(total(&mae, &format!("q={word}"))? == 1))?;
    let reader = Visitor::of(&fixture, "mae", "c.mercier")?;
    browse(DESKTOP, move |page| async move {
        reader.sign_in(&page).await?;
        reader.goto(&page, "/search").await?;
        page.find(Locator::Css("main [name=q]")).await?.send_keys(&format!("{word}\n")).await?;
        let mark = page.wait().for_element(Locator::Css("main mark")).await?;
        anyhow::ensure!(mark.text().await? == word);
        Ok(())
    })
}

#[test]
fn the_portal_speaks_french_and_english() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae()])?;
    let reader = Visitor::of(&fixture, "mae", "c.mercier")?;
    browse(DESKTOP, move |page| async move {
        reader.sign_in(&page).await?;
        for path in
            ["/", "/compose", "/drafts", "/search", "/communities", "/directory", "/federation", "/help"]
        {
            let mut headings = Vec::new();
            for language in ["fr", "en"] {
                reader.speak(&page, path, language).await?;
                let declared = page.find(Locator::Css("html")).await?.attr("lang").await?;
                anyhow::ensure!(declared.as_deref() == Some(language), "{path} says it is {declared:?}");
                headings.push(page.find(Locator::Css("main")).await?.text().await?);
            }
            anyhow::ensure!(headings[0] != headings[1], "{path} reads the same in both languages");
        }
        Ok(())
    })
}

#[test]
fn everything_works_without_a_mouse() -> Result<()> {
    let fixture = Fixture::start(&cast::pair())?;
    let conakry = fixture.drafter("conakry")?;
    let subject = format!("À acquitter {}", marker());
    let id = conakry.draft(&telegram("chancellerie@conakry", "cdc@mae", "DR", &subject, "Texte."))?;
    conakry.release(&id, &fixture.drafter_password("conakry")?)?;
    wait_until("the telegram at mae", LATER, || Ok(delivery(&conakry, &id, "cdc@mae")? != "sent"))?;
    let reader = Visitor::of(&fixture, "mae", "y.benali")?;
    browse(DESKTOP, move |page| async move {
        keyboard::sign_in(&page, &reader).await?;
        keyboard::open(&page, &subject).await?;
        keyboard::acknowledge(&page).await
    })?;
    wait_until("the acknowledgement at Conakry", SOON, || {
        Ok(delivery(&conakry, &id, "cdc@mae")? == "acknowledged")
    })
}
