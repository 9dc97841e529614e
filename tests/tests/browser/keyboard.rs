//! The same without a mouse: Tab, Enter, and what one types.

use super::visitor::Visitor;
use anyhow::{Context, Result, bail};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::{Client, Locator};
use std::time::Duration;

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
/// More stops than any page has.
const STOPS_MAX: usize = 150;

/// Signs in.
pub(super) async fn sign_in(page: &Client, visitor: &Visitor) -> Result<()> {
    visitor.goto(page, "/login").await?;
    reach(page, "the name", "return document.activeElement.name === 'login'").await?;
    type_text(page, &visitor.login).await?;
    reach(page, "the password", "return document.activeElement.name === 'password'").await?;
    type_text(page, &visitor.password).await?;
    press(page, ENTER).await?;
    let signed_in = page.wait().at_most(Duration::from_secs(15));
    signed_in
        .for_element(Locator::Css("form[action='/logout']"))
        .await
        .context("sign in with the keyboard")?;
    Ok(())
}

/// Opens the line with this text.
pub(super) async fn open(page: &Client, text: &str) -> Result<()> {
    let script = format!(
        "const at = document.activeElement; return at.tagName === 'A' && \
         (at.closest('li, tr, article') || at).textContent.includes({text:?})"
    );
    reach(page, "the line", &script).await?;
    press(page, ENTER).await
}

/// Acknowledges the open paper.
pub(super) async fn acknowledge(page: &Client) -> Result<()> {
    let form = "form[action$='/acknowledge'] button";
    page.wait().at_most(Duration::from_secs(15)).for_element(Locator::Css(form)).await?;
    reach(page, "the button", &format!("return document.activeElement.matches({form:?})")).await?;
    press(page, ENTER).await
}

/// Presses Tab until the script says that the right thing has the focus; it must be visible there.
async fn reach(page: &Client, what: &str, script: &str) -> Result<()> {
    for _ in 0..STOPS_MAX {
        if page.execute(script, vec![]).await? == true {
            let seen = page.execute(VISIBLE, vec![]).await?;
            anyhow::ensure!(seen == true, "{what} has the focus and one does not see it");
            return Ok(());
        }
        press(page, TAB).await?;
    }
    bail!("{what} is not reached with Tab")
}

/// Within the window, on top, and with a ring.
const VISIBLE: &str = "const at = document.activeElement, box = at.getBoundingClientRect(), \
    style = getComputedStyle(at); \
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2); \
    const ringed = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || at.matches('input, textarea, select'); \
    return Boolean(top && (at === top || at.contains(top) || top.contains(at)) && ringed)";

async fn type_text(page: &Client, text: &str) -> Result<()> {
    for letter in text.chars() {
        press(page, letter).await?;
    }
    Ok(())
}

async fn press(page: &Client, key: char) -> Result<()> {
    let keys = KeyActions::new("keyboard".to_owned())
        .then(KeyAction::Down { value: key })
        .then(KeyAction::Up { value: key });
    Ok(page.perform_actions(keys).await?)
}
