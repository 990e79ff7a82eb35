//! What a model keeps from one step to the next, as bytes: with them it can be had again somewhere else.

use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(feature = "saving")]
use crate::append::Append;

/// Takes the memory of a model out of it, or puts it back.
///
/// A model names what it keeps, one thing after the other, in [`Model::memory`](super::Model::memory). The same lines do both, so
/// what is taken out and what is put back cannot differ in kind or order.
#[derive(Debug)]
pub struct Memory<'a>(Way<'a>);

#[derive(Debug)]
enum Way<'a> {
    /// Out of the model, to the end of this. A node never does that.
    #[cfg(feature = "saving")]
    Save(&'a mut Vec<u8>),
    /// Into the model, from the beginning of this.
    Restore(&'a [u8]),
    /// What there was to be put back is none of this model's.
    Spoilt,
}

impl<'a> Memory<'a> {
    /// Takes memory out of a model, to the end of these bytes.
    #[cfg(feature = "saving")]
    pub fn save(bytes: &'a mut Vec<u8>) -> Self {
        Self(Way::Save(bytes))
    }

    /// Puts these bytes back into a model that has been built from the same entry.
    pub fn restore(bytes: &'a [u8]) -> Self {
        Self(Way::Restore(bytes))
    }

    /// One thing that the model keeps.
    ///
    /// # Panics
    /// Where it is something of many that does not know how many, which is seen by the first test that saves it.
    pub fn keep<T: Serialize + DeserializeOwned>(&mut self, thing: &mut T) {
        match &mut self.0 {
            #[cfg(feature = "saving")]
            Way::Save(bytes) => {
                postcard::serialize_with_flavor(thing, Append(bytes))
                    .expect("a vector grows, and what a model keeps knows its length");
            }
            Way::Restore(_) | Way::Spoilt => {
                if let Some(kept) = self.next() {
                    *thing = kept;
                }
            }
        }
    }

    /// One thing that the model does not keep as it is: what stands for it is made where memory is taken out, and
    /// comes back where it is put back.
    #[cfg_attr(
        not(feature = "saving"),
        expect(unused_variables, reason = "a node never saves")
    )]
    pub fn keep_made<T: Serialize + DeserializeOwned>(
        &mut self,
        make: impl FnOnce() -> T,
    ) -> Option<T> {
        match &mut self.0 {
            #[cfg(feature = "saving")]
            Way::Save(_) => {
                self.keep(&mut make());
                None
            }
            Way::Restore(_) | Way::Spoilt => self.next(),
        }
    }

    /// The next thing that is put back, if there is one.
    fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        let Way::Restore(bytes) = &mut self.0 else {
            return None;
        };
        if let Ok((kept, rest)) = postcard::take_from_bytes(bytes) {
            *bytes = rest;
            Some(kept)
        } else {
            self.0 = Way::Spoilt;
            None
        }
    }

    /// Whether memory is put back: what follows from it is to be made anew.
    pub fn is_restored(&self) -> bool {
        matches!(self.0, Way::Restore(_))
    }

    /// Takes note that what was put back cannot be.
    pub fn spoil(&mut self) {
        self.0 = Way::Spoilt;
    }

    /// Whether all of it was put back, and there was no more.
    pub fn is_whole(&self) -> bool {
        match self.0 {
            #[cfg(feature = "saving")]
            Way::Save(_) => true,
            Way::Restore(rest) => rest.is_empty(),
            Way::Spoilt => false,
        }
    }
}

#[cfg(all(test, feature = "saving"))]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn what_is_taken_out_can_be_put_back_and_nothing_else() {
        let mut bytes = Vec::new();
        let (mut soc, mut label) = (0.5, Value::text("charging"));
        let mut memory = Memory::save(&mut bytes);
        memory.keep(&mut soc);
        assert_eq!(memory.keep_made(|| 7_i64), None);
        memory.keep(&mut label);
        assert!(memory.is_whole() && !memory.is_restored());
        let put_back = |bytes: &[u8]| {
            let (mut soc, mut label) = (0.0, Value::Null);
            let mut memory = Memory::restore(bytes);
            memory.keep(&mut soc);
            let made = memory.keep_made(|| -> i64 { unreachable!("nothing is saved") });
            memory.keep(&mut label);
            memory.is_whole().then_some((soc, made, label))
        };
        assert_eq!(put_back(&bytes), Some((soc, Some(7), label)));
        for end in 0..bytes.len() {
            assert_eq!(put_back(&bytes[..end]), None);
        }
        bytes.push(0);
        assert_eq!(put_back(&bytes), None);
    }
}
