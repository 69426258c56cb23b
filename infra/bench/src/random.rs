//! A seeded random source, the same in every run (splitmix64).

/// A source of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// One of `all`.
    pub(crate) fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> Option<&'a T> {
        let place = usize::try_from(self.below(all.len() as u64)).ok()?;
        all.get(place).copied()
    }

    /// Bytes of an id.
    pub(crate) fn entropy(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        let numbers = [self.next().to_be_bytes(), self.next().to_be_bytes()];
        for (to, from) in bytes.iter_mut().zip(numbers.iter().flatten()) {
            *to = *from;
        }
        bytes
    }
}
