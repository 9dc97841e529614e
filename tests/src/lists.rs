//! Whole answers: pages put together, and single values looked up in them.

use anyhow::{Context, Result};
use serde_json::Value;
use testnet::client::Client;

/// All lines of an agent's teleprinter, oldest first.
pub fn teleprinter(client: &Client) -> Result<Vec<Value>> {
    let mut lines = Vec::new();
    let mut after = "0".to_owned();
    loop {
        let page = client.get(&format!("/api/v1/teleprinter?limit=1000&after={after}"))?.expect(200)?;
        let items = page["items"].as_array().context("a page has items")?;
        let Some(last) = items.last() else { return Ok(lines) };
        after = last["cursor"].as_str().context("a line has a cursor")?.to_owned();
        lines.extend(items.iter().cloned());
    }
}

/// The ids of lines, in their order.
pub fn ids(lines: &[Value]) -> Vec<String> {
    lines.iter().filter_map(|line| line["id"].as_str()).map(str::to_owned).collect()
}

/// How many a search finds.
pub fn total(client: &Client, query: &str) -> Result<u64> {
    let found = client.get(&format!("/api/v1/search?{query}"))?.expect(200)?;
    found["total"].as_u64().context("a search has a total")
}

/// Where an addressee stands, as the sender sees it: `sent`, `delivered`, `displayed`, `acknowledged`.
pub fn delivery(sender: &Client, id: &str, address: &str) -> Result<String> {
    let item = sender.get(&format!("/api/v1/correspondence/{id}"))?.expect(200)?;
    let deliveries = item["deliveries"].as_array().context("an item has deliveries")?;
    let one = deliveries.iter().find(|one| one["address"] == address);
    let state = one.with_context(|| format!("{address} among {deliveries:?}"))?["state"].as_str();
    Ok(state.context("a delivery has a state")?.to_owned())
}
