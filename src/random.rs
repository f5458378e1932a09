//! Counter-based randomness: a draw is a pure function of the words that name it.
//!
//! There is no hidden global generator. `Key::new(seed).with(step).with(channel)` names a place in a
//! run, and the stream that starts there is the same on every engine and in every order of
//! evaluation. The mixing function is SplitMix64's finaliser (Steele, Lea and Flood, 2014); this is
//! statistics, not cryptography.

/// The name of a place in a run: a seed and the words added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// The key of a seed.
    pub fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x4d6f_4745_2d52_4e47))
    }

    /// This key with one more word: `key.with(a).with(b)` differs from `key.with(b).with(a)`.
    #[must_use]
    pub fn with(self, word: u64) -> Self {
        Self(mix(self.0.wrapping_add(GOLDEN) ^ mix(word)))
    }

    /// The stream of numbers that starts here.
    pub fn stream(self) -> Stream {
        Stream(self.0)
    }
}

/// Numbers drawn in sequence from one key.
#[derive(Clone, Debug)]
pub struct Stream(u64);

impl Stream {
    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A whole number below `n`, which must not be 0 (Lemire's multiply-shift; bias below 2^-32 for
    /// every `n` that fits in 32 bits).
    pub fn below(&mut self, n: usize) -> usize {
        ((self.bits() as u128 * n as u128) >> 64) as usize
    }

    /// A number uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A standard normal number (Box and Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Puts a slice in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_their_order_matter() {
        let key = Key::new(1);
        assert_ne!(key.with(1).with(2), key.with(2).with(1));
        assert_ne!(key, Key::new(2));
        assert_eq!(
            key.with(7).stream().bits(),
            Key::new(1).with(7).stream().bits()
        );
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut stream = Key::new(3).stream();
        let n = 200_000;
        let (mut u, mut z, mut z2) = (0.0, 0.0, 0.0);
        let mut below = [0u32; 5];
        for _ in 0..n {
            u += stream.uniform();
            let x = stream.normal();
            z += x;
            z2 += x * x;
            below[stream.below(5)] += 1;
        }
        let n = n as f64;
        assert!((u / n - 0.5).abs() < 0.003);
        assert!((z / n).abs() < 0.01);
        assert!((z2 / n - 1.0).abs() < 0.015);
        assert!(below.iter().all(|&c| (c as f64 / n - 0.2).abs() < 0.004));
    }
}
