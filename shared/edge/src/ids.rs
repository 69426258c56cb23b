//! Chance: entropy for ids, secrets and jitter. The only place that draws it.

use gancho_domain::common::ids::Entropy;
use rand::Rng;

/// A source of random bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ids;

impl Ids {
    /// Random bytes for one id.
    pub fn entropy(self) -> Entropy {
        rand::rng().random()
    }

    /// Random bytes for a secret.
    pub fn secret<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        rand::rng().fill(&mut bytes[..]);
        bytes
    }

    /// Evenly spread in `0.0..1.0`.
    pub fn jitter(self) -> f64 {
        rand::rng().random()
    }
}
