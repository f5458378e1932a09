//! A run that is taken up from its parameters, to score and to explain.

use moge::graph::Draw;
use moge::model::System;
use moge::train::checkpoint::Stored;
use moge::train::{Record, Run};
use pollster::block_on;

use crate::{close, engine, message, scores_of, small, toy, trained};

#[test]
fn an_opened_run_says_the_same_and_has_ended() {
    let mut run = trained(small(System::Moge), toy(50, 60, 4));
    block_on(run.evaluate()).unwrap();
    let pairs = [(1, 1), (3, 7), (0, 0)];
    let expected = scores_of(&mut run, &pairs, Draw::Evaluate).logits;
    let files = [block_on(run.model_file()), block_on(run.checkpoint())].map(Result::unwrap);
    for file in files {
        let stored = Stored::read(&file).unwrap();
        let mut opened = Run::open(&stored, engine(), run.loaded()).unwrap();
        let found = scores_of(&mut opened, &pairs, Draw::Evaluate).logits;
        close("logits", &found, &expected, 0.0);
        assert_eq!(opened.step_count(), 12);
        assert_eq!(opened.progress().evaluations, run.progress().evaluations);
        let refused = message(block_on(opened.train_step()));
        assert!(refused.contains("of step 12 were taken up"), "{refused}");
    }
}

#[test]
fn a_record_comes_back_as_it_was() {
    let mut run = trained(small(System::Moge), toy(50, 60, 4));
    block_on(run.evaluate()).unwrap();
    let record = Record::of(&run, 1.5);
    let again: Record = serde_json::from_str(&record.json().unwrap()).unwrap();
    assert_eq!(again, record);
    assert_eq!((again.steps, again.seconds), (12, 1.5));
    assert_eq!(again.evaluations, run.progress().evaluations);
}
