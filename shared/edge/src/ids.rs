//! The only source of randomness, for ids, secrets and jitter.

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

    /// A random token. It names the writer of a row or a claim, or makes a FIFO message unique.
    pub fn token(self) -> String {
        hex::encode(self.secret::<16>())
    }

    /// A random number, uniformly distributed in `0.0..1.0`.
    pub fn jitter(self) -> f64 {
        rand::rng().random()
    }
}
