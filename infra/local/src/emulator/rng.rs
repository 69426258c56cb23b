//! A seeded random source, for deliveries that repeat and shuffle: equal seeds give equal runs.

use std::sync::{Arc, Mutex, PoisonError};

/// Random numbers from a seed. Clones draw from the same sequence.
#[derive(Debug, Clone)]
pub struct Chance(Arc<Mutex<u64>>);

impl Chance {
    /// The sequence that begins at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    /// The next number (`SplitMix64`).
    pub fn draw(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0..below`; 0 when `below` is 0.
    pub fn below(&self, below: usize) -> usize {
        let below = u64::try_from(below).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.draw() % below).unwrap_or(0)
    }

    /// Shuffles `items`.
    pub fn shuffle<T>(&self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// The faults of deliveries. Real streams and queues repeat at any time, and queues have no order;
/// by default each delivery comes one time, in order.
#[derive(Debug, Clone)]
pub struct Misdelivery {
    /// Each batch is delivered this many times, at most.
    pub repeats: usize,
    /// Queues hand out messages in any order, in batches of any size.
    pub shuffle: bool,
    chance: Chance,
}

impl Misdelivery {
    /// Up to `repeats` (1 to 5) deliveries of each batch, and queues shuffled or not.
    pub fn new(seed: u64, repeats: usize, shuffle: bool) -> Self {
        Self { repeats: repeats.clamp(1, 5), shuffle, chance: Chance::new(seed) }
    }

    /// The number of deliveries of the next batch.
    pub fn times(&self) -> usize {
        if self.repeats == 1 { 1 } else { 1 + self.chance.below(self.repeats) }
    }

    /// The size of a batch of at most `most`.
    pub fn size(&self, most: usize) -> usize {
        if self.shuffle { 1 + self.chance.below(most) } else { most }
    }

    /// Shuffles messages if shuffling is on.
    pub fn order<T>(&self, items: &mut [T]) {
        if self.shuffle {
            self.chance.shuffle(items);
        }
    }
}

impl Default for Misdelivery {
    fn default() -> Self {
        Self::new(0, 1, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_runs() {
        let run = |seed| {
            let misdelivery = Misdelivery::new(seed, 5, true);
            let mut items: Vec<u32> = (0..20).collect();
            misdelivery.order(&mut items);
            (misdelivery.times(), items)
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }
}
