//! What is looked up by name before there is a plan.

/// Names, each with the place of what it names in a list. In their order, since a tree or a table of hashes would be 2 KB
/// of a node: an instance has some dozens of names, or the columns of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Vec<(String, usize)>);

impl Names {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0
            .binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    pub(crate) fn place_of(&self, name: &str) -> Option<usize> {
        self.find(name).ok().map(|at| self.0[at].1)
    }

    /// Adds a name, or gives it another place. Returns the place that it had.
    #[inline(never)]
    pub(crate) fn insert(&mut self, name: String, place: usize) -> Option<usize> {
        match self.find(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, place)),
            Err(at) => {
                self.0.insert(at, (name, place));
                None
            }
        }
    }
}
