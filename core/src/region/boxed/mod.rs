//! Structures of boxes as regions, and back.
//!
//! Which node of a region a node of boxes is, only its user knows; two small traits say it, one for each direction. Neither walk
//! recurses, however long a list is.
//!
//! ```
//! use landbridge_core::region::{FromLinks, FromNode, Region, Shared, ToLinks, ToNode, Unboxable};
//! # use landbridge_core::KernelType;
//!
//! struct Tree {
//!     key: u32,
//!     names: Vec<u8>,
//!     left: Option<Box<Tree>>,
//!     right: Option<Box<Tree>>,
//! }
//!
//! #[derive(KernelType, Clone, Copy)]
//! # #[kernel_type(crate = landbridge_core)]
//! struct Node {
//!     key: u32,
//!     names: Shared<[u8]>,
//!     left: Option<Shared<Node>>,
//!     right: Option<Shared<Node>>,
//! }
//!
//! impl ToNode for Tree {
//!     type Node = Node;
//!     fn to_node<'a>(&'a self, links: &mut ToLinks<'a, '_>) -> Node {
//!         let (left, right) = (links.maybe(self.left.as_deref()), links.maybe(self.right.as_deref()));
//!         Node { key: self.key, names: links.slice(&self.names), left, right }
//!     }
//! }
//!
//! impl FromNode for Tree {
//!     type Node = Node;
//!     fn from_node(node: &Node, links: &mut FromLinks<'_>) -> Result<Tree, Unboxable> {
//!         let (left, right) = (links.maybe(node.left)?, links.maybe(node.right)?);
//!         Ok(Tree { key: node.key, names: links.slice(node.names)?.to_vec(), left, right })
//!     }
//! }
//!
//! let leaf = Tree { key: 1, names: b"leaf".to_vec(), left: None, right: None };
//! let tree = Tree { key: 2, names: vec![], left: Some(Box::new(leaf)), right: None };
//! let (region, root) = Region::from_boxed(&tree);
//! assert_eq!(region[region[root].left.unwrap()].key, 1);
//! let again: Tree = region.to_boxed(root)?;
//! assert_eq!(again.left.unwrap().names, b"leaf");
//! # Ok::<(), Unboxable>(())
//! ```

mod from;
mod to;

pub use from::{FromLinks, FromNode};
pub use to::{ToLinks, ToNode};

use super::BadHandle;

/// Why a region's nodes make no structure of boxes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unboxable {
    /// A handle leads to no node of its type.
    #[error(transparent)]
    Bad(#[from] BadHandle),
    /// A node leads back to itself, which boxes cannot.
    #[error("node #{number} leads back to itself: boxes cannot, so make it without that link, and add it as an index")]
    Cycle {
        /// The handle's number.
        number: u32,
    },
    /// Two boxes are to lead to one node.
    #[error(
        "two boxes are to lead to node #{number}, which has one owner only: make it an `Arc` (`FromLinks::shared`)"
    )]
    Shared {
        /// The handle's number.
        number: u32,
    },
    /// Nodes of one type are to become two types, or are of a type that is not supported.
    #[error("{0}")]
    Type(String),
}
