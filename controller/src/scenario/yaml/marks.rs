//! Where everything in a YAML text stands and how it is written, from the marked parser.

use std::collections::BTreeMap;
use std::rc::Rc;

use libyaml_safer::{EventData, Parser, ScalarStyle};

use super::error::YamlError;
use super::fault;
use super::readable::Readable;
use crate::scenario::problems::{Position, shortened};

/// Most nodes (scalars, lists, mappings) of a scenario, with aliases written out.
const MAX_NODES: usize = 1_000_000;

/// Deepest nesting of lists and mappings, with aliases written out.
const MAX_DEPTH: usize = 64;

/// A node as it is written. Aliases share the node of their anchor.
#[derive(Debug)]
pub(super) struct Marked {
    pub(super) position: Position,
    /// The whole tag, such as `tag:yaml.org,2002:str` or `!mine`.
    pub(super) tag: Option<String>,
    pub(super) shape: Shape,
    /// Nodes in it, itself included, with aliases written out.
    nodes: usize,
    /// Levels of sequences and mappings in it, with aliases written out.
    depth: usize,
}

#[derive(Debug)]
pub(super) enum Shape {
    Scalar { raw: String, plain: bool },
    Sequence(Vec<Rc<Marked>>),
    Mapping(Vec<(Rc<Marked>, Rc<Marked>)>),
}

/// The marked tree of a text that holds one document; `None` where it holds nothing.
pub(super) fn mark(text: &str) -> Result<Option<Rc<Marked>>, YamlError> {
    fault::refuse_control_characters(text)?;
    let readable = Readable::of(text);
    let mut bytes = readable.text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    let mut builder = Builder::default();
    loop {
        let event = parser
            .parse()
            .map_err(|error| fault::explain(text, &error, &|mark| readable.place(mark)))?;
        if event.data == EventData::StreamEnd {
            return Ok(builder.root);
        }
        let position = readable.place(event.start_mark);
        builder.take(event.data, position)?;
    }
}

/// A sequence or mapping whose end has not been seen.
struct Open {
    position: Position,
    anchor: Option<String>,
    tag: Option<String>,
    is_mapping: bool,
    items: Vec<Rc<Marked>>,
}

/// Puts the events of the parser together.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<String, Rc<Marked>>,
    root: Option<Rc<Marked>>,
    documents: usize,
    nodes: usize,
}

impl Builder {
    fn take(&mut self, event: EventData, position: Position) -> Result<(), YamlError> {
        match event {
            EventData::DocumentStart {
                version_directive, ..
            } => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "a scenario file holds one YAML document; \
                                   a second one starts here";
                    return Err(YamlError::new("several_documents", position, message));
                }
                // The rules of YAML 1.1 give other values (`yes`, `010`).
                match version_directive {
                    Some(version) if (version.major, version.minor) != (1, 2) => {
                        let (major, minor) = (version.major, version.minor);
                        let message = format!(
                            "scenarios are YAML 1.2; remove the line '%YAML {major}.{minor}'"
                        );
                        Err(YamlError::new("unsupported_yaml", position, message))
                    }
                    _ => Ok(()),
                }
            }
            EventData::Scalar {
                anchor,
                tag,
                value,
                style,
                ..
            } => {
                let shape = Shape::Scalar {
                    raw: value,
                    plain: style == ScalarStyle::Plain,
                };
                self.finish(position, anchor, tag, shape)
            }
            EventData::SequenceStart { anchor, tag, .. } => {
                self.begin(position, anchor, tag, false)
            }
            EventData::MappingStart { anchor, tag, .. } => self.begin(position, anchor, tag, true),
            EventData::SequenceEnd | EventData::MappingEnd => {
                let Some(open) = self.open.pop() else {
                    return Ok(());
                };
                let shape = if open.is_mapping {
                    let mut items = open.items.into_iter();
                    let pairs = std::iter::from_fn(|| Some((items.next()?, items.next()?)));
                    Shape::Mapping(pairs.collect())
                } else {
                    Shape::Sequence(open.items)
                };
                self.finish(open.position, open.anchor, open.tag, shape)
            }
            EventData::Alias { anchor } => self.alias(&anchor, position),
            EventData::StreamStart { .. }
            | EventData::StreamEnd
            | EventData::DocumentEnd { .. } => Ok(()),
        }
    }

    fn alias(&mut self, name: &str, position: Position) -> Result<(), YamlError> {
        let is_open = |open: &Open| open.anchor.as_deref() == Some(name);
        let message = if self.open.iter().any(is_open) {
            "this alias stands inside its own anchor".to_owned()
        } else if let Some(node) = self.anchors.get(name).map(Rc::clone) {
            self.place(node);
            return Ok(());
        } else {
            let name = shortened(name);
            format!(
                "'*{name}' stands for what is marked with '&{name}' above, and nothing is; if it \
                 is a text, put it in quotes"
            )
        };
        Err(YamlError::new("invalid_alias", position, message))
    }

    fn begin(
        &mut self,
        position: Position,
        anchor: Option<String>,
        tag: Option<String>,
        is_mapping: bool,
    ) -> Result<(), YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(position));
        }
        self.open.push(Open {
            position,
            anchor,
            tag,
            is_mapping,
            items: Vec::new(),
        });
        Ok(())
    }

    fn finish(
        &mut self,
        position: Position,
        anchor: Option<String>,
        tag: Option<String>,
        shape: Shape,
    ) -> Result<(), YamlError> {
        let (nodes, depth) = extent(&shape);
        self.nodes += 1;
        if nodes > MAX_NODES || self.nodes > MAX_NODES {
            let message =
                format!("more than {MAX_NODES} values, with aliases written out; use fewer");
            return Err(YamlError::new("too_large", position, message));
        }
        if depth > MAX_DEPTH {
            return Err(too_deep(position));
        }
        let node = Rc::new(Marked {
            position,
            tag,
            shape,
            nodes,
            depth,
        });
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.place(node);
        Ok(())
    }

    fn place(&mut self, node: Rc<Marked>) {
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.root = Some(node),
        }
    }
}

fn too_deep(position: Position) -> YamlError {
    let message = format!("lists and mappings nest deeper than {MAX_DEPTH} levels here");
    YamlError::new("too_deep", position, message)
}

/// Nodes and levels, with aliases written out. Saturates, for a few aliases of aliases are enough
/// to exceed any number.
fn extent(shape: &Shape) -> (usize, usize) {
    let sum = |(nodes, depth): (usize, usize), child: &Rc<Marked>| {
        (
            nodes.saturating_add(child.nodes),
            depth.max(child.depth + 1),
        )
    };
    match shape {
        Shape::Scalar { .. } => (1, 0),
        Shape::Sequence(items) => items.iter().fold((1, 1), sum),
        Shape::Mapping(pairs) => pairs
            .iter()
            .flat_map(|(key, value)| [key, value])
            .fold((1, 1), sum),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (&'static str, usize, usize) {
        let error = mark(text).expect_err("refused");
        (error.code, error.position.line, error.position.column)
    }

    #[test]
    fn every_node_has_its_place() {
        let root = mark("a: 1\nb:\n  - x\n  - {c: 'q'}\n")
            .expect("valid")
            .expect("something");
        let Shape::Mapping(entries) = &root.shape else {
            panic!("a mapping");
        };
        let (key, value) = &entries[1];
        assert_eq!((key.position.line, key.position.column), (2, 1));
        let Shape::Sequence(items) = &value.shape else {
            panic!("a sequence");
        };
        assert_eq!((items[1].position.line, items[1].position.column), (4, 5));
        assert_eq!((root.nodes, root.depth), (9, 3));
    }

    #[test]
    fn a_tab_separates_as_well_as_a_blank() {
        let root = mark("a:\t5\nb:\n- x:\ty\t# z\n")
            .expect("valid")
            .expect("something");
        let Shape::Mapping(entries) = &root.shape else {
            panic!("a mapping");
        };
        assert_eq!(
            (entries[0].1.position.line, entries[0].1.position.column),
            (1, 4)
        );
    }

    #[test]
    fn what_is_no_yaml_is_refused_with_its_place() {
        assert_eq!(refused("a: 1\n  b: 2\n"), ("invalid_yaml", 2, 3));
        assert_eq!(refused("a: *nothing\n"), ("invalid_alias", 1, 4));
        assert_eq!(refused("a:\n\tb: 2\n").0, "invalid_yaml");
    }

    #[test]
    fn a_second_document_is_refused() {
        assert_eq!(refused("a: 1\n---\nb: 2\n"), ("several_documents", 2, 1));
    }

    #[test]
    fn the_rules_of_yaml_1_1_are_refused() {
        assert_eq!(
            refused("# x\n%YAML 1.1\n---\na: yes\n"),
            ("unsupported_yaml", 2, 1)
        );
        assert_eq!(refused("%YAML 2.0\n---\na: yes\n").0, "invalid_yaml");
        assert!(mark("%YAML 1.2\n---\na: yes\n").is_ok());
    }

    #[test]
    fn an_alias_inside_its_own_anchor_is_refused() {
        assert_eq!(refused("a: &a [*a]\n"), ("invalid_alias", 1, 8));
    }

    #[test]
    fn deep_nesting_is_refused_however_it_is_written() {
        assert_eq!(refused(&"[".repeat(100_000)).0, "too_deep");
        assert_eq!(refused(&"- ".repeat(100_000)).0, "too_deep");
        let link = |text: String, i: usize| text + &format!("- &a{i} [*a{}]\n", i - 1);
        let links = (1..100).fold("- &a0 x\n".to_owned(), link);
        assert_eq!(refused(&links).0, "too_deep");
    }

    #[test]
    fn a_few_aliases_that_stand_for_too_much_are_refused() {
        let tens = |i: usize| format!("a{i}: &a{i} [{}]\n", format!("*a{},", i - 1).repeat(10));
        let bomb: String = (1..30).map(tens).collect();
        assert_eq!(refused(&format!("a0: &a0 x\n{bomb}")).0, "too_large");
    }
}
