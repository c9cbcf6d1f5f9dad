//! Programs as trees of text, in which declarations, uses, expressions and statements are known, so that they can be cut.

use std::rc::Rc;

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Text(Rc<str>),
    /// Declares a variable for the rest of the scope: its number and its name.
    Bind(usize, Rc<str>),
    Use(usize, Rc<str>),
    Group(Kind, Rc<Vec<Node>>),
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A value: its type, and the simplest value of that type.
    Value(Rc<str>, Rc<str>),
    /// May be left out.
    Statement,
    /// What is declared in it ends with it.
    Scope,
    Plain,
}

/// Replaces each `$` of the template by the next part.
///
/// # Panics
/// If there are more or fewer.
pub(crate) fn fill(template: &str, parts: Vec<Node>) -> Vec<Node> {
    let mut nodes = vec![];
    let mut parts = parts.into_iter();
    for (k, text) in template.split('$').enumerate() {
        if k > 0 {
            nodes.push(parts.next().unwrap_or_else(|| panic!("too few parts for {template}")));
        }
        if !text.is_empty() {
            nodes.push(Node::Text(text.into()));
        }
    }
    assert!(parts.next().is_none(), "too many parts for {template}");
    nodes
}

pub(crate) fn text(text: impl AsRef<str>) -> Node {
    Node::Text(text.as_ref().into())
}

pub(crate) fn plain(template: &str, parts: Vec<Node>) -> Node {
    Node::Group(Kind::Plain, Rc::new(fill(template, parts)))
}

pub(crate) fn statement(template: &str, parts: Vec<Node>) -> Node {
    Node::Group(Kind::Statement, Rc::new(fill(template, parts)))
}

pub(crate) fn scope(nodes: Vec<Node>) -> Node {
    Node::Group(Kind::Scope, Rc::new(nodes))
}

impl Node {
    pub(crate) fn print(&self, into: &mut String) {
        match self {
            Node::Text(text) | Node::Bind(_, text) | Node::Use(_, text) => into.push_str(text),
            Node::Group(_, nodes) => nodes.iter().for_each(|node| node.print(into)),
        }
    }

    pub(crate) fn source(&self) -> String {
        let mut text = String::new();
        self.print(&mut text);
        text
    }

    /// How many nodes there are.
    pub(crate) fn size(&self) -> usize {
        match self {
            Node::Group(_, nodes) => 1 + nodes.iter().map(Node::size).sum::<usize>(),
            _ => 1,
        }
    }

    /// Whether each use means the declaration that it was generated for.
    pub(crate) fn is_consistent(&self) -> bool {
        self.check(&mut vec![])
    }

    fn check(&self, names: &mut Vec<(usize, Rc<str>)>) -> bool {
        match self {
            Node::Text(_) => true,
            Node::Bind(id, name) => {
                names.push((*id, name.clone()));
                true
            }
            Node::Use(id, name) => names.iter().rev().find(|(_, n)| n == name).is_some_and(|(found, _)| found == id),
            Node::Group(kind, nodes) => {
                let before = names.len();
                // What a `let` declares is not there yet for its value.
                let declares = matches!(nodes.first(), Some(Node::Text(text)) if text.starts_with("let "));
                let early = |node: &&Node| declares && matches!(node, Node::Group(Kind::Value(..), _));
                let (values, others): (Vec<_>, Vec<_>) = nodes.iter().partition(early);
                let good = values.into_iter().chain(others).all(|node| node.check(names));
                if matches!(kind, Kind::Scope) {
                    names.truncate(before);
                }
                good
            }
        }
    }

    /// Smaller programs, those first from which most is gone.
    pub(crate) fn cuts(&self) -> Vec<Node> {
        let mut found = vec![];
        self.cut_into(&mut found);
        found.retain(|node| node.is_consistent());
        found.sort_by_key(Node::size);
        found
    }

    fn cut_into(&self, found: &mut Vec<Node>) {
        let Node::Group(kind, nodes) = self else { return };
        match kind {
            Kind::Statement => found.push(Node::Group(Kind::Plain, Rc::new(vec![]))),
            Kind::Value(ty, zero) => {
                // A value that is one token is as small as it gets.
                if nodes.len() > 1 || matches!(nodes.first(), Some(Node::Group(..))) {
                    let zero = Node::Group(kind.clone(), Rc::new(vec![Node::Text(zero.clone())]));
                    found.push(zero);
                    nodes.iter().for_each(|node| node.values_of(ty, found));
                }
            }
            Kind::Scope | Kind::Plain => {}
        }
        for (k, node) in nodes.iter().enumerate() {
            let mut smaller = vec![];
            node.cut_into(&mut smaller);
            found.extend(smaller.into_iter().map(|node| {
                let mut nodes = (**nodes).clone();
                nodes[k] = node;
                Node::Group(kind.clone(), Rc::new(nodes))
            }));
        }
    }

    /// The outermost values of that type.
    fn values_of(&self, wanted: &str, found: &mut Vec<Node>) {
        let Node::Group(kind, nodes) = self else { return };
        match kind {
            Kind::Value(ty, _) if **ty == *wanted => found.push(self.clone()),
            _ => nodes.iter().for_each(|node| node.values_of(wanted, found)),
        }
    }
}
