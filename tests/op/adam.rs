//! Adam on the GPU against the same updates on the host.

use burn::tensor::{Tensor, TensorData};
use moge::op::adam::{Constants, HostMoments, Pass, step_on_gpu};
use moge::random::Key;

use crate::{close, gpu, values};

#[test]
fn the_kernel_updates_as_the_host_does() {
    let constants = Constants {
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-3,
    };
    let (shape, mut stream) = ([7, 5], Key::new(61).stream());
    let mut normal = || (0..35).map(|_| stream.normal() as f32).collect::<Vec<_>>();
    let tensor = |x: &[f32]| Tensor::<2>::from_data(TensorData::new(x.to_vec(), shape), &gpu());
    let mut expected = normal();
    let first = tensor(&expected);
    let mut value = first.clone();
    let mut moments = [0, 1].map(|_| Tensor::<2>::zeros(shape, &gpu()));
    let mut host = HostMoments::default();
    let mut kept = Vec::new();
    for time in 1..=4 {
        let (gradient, rate) = (normal(), 0.1 / time as f64);
        host.update(&mut expected, &gradient, rate, constants);
        let pass = Pass::new(time, rate, constants);
        let [new, m, v] = step_on_gpu(value.clone(), tensor(&gradient), moments, pass);
        close("value", &values(new.clone()), &wide(&expected), 1e-6);
        close("first", &values(m.clone()), &wide(&host.first), 1e-6);
        close("second", &values(v.clone()), &wide(&host.second), 1e-6);
        kept.push(value);
        (value, moments) = (new, [m, v]);
    }
    // What somebody holds is not changed under their hands.
    let start = values(first);
    assert_eq!(values(kept[0].clone()), start);
    assert_ne!(values(value), start);
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}
