//! The node's command line, as an operator would type it.

use crate::cast::{AgentSpec, GroupSpec, NodeSpec};
use crate::ports::NodePorts;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The binary, ready to be called.
#[derive(Debug, Clone)]
pub struct Valise {
    path: PathBuf,
}

impl Valise {
    /// The binary at `path`.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// A command with these arguments, not started.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.path);
        command.args(args);
        command
    }

    /// Runs to the end, whatever the exit code.
    pub fn output<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<Output> {
        self.command(args).output().with_context(|| format!("run {}", self.path.display()))
    }

    /// Makes the authority: its keys and an empty list.
    pub fn authority_init(&self, authority: &Path) -> Result<()> {
        self.done(self.command(["authority", "init", "--dir"]).arg(authority))
    }

    /// Makes a node's folder and its request for accreditation.
    pub fn init(&self, dir: &Path, spec: &NodeSpec, authority: &Path, ports: NodePorts) -> Result<()> {
        let mut command = self.command(["init", "--dir"]);
        command.arg(dir).args([
            "--name",
            spec.name,
            "--organisation",
            spec.organisation,
            "--kind",
            spec.kind,
        ]);
        command.arg("--authority").arg(authority.join("authority.cbor"));
        command.args(["--web", &format!("127.0.0.1:{}", ports.web)]);
        command.args(["--metrics", &format!("127.0.0.1:{}", ports.metrics)]);
        command.args(["--listen", &format!("/ip4/127.0.0.1/udp/{}/quic-v1", ports.peers)]);
        command.args(["--listen", &format!("/ip4/127.0.0.1/tcp/{}", ports.peers)]);
        if let Some(port) = ports.announced {
            command.args(["--address", &format!("/ip4/127.0.0.1/udp/{port}/quic-v1")]);
        }
        self.done(&mut command)
    }

    /// Puts the node on the list.
    pub fn accredit(&self, dir: &Path, spec: &NodeSpec, authority: &Path) -> Result<()> {
        let mut command = self.command(["authority", "accredit"]);
        command.arg(dir.join("request.cbor")).arg("--dir").arg(authority).args(["--ceiling", spec.ceiling]);
        if let Some(sponsor) = spec.sponsor {
            command.args(["--sponsor", sponsor, "--days", "30"]);
        }
        self.done(&mut command)
    }

    /// Takes the node in with the authority's invitation, made anew with the list of today.
    pub fn join(&self, dir: &Path, spec: &NodeSpec, authority: &Path) -> Result<()> {
        self.done(self.command(["authority", "invite", spec.name, "--dir"]).arg(authority))?;
        let invitation = authority.join(format!("{}.invitation", spec.name));
        self.done(self.command(["join".as_ref(), invitation.as_os_str(), "--dir".as_ref()]).arg(dir))
    }

    /// Adds a functional group to a stopped node.
    pub fn group_add(&self, dir: &Path, group: &GroupSpec) -> Result<()> {
        let mut command = self.command(["group", "add", "--dir"]);
        command.arg(dir).args(["--handle", group.handle, "--name", group.name, "--ceiling", group.ceiling]);
        if !group.tags.is_empty() {
            command.args(["--tags", group.tags]);
        }
        self.done(&mut command)
    }

    /// Adds an account to a stopped node.
    pub fn account_add(&self, dir: &Path, agent: &AgentSpec, password: &str) -> Result<()> {
        let mut command = self.command(["account", "add", "--dir"]);
        command.arg(dir).args(["--login", agent.login, "--name", agent.name, "--clearance", agent.clearance]);
        for group in agent.groups {
            command.args(["--group", group]);
        }
        match agent.role {
            "operator" => command.arg("--operator"),
            "manager" => command.arg("--manager"),
            _ => &mut command,
        };
        self.done(command.env("VALISE_PASSWORD", password))
    }

    fn done(&self, command: &mut Command) -> Result<()> {
        let output = command.output().with_context(|| format!("run {}", self.path.display()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let args: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
            bail!("valise {} failed ({}): {}", args.join(" "), output.status, said.trim());
        }
        Ok(())
    }
}
