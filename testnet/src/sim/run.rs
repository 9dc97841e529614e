//! One simulation from its first beat to its rest, and many side by side.

use super::oracle::Broken;
use super::plan::Plan;
use super::story::Community;
use super::world::{SECOND, Stop, Tally, World};
use anyhow::{Result, anyhow};
use protocol::label::Level;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a simulation ended.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What was simulated.
    pub plan: Plan,
    /// The invariant that did not hold.
    pub broken: Option<Broken>,
    /// What happened.
    pub tally: Tally,
    /// Equal for two runs in which the same things happened.
    pub trace: u64,
}

/// Runs one. An error is a failure of the simulator, and not of what it simulates.
pub fn run(plan: &Plan) -> Result<Verdict> {
    let planting = plan.flaw.map(super::plan::Bug::planting).unwrap_or_default();
    let faults = plan.faults;
    let mut world = World::new(plan.seed, plan.nodes, plan.is_real(), planting, faults)?;
    let ended = play(&mut world, plan);
    let (tally, trace) = (world.tally.clone(), world.trace());
    match ended {
        Ok(()) => Ok(Verdict { plan: *plan, broken: None, tally, trace }),
        Err(Stop::Broken(broken)) => Ok(Verdict { plan: *plan, broken: Some(broken), tally, trace }),
        Err(Stop::Failed(error)) => Err(anyhow!("{}: {error:#}", plan.replay())),
    }
}

fn play(world: &mut World, plan: &Plan) -> Result<(), Stop> {
    let mut communities = open(world, plan)?;
    for _ in 0..plan.beats {
        world.beat(&mut communities)?;
        let rest = world.chance.between(5, 120);
        world.run_until(world.now + rest * SECOND)?;
        if world.chance.happens(0.3) {
            let which = world.chance.below(communities.len() as u64) as usize;
            if let Some(community) = communities.get(which) {
                world.contact_all(community.id, 0.2)?;
            }
        }
    }
    world.calm(&communities)
}

/// Before the story: communities of three quarters of those who may be in, without faults.
fn open(world: &mut World, plan: &Plan) -> Result<Vec<Community>, Stop> {
    let faults = std::mem::replace(&mut world.faults, super::Faults::NONE);
    world.net.lossless = true;
    let mut communities = Vec::new();
    for count in 0..plan.communities {
        let level = if count % 2 == 0 { Level::NP } else { Level::DR };
        let federation = world.federation.clone();
        let cleared: Vec<usize> = federation.cleared(&level).map(super::people::number).collect();
        // The first three are ministries.
        let least = cleared.len().min(4);
        let members: Vec<usize> = cleared
            .iter()
            .enumerate()
            .filter(|(place, _)| *place < least || world.chance.happens(0.75))
            .map(|(_, at)| *at)
            .collect();
        communities.push(world.found(count, &level, &members)?);
        world.run_until(world.now + 60 * SECOND)?;
    }
    world.faults = faults;
    world.net.lossless = false;
    Ok(communities)
}

/// Runs these many seeds from the plan's on, on so many threads; `seen` is told of each verdict. Those whose
/// invariants broke, by seed.
pub fn run_all(
    plan: &Plan,
    seeds: u64,
    threads: usize,
    seen: impl Fn(&Verdict) + Sync,
) -> Result<Vec<Verdict>> {
    let next = AtomicU64::new(0);
    let broken = Mutex::new(Vec::new());
    let work = || -> Result<()> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= seeds {
                return Ok(());
            }
            let verdict = run(&Plan { seed: plan.seed.wrapping_add(at), ..*plan })?;
            seen(&verdict);
            if verdict.broken.is_some() {
                broken.lock().map_err(|_| anyhow!("a thread panicked"))?.push(verdict);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))?)
    })?;
    let mut broken = broken.into_inner().map_err(|_| anyhow!("a thread panicked"))?;
    broken.sort_by_key(|verdict| verdict.plan.seed);
    Ok(broken)
}
