//! The types that a process knows, and how they are shared.

use std::borrow::Cow;
use std::ops::Deref;
use std::slice;
use std::sync::Arc;

use super::{Builder, Input, ModelType};

/// A model type that is shared by all who need it: built in, described while the program runs, or that of an
/// instance with inputs of its own. Copies cost nothing.
#[derive(Clone, Debug)]
pub struct TypeRef(Held);

#[derive(Clone, Debug)]
enum Held {
    BuiltIn(&'static ModelType),
    #[cfg(feature = "described")]
    Described(Arc<ModelType>),
    Grown(Arc<Grown>),
}

/// The type of an instance with inputs of its own.
#[derive(Debug)]
struct Grown {
    declared: TypeRef,
    grown: ModelType,
}

impl TypeRef {
    /// Whether it is part of the program.
    pub fn is_built_in(&self) -> bool {
        matches!(self.builder, Builder::BuiltIn(_))
    }

    /// The type with more inputs, for one instance.
    #[cold]
    pub(super) fn with_inputs(&self, added: Vec<Input>) -> Self {
        let mut inputs = self.inputs.to_vec();
        inputs.extend(added);
        let mut grown = (**self).clone();
        grown.inputs = Cow::Owned(inputs);
        let declared = self.clone();
        Self(Held::Grown(Arc::new(Grown { declared, grown })))
    }

    /// The type as it is declared, without what an instance has added.
    pub fn declared(&self) -> &Self {
        match &self.0 {
            Held::BuiltIn(_) => self,
            #[cfg(feature = "described")]
            Held::Described(_) => self,
            Held::Grown(grown) => &grown.declared,
        }
    }
}

impl Deref for TypeRef {
    type Target = ModelType;

    fn deref(&self) -> &ModelType {
        match &self.0 {
            Held::BuiltIn(model_type) => model_type,
            #[cfg(feature = "described")]
            Held::Described(model_type) => model_type,
            Held::Grown(grown) => &grown.grown,
        }
    }
}

impl From<&'static ModelType> for TypeRef {
    fn from(model_type: &'static ModelType) -> Self {
        Self(Held::BuiltIn(model_type))
    }
}

#[cfg(feature = "described")]
impl From<ModelType> for TypeRef {
    fn from(model_type: ModelType) -> Self {
        Self(Held::Described(Arc::new(model_type)))
    }
}

/// The types that a process knows, in the order of the documentation: those that are built in, then those
/// that are described while it runs, in the order in which they were.
#[derive(Clone, Debug)]
pub struct Registry {
    built_in: &'static [&'static ModelType],
    #[cfg(feature = "described")]
    pub(super) described: Vec<TypeRef>,
}

impl Registry {
    /// These types, which are built in.
    pub const fn of(built_in: &'static [&'static ModelType]) -> Self {
        Self {
            built_in,
            #[cfg(feature = "described")]
            described: Vec::new(),
        }
    }

    /// The types, in the order of the documentation.
    #[cfg(feature = "described")]
    pub fn iter(&self) -> impl Iterator<Item = &ModelType> {
        let described = self.described.iter().map(|model_type| &**model_type);
        self.built_in.iter().copied().chain(described)
    }

    /// The types, in the order of the documentation.
    #[cfg(not(feature = "described"))]
    pub fn iter(&self) -> impl Iterator<Item = &ModelType> {
        self.built_in.iter().copied()
    }

    /// The names of the types, in the order of the documentation.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|model_type| &*model_type.name)
    }

    /// The type with this name.
    pub fn find(&self, name: &str) -> Option<TypeRef> {
        #[cfg(feature = "described")]
        if let Some(found) = self.described.iter().find(|known| known.name == name) {
            return Some(found.clone());
        }
        let mut built_in = self.built_in.iter();
        built_in
            .find(|known| known.name == name)
            .map(|found| TypeRef::from(*found))
    }

    /// The only type, where there is just one.
    pub fn single(&self) -> Option<&ModelType> {
        let mut types = self.iter();
        match (types.next(), types.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// The built-in type with this name alone.
    pub fn only(&self, name: &str) -> Option<Self> {
        let mut built_in = self.built_in.iter();
        let found = built_in.find(|known| known.name == name)?;
        Some(Self::of(slice::from_ref(found)))
    }
}
