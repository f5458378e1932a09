//! Under one seed every system reads the same instances and neighbours.

use moge::graph::{Channels, Construction, Draw};
use moge::model::{Assembler, Batch, System};
use moge::op::form::Form;

use super::with;
use crate::case::Case;
use crate::common;

/// The batches of a system as a run assembles them.
fn batches(system: System, draws: &[Draw]) -> (Vec<Batch>, [bool; 3]) {
    let (data, channels) = common::toy(50, 70, 4);
    let mut config = with(system, |_| {});
    config.fan_out = vec![4, 2];
    let case = Case::on(config, (*data).clone(), Form::Own);
    assert_eq!(
        case.channels,
        Channels::build(&data, &Construction::default()).unwrap()
    );
    let m = &case.config.model;
    let sampling = system.sampling(m, &case.config.fan_out);
    let fields = case.model.embeddings()[0].fields();
    let mut assembler = Assembler::new(case.model.channels(), sampling, fields, 0.2);
    let picks: Vec<u32> = (0..40).map(|i| i * 61 % data.train.len() as u32).collect();
    let batch = |&draw: &Draw| assembler.instances(&data, &channels, &data.train, &picks, draw);
    (draws.iter().map(batch).collect(), case.model.channels())
}

/// The feature values of every pair's user and item.
fn features(batch: &Batch) -> Vec<u32> {
    let of = |fields: &[Vec<u32>], row: u32| -> Vec<u32> {
        fields.iter().map(|field| field[row as usize]).collect()
    };
    let pairs = batch.pair_user.iter().zip(&batch.pair_item);
    pairs
        .flat_map(|(&u, &i)| [of(&batch.user_fields, u), of(&batch.item_fields, i)].concat())
        .collect()
}

#[test]
fn systems_share_instances_and_neighbours() {
    let train = |step| Draw::Train { seed: 9, step };
    let draws = [train(0), train(1), train(57), Draw::Evaluate, Draw::Full];
    let (moge, all) = batches(System::Moge, &draws);
    assert_eq!(all, [true; 3]);
    for system in System::ALL {
        let (own, channels) = batches(system, &draws);
        assert_eq!(channels, system.channels(), "{system}");
        for (own, moge) in own.iter().zip(&moge) {
            assert_eq!(features(own), features(moge), "{system}");
            assert_eq!(own.labels, moge.labels, "{system}");
            assert_eq!(own.noise, moge.noise, "{system}");
            for (c, read) in channels.into_iter().enumerate() {
                let [own, moge] = [own, moge].map(|batch| batch.blocks[c].as_ref());
                assert_eq!(own.is_some(), read, "{system}");
                if let (Some(own), Some(moge)) = (own, moge) {
                    assert_eq!(own.block, moge.block, "{system}, channel {c}");
                }
            }
        }
    }
    // Unknown ids and neighbours change with the step.
    assert_ne!(features(&moge[0]), features(&moge[1]));
    assert_ne!(
        moge[0].blocks[0].as_ref().unwrap().block,
        moge[1].blocks[0].as_ref().unwrap().block
    );
}
