//! Deterministic pseudo-random numbers: the same seed gives the same points on every machine.
//!
//! In: a seed. Out: [`Random`], SplitMix64 (Steele, Lea, Flood 2014), whose finaliser [`mix`] is also the
//! hash behind uninterpreted and abstract functions.

/// The finaliser of SplitMix64: a bijection of 64-bit words without visible structure.
pub(super) fn mix(word: u64) -> u64 {
    let z = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hash of a text.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(mix(text.len() as u64), |h, b| mix(h ^ u64::from(b)))
}

/// A generator.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Seeds with two words.
    pub(crate) fn new(seed: u64, stream: u64) -> Random {
        Random(mix(seed ^ mix(stream)))
    }

    /// The next 64 bits.
    pub(crate) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Uniform in `low..high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        let unit = (self.word() >> 11) as f64 / (1u64 << 53) as f64;
        low + (high - low) * unit
    }

    /// Uniform in `0..n`; 0 where n is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.word() % n as u64) as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_decide_and_differ() {
        let draw = |seed| Random::new(seed, 0).between(-1.0, 1.0);
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!((0..1000).map(draw).all(|x| (-1.0..1.0).contains(&x)));
    }
}
