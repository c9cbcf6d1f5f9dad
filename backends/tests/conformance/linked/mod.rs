//! Ordinary linked data: lists, trees, graphs, tables of lists, and the arrays that nodes own.

mod arrays;
mod atomics;
mod graphs;
mod lists;
mod tables;
mod trees;

pub(crate) use arrays::{an_index_past_a_node_array, nodes_that_own_arrays, owned_slices_and_shared_nodes};
pub(crate) use atomics::{roots_counted, shared_atomics, tables_counted, words_counted};
pub(crate) use graphs::{graphs_that_borrow, nodes_that_borrow, shared_nodes};
pub(crate) use lists::{kept_roots, lists, plain_fields_of_own_nodes, plain_fields_written_back, roots, sums_of_lists};
pub(crate) use tables::{chained_buckets, tables_of_chains};
pub(crate) use trees::{explicit_stacks, lookups, trees, walks_with_a_stack};
