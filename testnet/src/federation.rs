//! A federation in a folder: made once, started as often as one likes.

use crate::cast::NodeSpec;
use crate::guard::Guard;
use crate::manifest::{Account, FILE, Manifest, NodeEntry};
use crate::password;
use crate::ports::NodePorts;
use crate::process::{OnExit, Process};
use crate::valise::Valise;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// The federation and its running nodes.
#[derive(Debug)]
pub struct Federation {
    /// Its folder.
    pub dir: PathBuf,
    /// What `testnet.json` says.
    pub manifest: Manifest,
    valise: Valise,
    running: BTreeMap<String, Process>,
    guard: Arc<Guard>,
    exits: Option<Sender<String>>,
}

impl Federation {
    /// Whether the folder holds a federation.
    pub fn exists(dir: &Path) -> bool {
        dir.join(FILE).is_file()
    }

    /// Makes the authority, the nodes, their groups and accounts; starts nothing.
    pub fn create(valise: Valise, dir: &Path, cast: &[NodeSpec], ports: &[NodePorts]) -> Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| format!("make {}", dir.display()))?;
        let dir = dir.canonicalize()?;
        let authority = dir.join("authority");
        if authority.exists() {
            bail!("{} holds a federation that was never finished: remove it first", dir.display());
        }
        valise.authority_init(&authority)?;
        for (spec, ports) in cast.iter().zip(ports) {
            let node = dir.join(spec.name);
            valise.init(&node, spec, &authority, *ports)?;
            valise.accredit(&node, spec, &authority)?;
        }
        let mut manifest = Manifest::default();
        for spec in cast {
            // Each with the list on which all stand.
            valise.join(&dir.join(spec.name), spec, &authority)?;
            manifest.nodes.push(entry(&dir, spec)?);
        }
        people(&valise, cast, &manifest)?;
        manifest.write(&dir)?;
        Self::with(valise, dir, manifest)
    }

    /// Opens one that was made before.
    pub fn open(valise: Valise, dir: &Path) -> Result<Self> {
        let dir = dir.canonicalize()?;
        let manifest = Manifest::read(&dir)?;
        Self::with(valise, dir, manifest)
    }

    fn with(valise: Valise, dir: PathBuf, manifest: Manifest) -> Result<Self> {
        let guard = Arc::new(Guard::start()?);
        Ok(Self { dir, manifest, valise, running: BTreeMap::new(), guard, exits: None })
    }

    /// Names of nodes whose process ends will be sent here, whoever ended them.
    pub fn tell_exits(&mut self, exits: Sender<String>) {
        self.exits = Some(exits);
    }

    /// The command line.
    pub fn valise(&self) -> &Valise {
        &self.valise
    }

    /// A node's entry.
    pub fn node(&self, name: &str) -> Result<&NodeEntry> {
        self.manifest.node(name)
    }

    /// Whether the node was started and neither stopped nor killed here.
    pub fn is_running(&self, name: &str) -> bool {
        self.running.contains_key(name)
    }

    /// Starts every node and waits until all serve.
    pub fn start_all(&mut self) -> Result<()> {
        let names: Vec<String> = self.manifest.nodes.iter().map(|node| node.name.clone()).collect();
        for name in &names {
            self.spawn(name)?;
        }
        for name in &names {
            self.await_ready(name)?;
        }
        self.manifest.write(&self.dir)
    }

    /// Starts one node and waits until it serves.
    pub fn start(&mut self, name: &str) -> Result<()> {
        self.spawn(name)?;
        self.await_ready(name)?;
        self.manifest.write(&self.dir)
    }

    /// Stops one node cleanly.
    pub fn stop(&mut self, name: &str) -> Result<()> {
        self.take(name)?.stop()
    }

    /// SIGKILL.
    pub fn kill(&mut self, name: &str) -> Result<()> {
        self.take(name)?.kill()
    }

    /// Takes a node off the list that died by itself.
    pub fn forget(&mut self, name: &str) {
        self.running.remove(name);
    }

    /// Stops what runs, all at once; the first failure is returned after all were tried.
    pub fn stop_all(&mut self) -> Result<()> {
        let running = std::mem::take(&mut self.running);
        let stopping: Vec<_> =
            running.into_values().map(|process| std::thread::spawn(move || process.stop())).collect();
        let mut outcome = Ok(());
        for thread in stopping {
            let stopped = thread.join().map_err(|_| anyhow::anyhow!("stopping a node panicked")).flatten();
            outcome = outcome.and(stopped);
        }
        for node in &mut self.manifest.nodes {
            node.pid = 0;
        }
        outcome.and(self.manifest.write(&self.dir))
    }

    fn spawn(&mut self, name: &str) -> Result<()> {
        if self.is_running(name) {
            bail!("{name} runs already");
        }
        let dir = self.node(name)?.dir.clone();
        let on_exit: OnExit = self.exits.clone().map(|exits| (exits, name.to_owned()));
        let process = Process::start(&self.valise, &dir, &self.guard, on_exit)?;
        self.running.insert(name.to_owned(), process);
        Ok(())
    }

    fn await_ready(&mut self, name: &str) -> Result<()> {
        let process = self.running.get(name).with_context(|| format!("{name} was not started"))?;
        let ready = process.ready()?;
        let pid = process.pid();
        let node = self.manifest.nodes.iter_mut().find(|node| node.name == name);
        let node = node.with_context(|| format!("no node {name}"))?;
        (node.url, node.metrics_url, node.pid) = (ready.url, ready.metrics_url, pid);
        Ok(())
    }

    fn take(&mut self, name: &str) -> Result<Process> {
        self.running.remove(name).with_context(|| format!("{name} does not run"))
    }
}

fn entry(dir: &Path, spec: &NodeSpec) -> Result<NodeEntry> {
    let address = |handle: &str| format!("{handle}@{}", spec.name);
    let account = |agent: &crate::cast::AgentSpec| -> Result<Account> {
        let groups = agent.groups.iter().filter_map(|group| group.split_once(':'));
        Ok(Account {
            login: agent.login.to_owned(),
            password: password::readable()?,
            role: agent.role.to_owned(),
            clearance: agent.clearance.to_owned(),
            name: agent.name.to_owned(),
            office: agent.office.to_owned(),
            groups: groups.map(|(handle, _)| address(handle)).collect(),
        })
    };
    Ok(NodeEntry {
        name: spec.name.to_owned(),
        organisation: spec.organisation.to_owned(),
        kind: spec.kind.to_owned(),
        url: String::new(),
        metrics_url: String::new(),
        dir: dir.join(spec.name),
        pid: 0,
        ceiling: spec.ceiling.to_owned(),
        groups: spec.groups.iter().map(|group| address(group.handle)).collect(),
        accounts: spec.agents.iter().map(account).collect::<Result<_>>()?,
    })
}

/// Groups and accounts; the nodes' stores are independent, so one thread each.
fn people(valise: &Valise, cast: &[NodeSpec], manifest: &Manifest) -> Result<()> {
    std::thread::scope(|scope| {
        let adding: Vec<_> = cast
            .iter()
            .zip(&manifest.nodes)
            .map(|(spec, node)| scope.spawn(move || people_of(valise, spec, node)))
            .collect();
        adding.into_iter().try_for_each(|thread| {
            thread.join().map_err(|_| anyhow::anyhow!("adding groups and accounts panicked"))?
        })
    })
}

fn people_of(valise: &Valise, spec: &NodeSpec, node: &NodeEntry) -> Result<()> {
    for group in &spec.groups {
        valise.group_add(&node.dir, group)?;
    }
    for (agent, account) in spec.agents.iter().zip(&node.accounts) {
        valise.account_add(&node.dir, agent, &account.password)?;
    }
    Ok(())
}
