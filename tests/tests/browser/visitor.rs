//! What somebody does with a page.

use anyhow::{Context, Result};
use fantoccini::{Client, Locator};
use std::time::Duration;
use tests::fixture::Fixture;

/// How long a page may take here.
pub(super) const SHOWN: Duration = Duration::from_secs(15);

/// An agent in front of a browser.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// The portal.
    pub(super) url: String,
    /// Sign-in name.
    pub(super) login: String,
    /// Password.
    pub(super) password: String,
}

impl Visitor {
    pub(super) fn of(fixture: &Fixture, node: &str, login: &str) -> Result<Self> {
        let node = fixture.federation.node(node)?;
        let account = node.login(login)?;
        Ok(Self { url: node.url.clone(), login: login.to_owned(), password: account.password.clone() })
    }

    pub(super) async fn goto(&self, page: &Client, path: &str) -> Result<()> {
        page.goto(&format!("{}{path}", self.url)).await.with_context(|| format!("open {path}"))
    }

    pub(super) async fn sign_in(&self, page: &Client) -> Result<()> {
        self.goto(page, "/login").await?;
        fill(page, &[("login", &self.login), ("password", &self.password)]).await?;
        press(page, "main form button[type=submit], main form button:not([type])").await?;
        await_signed_in(page).await
    }

    /// Chooses the language with the switch of the page at `path`.
    pub(super) async fn speak(&self, page: &Client, path: &str, language: &str) -> Result<()> {
        self.goto(page, path).await?;
        let html = page.find(Locator::Css("html")).await?;
        if html.attr("lang").await?.as_deref() != Some(language) {
            press(page, &format!("form[action='/language'] button[value={language}]")).await?;
            let wanted = format!("html[lang={language}]");
            page.wait().at_most(SHOWN).for_element(Locator::Css(&wanted)).await?;
        }
        Ok(())
    }
}

/// Types into fields, by name, over what stands there.
pub(super) async fn fill(page: &Client, fields: &[(&str, &str)]) -> Result<()> {
    for (name, text) in fields {
        let css = format!("main [name={name}]");
        let field = page.wait().at_most(SHOWN).for_element(Locator::Css(&css)).await?;
        field.clear().await?;
        field.send_keys(text).await.with_context(|| format!("type into {name}"))?;
    }
    Ok(())
}

/// Chooses a value of a select, or of a group of radio buttons.
pub(super) async fn choose(page: &Client, name: &str, value: &str) -> Result<()> {
    let select = page.find_all(Locator::Css(&format!("main select[name={name}]"))).await?;
    match select.first() {
        Some(select) => select.select_by_value(value).await?,
        None => page.find(Locator::Css(&format!("main [name={name}][value={value}]"))).await?.click().await?,
    }
    Ok(())
}

/// Presses the first button that fits.
pub(super) async fn press(page: &Client, css: &str) -> Result<()> {
    let button = page.wait().at_most(SHOWN).for_element(Locator::Css(css)).await;
    button.with_context(|| format!("find {css}"))?.click().await.with_context(|| format!("press {css}"))
}

/// Waits until the text stands on the page, without loading it again.
pub(super) async fn await_text(page: &Client, text: &str) -> Result<()> {
    let xpath = format!("//body//*[contains(normalize-space(.), \"{text}\")]");
    let found = page.wait().at_most(SHOWN).for_element(Locator::XPath(&xpath)).await;
    found.map(|_| ()).with_context(|| format!("{text:?} on the page"))
}

/// Waits until the address has this beginning of a path.
pub(super) async fn await_path(page: &Client, path: &str) -> Result<()> {
    let script = "const [path, done] = arguments; const started = performance.now(); (function look() { \
                  if (location.pathname.startsWith(path)) done(true); \
                  else if (performance.now() - started > 15000) done(location.pathname); \
                  else requestAnimationFrame(look); })();";
    // The look ends with the page that it runs in: the next page is asked anew.
    for _ in 0..3 {
        if let Ok(reached) = page.execute_async(script, vec![path.into()]).await
            && reached == true
        {
            return Ok(());
        }
    }
    anyhow::bail!("{path} was not reached: {}", page.current_url().await?)
}

async fn await_signed_in(page: &Client) -> Result<()> {
    let signed_in = page.wait().at_most(SHOWN).for_element(Locator::Css("form[action='/logout']")).await;
    signed_in.map(|_| ()).context("sign in")
}
