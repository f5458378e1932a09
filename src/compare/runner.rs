//! Trains what is missing, several runs at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use pollster::block_on;

use super::population::Population;
use super::record::Finished;
use super::store::Store;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::train::run::Loaded;
use crate::train::{Config, Evaluation, Record, Run};

/// What a worker is doing.
pub enum Event<'a> {
    /// It begins a run.
    Started(&'a Config),
    /// So many steps of its run are done, and an evaluation where one was due.
    Step(u64, Option<&'a Evaluation>),
    /// The run is in the folder.
    Finished(&'a Finished),
}

/// The settings among `configs` whose run is not in the store yet, each once.
pub fn missing(store: &Store, configs: &[Config]) -> Vec<Config> {
    let mut missing: Vec<Config> = Vec::new();
    for config in configs {
        if store.find(config).is_none() && !missing.contains(config) {
            missing.push(config.clone());
        }
    }
    missing
}

/// Trains the runs that are not in the store yet, `jobs` at a time, each on one thread; `see` hears
/// from every worker by its number. What is finished stays, whatever happens to the others.
///
/// # Errors
///
/// The first error of a run; the other workers finish the run they are at.
pub fn train_missing(
    store: &Store,
    configs: &[Config],
    loaded: &Loaded,
    populations: &[Population; 2],
    jobs: usize,
    see: &(dyn Fn(usize, Event) + Sync),
) -> Result<()> {
    let missing = missing(store, configs);
    let (next, failure) = (AtomicUsize::new(0), Mutex::new(None::<Error>));
    let failed = || failure.lock().unwrap_or_else(PoisonError::into_inner);
    let work = |worker: usize| {
        while failed().is_none()
            && let Some(config) = missing.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let done = train(store, config, loaded, populations, &|event| {
                see(worker, event)
            });
            match done {
                Ok(finished) => see(worker, Event::Finished(&finished)),
                Err(error) => {
                    let run = store.name(config).unwrap_or_default();
                    failed().get_or_insert(error.in_file(run));
                }
            }
        }
    };
    thread::scope(|scope| {
        for worker in 0..jobs.clamp(1, missing.len().max(1)) {
            let work = &work;
            scope.spawn(move || work(worker));
        }
    });
    let failure = failed().take();
    failure.map_or(Ok(()), Err)
}

/// One run, from start to the folder.
fn train(
    store: &Store,
    config: &Config,
    loaded: &Loaded,
    populations: &[Population; 2],
    see: &dyn Fn(Event),
) -> Result<Arc<Finished>> {
    see(Event::Started(config));
    let engine = block_on(Engine::open(store.purpose().engine))?;
    let mut run = Run::new(config.clone(), engine, loaded.clone())?;
    let start = Instant::now();
    block_on(run.complete(|step, evaluation| see(Event::Step(step, evaluation))))?;
    let seconds = start.elapsed().as_secs_f64();
    let scored = block_on(run.score_test_fully())?;
    let finished = Finished::new(Record::of(&run, seconds), &scored.logits, populations)?;
    store.insert(finished, &scored.logits)
}
