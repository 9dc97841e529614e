//! The teleprinter's live stream (server-sent events), read on a thread of its own so that each event
//! carries the moment at which it came.

use crate::client::Client;
use anyhow::{Result, anyhow};
use serde_json::Value;
use std::io::BufRead;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// One line of the teleprinter as it fell.
#[derive(Debug, Clone)]
pub struct Fallen {
    /// When it was read here.
    pub at: Instant,
    /// The line.
    pub item: Value,
}

/// An open stream.
#[derive(Debug)]
pub struct Stream {
    fallen: Receiver<Fallen>,
}

impl Stream {
    /// Opens the teleprinter's stream after a cursor, or from now on.
    pub fn open(client: &Client, after: Option<&str>) -> Result<Self> {
        let path = match after {
            Some(cursor) => format!("/api/v1/teleprinter/stream?after={cursor}"),
            None => "/api/v1/teleprinter/stream".to_owned(),
        };
        let reader = client.apart().open_stream(&path)?;
        let (sender, fallen) = channel();
        std::thread::spawn(move || read(reader, &sender));
        Ok(Self { fallen })
    }

    /// The next line that fits, within the deadline; others are passed over.
    pub fn find(&self, what: &str, deadline: Duration, fits: impl Fn(&Value) -> bool) -> Result<Fallen> {
        let end = Instant::now() + deadline;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.fallen.recv_timeout(left) {
                Ok(fallen) if fits(&fallen.item) => return Ok(fallen),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(anyhow!("waited {:.1} s on the stream for {what}", deadline.as_secs_f64()));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(anyhow!("the stream ended before {what}")),
            }
        }
    }

    /// The next line, if one comes in time.
    pub fn next_within(&self, deadline: Duration) -> Option<Fallen> {
        self.fallen.recv_timeout(deadline).ok()
    }
}

fn read(reader: impl BufRead, sender: &Sender<Fallen>) {
    let mut data = String::new();
    for line in reader.lines().map_while(Result::ok) {
        if let Some(part) = line.strip_prefix("data:") {
            data.push_str(part.trim_start());
            data.push('\n');
        } else if line.is_empty() && !data.is_empty() {
            let at = Instant::now();
            if forward(&data, at, sender).is_err() {
                return;
            }
            data.clear();
        }
    }
}

/// An event holds one line, or a page of them.
fn forward(data: &str, at: Instant, sender: &Sender<Fallen>) -> Result<()> {
    let Ok(value) = serde_json::from_str::<Value>(data) else { return Ok(()) };
    let items = match value {
        Value::Object(mut page) if page.contains_key("items") => match page.remove("items") {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        },
        item => vec![item],
    };
    for item in items {
        sender.send(Fallen { at, item })?;
    }
    Ok(())
}
