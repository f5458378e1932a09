//! What a folder of runs is for, and who may work in it.

use std::fs;

use moge::compare::Store;
use moge::compare::store::Purpose;
use moge::engine::EngineKind;
use moge::model::System;
use moge::train::Config;

use crate::{folder, origin};

#[test]
fn a_folder_serves_one_purpose_and_one_process() {
    let path = folder("purpose");
    let base = Config::default();
    let purpose = |base: &Config| Purpose::new(origin(), EngineKind::Flex, base).unwrap();
    let refusal = |purpose: Purpose| Store::open(&path, purpose).err().unwrap().to_string();
    let store = Store::open(&path, purpose(&base)).unwrap();
    assert!(refusal(purpose(&base)).contains("another moge works in this folder"));
    drop(store);
    let other = |change: fn(&mut Config)| {
        let mut config = base.clone();
        change(&mut config);
        purpose(&config)
    };
    let message = refusal(other(|c| c.steps = 5));
    assert!(
        message.contains("made for steps = 1200, not 5"),
        "{message}"
    );
    let mut dataset = purpose(&base);
    dataset.dataset.fingerprint = "f".repeat(64);
    let message = refusal(dataset);
    let expected = "made for the dataset \"toy\" (0123456789ab), not \"toy\" (ffffffffffff)";
    assert!(message.contains(expected), "{message}");
    let mut engine = purpose(&base);
    engine.engine = EngineKind::Ndarray;
    assert!(refusal(engine).contains("made for the flex engine, not ndarray"));
    // Seed, system and learning rate are the runs' own.
    let own = other(|c| (c.seed, c.learning_rate, c.model.system) = (9, 0.5, System::Mlp));
    assert!(Store::open(&path, own).is_ok());
    fs::write(path.join("settings.json"), "{}").unwrap();
    assert!(refusal(purpose(&base)).contains("settings.json: missing field"));
}
