//! One running node: started, heard to be ready, stopped or killed.

use crate::guard::Guard;
use crate::valise::Valise;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A node that opens a large store in the dev profile on a busy machine still makes it.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// A clean stop writes what is open and closes its connections.
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// Where a node's standard error goes, in its folder.
pub const LOG: &str = "valise.log";

/// Whom to tell, and with which name, when a process ends.
pub type OnExit = Option<(Sender<String>, String)>;

/// A node's process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    lines: Receiver<String>,
    guard: Arc<Guard>,
    dir: PathBuf,
    ended: bool,
}

/// What a node says when it serves.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Portal and API.
    pub url: String,
    /// Metrics.
    pub metrics_url: String,
}

impl Process {
    /// Starts `valise run`; it is not ready yet.
    pub fn start(valise: &Valise, dir: &Path, guard: &Arc<Guard>, on_exit: OnExit) -> Result<Self> {
        let mut command = valise.command(["run", "--dir"]);
        command.arg(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log(dir)?);
        // A terminal's Ctrl-C goes to us alone: we stop the nodes, in order.
        command.process_group(0);
        let mut child = command.spawn().with_context(|| format!("start the node in {}", dir.display()))?;
        guard.watch(child.id());
        let stdout = child.stdout.take().context("the node's output is a pipe")?;
        let (sender, lines) = channel();
        std::thread::spawn(move || hear(stdout, &sender, on_exit));
        Ok(Self { child, lines, guard: Arc::clone(guard), dir: dir.to_owned(), ended: false })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it serves.
    pub fn ready(&self) -> Result<Ready> {
        loop {
            match self.lines.recv_timeout(READY_WITHIN) {
                Ok(line) => {
                    if let Some(json) = line.strip_prefix("ready ") {
                        return parse_ready(json);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("{} was not ready in time{}", self.name(), self.tail())
                }
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("{} ended before it was ready{}", self.name(), self.tail())
                }
            }
        }
    }

    /// Asks it to stop and waits; one that does not stop in time is killed, and that is an error.
    pub fn stop(mut self) -> Result<()> {
        terminate(self.pid())?;
        loop {
            match self.lines.recv_timeout(STOP_WITHIN) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.end()?;
                    bail!("{} did not stop within {} s and was killed", self.name(), STOP_WITHIN.as_secs());
                }
            }
        }
        let status = self.child.wait()?;
        self.guard.forget(self.pid());
        self.ended = true;
        if !status.success() {
            bail!("{} stopped with {status}{}", self.name(), self.tail());
        }
        Ok(())
    }

    /// SIGKILL, and waits until the kernel is done with it.
    pub fn kill(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        self.ended = true;
        let killed = self.child.kill().and_then(|()| self.child.wait());
        self.guard.forget(self.pid());
        killed.map(|_| ()).with_context(|| format!("kill {}", self.name()))
    }

    fn name(&self) -> String {
        format!("the node in {}", self.dir.display())
    }

    fn tail(&self) -> String {
        let log = std::fs::read_to_string(self.dir.join(LOG)).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(12)..].iter().map(|line| format!("\n  {line}")).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nobody is left to hear of it; the guard tries again when we end.
        let _ = self.end();
    }
}

fn log(dir: &Path) -> Result<File> {
    let path = dir.join(LOG);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("open {}", path.display()))
}

fn hear(stdout: ChildStdout, lines: &Sender<String>, on_exit: OnExit) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        // Nobody listens after the end of `Process`; the pipe is still drained.
        let _ = lines.send(line);
    }
    if let Some((sender, name)) = on_exit {
        let _ = sender.send(name);
    }
}

fn parse_ready(json: &str) -> Result<Ready> {
    let value: Value = serde_json::from_str(json).with_context(|| format!("read the ready line {json:?}"))?;
    let text = |key: &str| value[key].as_str().unwrap_or_default().trim_end_matches('/').to_owned();
    Ok(Ready { url: text("url"), metrics_url: text("metrics_url") })
}

/// SIGTERM. The standard library can only kill, so the shell's own `kill` sends it.
fn terminate(pid: u32) -> Result<()> {
    let status = Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status();
    status.map(|_| ()).context("run sh to stop a node")
}
