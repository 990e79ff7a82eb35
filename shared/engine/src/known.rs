//! The places of things that are asked for by something else than their place.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use shared::index::Index;

/// The places of things of one kind, by a number or two that stand for each. With numbers for all kinds, their
/// maps share code, which is 1.5 KB for each kind of map.
#[derive(Debug)]
pub(super) struct Known<I> {
    places: BTreeMap<[usize; 2], usize>,
    kind: PhantomData<I>,
}

impl<I: Index> Known<I> {
    pub(super) fn nothing() -> Self {
        let (places, kind) = (BTreeMap::new(), PhantomData);
        Self { places, kind }
    }

    /// The place of what these numbers stand for; it is added where there is none yet.
    pub(super) fn find_or_add(&mut self, numbers: [usize; 2], add: impl FnOnce() -> I) -> I {
        if let Some(&place) = self.places.get(&numbers) {
            return I::at(place);
        }
        let added = add();
        self.places.insert(numbers, added.place());
        added
    }
}
