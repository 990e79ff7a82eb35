//! The one suite of the handshake: what the cluster's peers agree on without talking about it.

use snow::params::{
    BaseChoice, CipherChoice, DHChoice, HandshakeChoice, HandshakeModifier, HandshakeModifierList,
    HandshakePattern, HashChoice, NoiseParams,
};
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};

const NAME: &str = "Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s";

/// What the name says. Taken apart by the library, it would bring the names of everything else.
pub(super) fn parameters() -> NoiseParams {
    let modifiers = HandshakeModifierList {
        list: vec![HandshakeModifier::Psk(0)],
    };
    let handshake = HandshakeChoice {
        pattern: HandshakePattern::NN,
        modifiers,
    };
    NoiseParams::new(
        NAME.to_owned(),
        BaseChoice::Noise,
        handshake,
        DHChoice::Curve25519,
        CipherChoice::ChaChaPoly,
        HashChoice::Blake2s,
    )
}

/// Has what the suite needs, and nothing else. The library's own resolver has all that its features
/// bring, so `BLAKE2b`, too, which is 24 KB on a processor with registers of 32 bits.
pub(super) struct Suite;

impl CryptoResolver for Suite {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        DefaultResolver.resolve_rng()
    }

    fn resolve_dh(&self, _: &DHChoice) -> Option<Box<dyn Dh>> {
        DefaultResolver.resolve_dh(&DHChoice::Curve25519)
    }

    fn resolve_hash(&self, _: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(&HashChoice::Blake2s)
    }

    fn resolve_cipher(&self, _: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(&CipherChoice::ChaChaPoly)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_are_what_the_name_says() {
        assert_eq!(NAME.parse().as_ref(), Ok(&parameters()));
    }
}
