//! One chromedriver and one browser for one test, gone with it.

use anyhow::{Context, Result, anyhow, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Width and height of a page.
pub(super) type Size = (u32, u32);

/// A desk.
pub(super) const DESKTOP: Size = (1440, 900);
/// A tablet, upright.
pub(super) const TABLET: Size = (820, 1180);
/// A phone.
pub(super) const PHONE: Size = (375, 812);

/// Below this a browser window cannot be made, and the page is laid out as on a device.
const WINDOW_WIDTH_MIN: u32 = 600;

/// Runs the test with a browser of this size; the browser is closed whatever becomes of the test.
pub(super) fn browse<F, Fut>(size: Size, test: F) -> Result<()>
where
    F: FnOnce(Client) -> Fut,
    Fut: Future<Output = Result<()>> + Send + 'static,
{
    let driver = Driver::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let client = connect(&driver, size).await?;
        let outcome = tokio::spawn(test(client.clone())).await;
        client.close().await?;
        outcome.map_err(|error| anyhow!("the test panicked: {error}"))?
    })
}

async fn connect(driver: &Driver, size: Size) -> Result<Client> {
    let capabilities: Value = json!({ "goog:chromeOptions": options(size) });
    let Value::Object(capabilities) = capabilities else { bail!("capabilities are an object") };
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    builder.connect(&format!("http://127.0.0.1:{}", driver.port)).await.context("start Chromium")
}

fn options((width, height): Size) -> Value {
    let mut options = json!({
        "args": [
            "--headless=new",
            // Containers and root have no user namespaces for its sandbox; it only sees our own pages.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--force-prefers-reduced-motion",
            format!("--window-size={width},{height}"),
        ],
        "prefs": { "intl.accept_languages": "fr" },
    });
    if width < WINDOW_WIDTH_MIN {
        options["mobileEmulation"] =
            json!({ "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1.0 } });
    }
    options
}

struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts it on a port of its choice, which it says.
    fn start() -> Result<Self> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("start chromedriver; tests/run installs it")?;
        let stdout = child.stdout.take().context("a pipe")?;
        let mut lines = BufReader::new(stdout).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
        });
        // What else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        match port {
            Some(port) => Ok(Self { child, port }),
            None => bail!("chromedriver did not say its port"),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It is idle: its browser was closed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
