//! Index types: places in lists, each kind of which fits its own lists only.

use std::iter::Enumerate;
use std::marker::PhantomData;
use std::ops::{self, Range};
use std::slice;
use std::vec;

/// A place in a list of one kind of things.
pub trait Index: Copy {
    /// The index of a place. A place beyond what the type holds gives its largest index, at which no
    /// list has anything: lists have limits far below it.
    fn at(place: usize) -> Self;

    /// The place.
    fn place(self) -> usize;
}

/// Makes index types of numbers. They are on the wire as those are.
#[macro_export]
macro_rules! index_types {
    ($($(#[$doc:meta])* $visibility:vis $name:ident($number:ty);)+) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord,
            serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        $visibility struct $name(
            /// The place, counted from 0.
            pub $number,
        );

        impl $crate::index::Index for $name {
            #[inline]
            fn at(place: usize) -> Self {
                Self(<$number>::try_from(place).unwrap_or(<$number>::MAX))
            }

            #[inline]
            fn place(self) -> usize {
                self.0 as usize
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}
pub use index_types;

/// A list whose places have a type of their own.
///
/// ```
/// use shared::index::Table;
/// use shared::plan::SiteId;
///
/// let mut names: Table<SiteId, &str> = Table::default();
/// let controller = names.push("controller");
/// let node = names.push("node 1");
/// assert_eq!((controller, names[node]), (SiteId(0), "node 1"));
/// assert_eq!(names.get(SiteId(2)), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<I, T> {
    items: Vec<T>,
    index: PhantomData<I>,
}

impl<I, T> Default for Table<I, T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<I, T> From<Vec<T>> for Table<I, T> {
    fn from(items: Vec<T>) -> Self {
        let index = PhantomData;
        Self { items, index }
    }
}

impl<I: Index, T> Table<I, T> {
    /// Adds something at the end; returns its index.
    pub fn push(&mut self, item: T) -> I {
        self.items.push(item);
        I::at(self.items.len() - 1)
    }

    /// What is there, if anything is.
    #[inline]
    pub fn get(&self, index: I) -> Option<&T> {
        self.items.get(index.place())
    }

    /// What is there, to be changed.
    #[inline]
    pub fn get_mut(&mut self, index: I) -> Option<&mut T> {
        self.items.get_mut(index.place())
    }

    /// Two items, the second one to be changed; `None` where they are one, or are not there.
    #[inline]
    pub fn two(&mut self, one: I, other: I) -> Option<(&T, &mut T)> {
        let places = [one.place(), other.place()];
        let [one, other] = self.items.get_disjoint_mut(places).ok()?;
        Some((one, other))
    }

    /// The index behind the last one: that of the next item.
    #[inline]
    pub fn end(&self) -> I {
        I::at(self.items.len())
    }

    /// All indices, in order.
    pub fn ids(&self) -> impl Iterator<Item = I> + use<I, T> {
        (0..self.items.len()).map(I::at)
    }

    /// All items with their indices, in order.
    pub fn enumerate(&self) -> impl Iterator<Item = (I, &T)> {
        let numbered: Enumerate<_> = self.items.iter().enumerate();
        numbered.map(|(place, item)| (I::at(place), item))
    }
}

impl<I, T> Table<I, T> {
    /// The number of items.
    #[inline]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All items, in order.
    #[inline]
    pub fn iter(&self) -> slice::Iter<'_, T> {
        self.items.iter()
    }

    /// All items, to be changed, in order.
    #[inline]
    pub fn iter_mut(&mut self) -> slice::IterMut<'_, T> {
        self.items.iter_mut()
    }
}

impl<I: Index, T> ops::Index<I> for Table<I, T> {
    type Output = T;

    #[inline]
    fn index(&self, index: I) -> &T {
        &self.items[index.place()]
    }
}

impl<I: Index, T> ops::IndexMut<I> for Table<I, T> {
    #[inline]
    fn index_mut(&mut self, index: I) -> &mut T {
        &mut self.items[index.place()]
    }
}

impl<I: Index, T> ops::Index<&Range<I>> for Table<I, T> {
    type Output = [T];

    #[inline]
    fn index(&self, range: &Range<I>) -> &[T] {
        &self.items[range.start.place()..range.end.place()]
    }
}

impl<I: Index, T> ops::IndexMut<&Range<I>> for Table<I, T> {
    #[inline]
    fn index_mut(&mut self, range: &Range<I>) -> &mut [T] {
        &mut self.items[range.start.place()..range.end.place()]
    }
}

impl<I, T> FromIterator<T> for Table<I, T> {
    fn from_iter<A: IntoIterator<Item = T>>(items: A) -> Self {
        Vec::from_iter(items).into()
    }
}

impl<I, T> IntoIterator for Table<I, T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, I, T> IntoIterator for &'a Table<I, T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<'a, I, T> IntoIterator for &'a mut Table<I, T> {
    type Item = &'a mut T;
    type IntoIter = slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{ModelId, SiteId};

    #[test]
    fn an_index_is_on_the_wire_as_its_number() {
        let bytes = postcard::to_stdvec(&(ModelId(300), SiteId(7))).expect("serializes");
        assert_eq!(bytes, postcard::to_stdvec(&(300_u32, 7_u16)).expect("too"));
        let read: (ModelId, SiteId) = postcard::from_bytes(&bytes).expect("valid");
        assert_eq!(read, (ModelId(300), SiteId(7)));
    }

    #[test]
    fn a_place_that_no_index_holds_is_that_of_nothing() {
        let table: Table<SiteId, u8> = (0..9).collect();
        assert_eq!(table.get(SiteId::at(usize::MAX)), None);
        assert_eq!(table.get(SiteId::at(65_536)), None, "and not that of 0");
    }

    #[test]
    fn those_between_two_indices_are_a_slice() {
        let mut table: Table<SiteId, u8> = (0..9).collect();
        let two = table.two(SiteId(8), SiteId(0));
        assert_eq!(two.map(|(one, other)| (*one, *other)), Some((8, 0)));
        assert_eq!(table.two(SiteId(3), SiteId(3)), None, "they are one");
        assert_eq!(table.two(SiteId(3), SiteId(9)), None, "there is none");
        let middle = SiteId(2)..SiteId(4);
        table[&middle][1] = 77;
        assert_eq!(table[&middle], [2, 77]);
        assert_eq!((table.end(), table.ids().count()), (SiteId(9), 9));
    }
}
