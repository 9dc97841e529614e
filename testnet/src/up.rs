//! `testnet up`: everything running until somebody says stop.

use crate::binary;
use crate::cast;
use crate::federation::Federation;
use crate::manifest::{FILE, Manifest};
use crate::ports;
use crate::scenario;
use crate::table;
use crate::valise::Valise;
use anyhow::{Context, Result};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use tokio::signal::unix::{SignalKind, signal};

enum Event {
    Signal,
    Ended(String),
}

/// Makes or opens the federation in `dir`, plays the opening if it is new, waits for a signal.
pub fn up(dir: &Path, base_port: Option<u16>, headless: bool) -> Result<()> {
    let (sender, events) = channel();
    // From the first moment on: a signal while nodes start must find somebody who stops them.
    on_signal(sender.clone())?;
    let mut federation = open_or_create(dir, base_port)?;
    let (exits, ended) = channel();
    federation.tell_exits(exits);
    std::thread::spawn(move || {
        for name in ended {
            if sender.send(Event::Ended(name)).is_err() {
                return;
            }
        }
    });
    federation.start_all()?;
    match scenario::play_once(&federation) {
        Ok(_) => {}
        Err(error) => eprintln!("testnet: the opening could not be played to its end: {error:#}"),
    }
    announce(&federation, headless);
    for event in events {
        match event {
            Event::Signal => break,
            Event::Ended(name) => {
                eprintln!("testnet: {name} has ended; its log is in its folder, the others go on");
                federation.forget(&name);
            }
        }
    }
    federation.stop_all()
}

fn open_or_create(dir: &Path, base_port: Option<u16>) -> Result<Federation> {
    let valise = Valise::new(binary::valise()?);
    if Federation::exists(dir) {
        if base_port.is_some() {
            eprintln!("testnet: {} exists and keeps its ports", dir.display());
        }
        return Federation::open(valise, dir);
    }
    let cast = cast::ebola();
    let ports = ports::in_a_row(base_port, u16::try_from(cast.len())?)?;
    Federation::create(valise, dir, &cast, &ports)
}

fn announce(federation: &Federation, headless: bool) {
    let path = federation.dir.join(FILE);
    if headless {
        println!("{}", path.display());
        return;
    }
    println!("{}\n\n{}\nCtrl-C stops.", sign_ins(&federation.manifest), path.display());
}

fn sign_ins(manifest: &Manifest) -> String {
    let rows: Vec<Vec<String>> = manifest
        .nodes
        .iter()
        .flat_map(|node| node.accounts.iter().map(move |account| (node, account)))
        .map(|(node, account)| {
            let organisation = format!("{} ({})", node.organisation, node.ceiling);
            let role = format!("{} · {}", account.role, account.office);
            vec![node.url.clone(), organisation, account.login.clone(), account.password.clone(), role]
        })
        .collect();
    table::columns(&["portal", "organisation", "login", "password", "role"], &rows)
}

/// Sends an event for the first SIGINT or SIGTERM; the second ends the process, and the guard the nodes.
fn on_signal(events: Sender<Event>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (interrupt, terminate) = {
        let _context = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let (mut interrupt, mut terminate) = (interrupt, terminate);
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            runtime.block_on(async {
                let mut first = true;
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                    }
                    if !first || events.send(Event::Signal).is_err() {
                        std::process::exit(130);
                    }
                    first = false;
                }
            });
        })
        .context("start a thread for signals")?;
    Ok(())
}
