//! Seeded draws that are the same on every machine and with every version.
//!
//! A crate for random numbers may change its streams when it is updated, and with them every published interval; a generator
//! of five lines with published test vectors does not.

/// SplitMix64: Steele, Lea & Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A stream of its own for every seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number below `bound`; 0 where there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// A number in 0..1, never 0 itself.
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// A standard normal number: Marsaglia's polar method.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 {
                return x * (-2.0 * square.ln() / square).sqrt();
            }
        }
    }

    /// A gamma number of scale 1: Marsaglia & Tsang, *A simple method for generating gamma variables*, ACM TOMS 26 (2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            // G(a) = G(a + 1) · U^(1/a).
            let power = self.uniform().powf(1.0 / shape);
            return self.gamma(shape + 1.0) * power;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// A beta number.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (x, y) = (self.gamma(a), self.gamma(b));
        x / (x + y)
    }

    /// A share as it may well be, of which `part` of `part + rest` were seen: the mid-p confidence distribution, which is one of
    /// Clopper & Pearson's two limits, Beta(part, rest + 1) or Beta(part + 1, rest), with even odds. Where nothing was seen it is
    /// 0 in half of the draws.
    pub fn mid_p(&mut self, part: f64, rest: f64) -> f64 {
        let above = f64::from(u8::from(self.uniform() < 0.5));
        let (a, b) = (part + above, rest + 1.0 - above);
        match (a > 0.0, b > 0.0) {
            (false, _) => 0.0,
            (_, false) => 1.0,
            _ => self.beta(a, b),
        }
    }

    /// How many of `trials` succeed: by inversion where few do or few do not, else by the normal approximation, which is off by
    /// less than one there.
    pub fn binomial(&mut self, trials: u64, probability: f64) -> u64 {
        if probability > 0.5 {
            return trials - self.binomial(trials, 1.0 - probability);
        }
        let (n, mean) = (trials as f64, trials as f64 * probability);
        if mean <= 0.0 {
            return 0;
        }
        if mean > 50.0 {
            let drawn = mean + self.normal() * (mean * (1.0 - probability)).sqrt();
            return drawn.round().clamp(0.0, n) as u64;
        }
        // L. Devroye, *Non-Uniform Random Variate Generation*, 1986, X.4: waiting times between successes are geometric.
        let (mut hits, mut at) = (0, 0.0);
        let failure = (-probability).ln_1p();
        loop {
            at += (self.uniform().ln() / failure).floor() + 1.0;
            if at > n {
                return hits;
            }
            hits += 1;
        }
    }

    /// Puts the items in random order (Fisher & Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_stream_is_the_published_one() {
        // The first outputs for seed 1234567, as in the reference tests of the Rosetta Code task on SplitMix64.
        let mut random = Random::new(1_234_567);
        let drawn: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let mut random = Random::new(5);
        let mean = |draw: &mut dyn FnMut() -> f64| (0..40_000).map(|_| draw()).sum::<f64>() / 40_000.0;
        assert!(mean(&mut || random.normal()).abs() < 0.02);
        let mut random = Random::new(6);
        assert!((mean(&mut || random.normal().powi(2)) - 1.0).abs() < 0.03);
        for (a, b) in [(0.5, 0.5), (0.5, 160.5), (30.5, 10.5)] {
            let mut random = Random::new(7);
            let (first, variance) = (a / (a + b), a * b / ((a + b) * (a + b) * (a + b + 1.0)));
            assert!((mean(&mut || random.beta(a, b)) - first).abs() < 4.0 * (variance / 40_000.0).sqrt(), "{a} {b}");
        }
        for (trials, probability) in [(15, 0.1), (15, 0.97), (4_000, 0.004), (900, 0.3)] {
            let mut random = Random::new(8);
            let (n, p) = (trials as f64, probability);
            let found = mean(&mut || random.binomial(trials, probability) as f64);
            assert!(
                (found - n * p).abs() < 4.0 * (n * p * (1.0 - p) / 40_000.0).sqrt() + 1e-3,
                "{trials} {probability}"
            );
        }
        let mut items: Vec<u32> = (0..50).collect();
        random.shuffle(&mut items);
        assert!(items.iter().enumerate().any(|(place, item)| place as u32 != *item));
        items.sort_unstable();
        assert!(items.iter().enumerate().all(|(place, item)| place as u32 == *item));
        assert!(random.below(0) == 0 && (0..999).all(|_| random.below(3) < 3));
    }
}
