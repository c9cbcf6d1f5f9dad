//! The cases by family, and the devices that they are stamped out for.

mod aggregates;
pub(crate) mod answer;
mod callables;
mod chars;
mod comparisons;
mod control;
mod devices;
mod enums;
mod floats;
#[cfg(all(feature = "numa", target_os = "linux"))]
#[path = "../forced/mod.rs"]
mod forced;
mod functions;
mod groups;
mod integers;
mod interpreter;
mod items;
mod kept;
mod linked;
mod made;
mod memory;
mod messages;
mod methods;
mod nodes;
mod numeric;
mod panics;
mod patterns;
mod plain;
mod primitives;
mod programs;
mod range_values;
mod regions;
mod results;
mod traits;
mod walks;

use answer::Answer;
use landbridge::{Device, Result};
use methods::{
    chains, choices, edges, fallible, floats as float_methods, integers as integer_methods, nested, options, orderings,
    slices,
};

/// A case of the suite.
type Case = fn(&Device) -> Result<Answer>;

/// Stamps out one test for each case and kind of device.
macro_rules! conformance {
    ($($family:ident: $($case:ident)*;)*) => {
        mod host {
            $($(#[test] fn $case() { super::devices::on_host(stringify!($case), super::$family::$case); })*)*
        }
        mod interpreted {
            $($(#[test] fn $case() { super::devices::interpreted(stringify!($case), super::$family::$case); })*)*
        }
        #[cfg(all(feature = "numa", target_os = "linux"))]
        mod node {
            $($(#[test] fn $case() { super::devices::on_nodes(stringify!($case), super::$family::$case); })*)*
        }
        #[cfg(feature = "wgpu")]
        mod wgpu {
            $($(#[test] fn $case() { super::devices::on_adapters(stringify!($case), super::$family::$case); })*)*
        }
        #[cfg(all(feature = "cuda", target_os = "linux"))]
        mod cuda {
            $($(#[test] fn $case() { super::devices::on_cards(stringify!($case), super::$family::$case); })*)*
        }
    };
}

conformance! {
    patterns: arrays_taken_apart slices_taken_apart rests_of_slices alternatives_that_bind tuples_around_a_rest destructuring_assignments parameters_that_are_patterns
        alternatives_under_guards;
    range_values: ranges_as_values parts_by_ranges loops_over_range_values;
    chars: ascii chars ranges_of_chars byte_strings;
    items: items_inside_kernels kernels_by_macros own_macros;
    made: slices_as_arrays derived_defaults sums_of_structs items_in_places;
    kept: options_in_slices options_of_few_values options_in_structs options_returned results_in_memory options_of_64_bits;
    integers: arithmetic_i8 arithmetic_i16 arithmetic_i32 arithmetic_i64 arithmetic_u8 arithmetic_u16 arithmetic_u32
        arithmetic_u64 arithmetic_usize comparisons casts_between_integers logic_of_bool methods_u32 methods_i32 literals
        shifts widened;
    floats: arithmetic_f32 arithmetic_f64 comparisons_with_nan casts_of_floats rounding_f32 rounding_f64 elementary_f32
        elementary_f64 bits_of_floats no_contraction remainders_of_floats;
    aggregates: arrays tuples structs_nested_and_padded structs_generic arrays_of_structs struct_of_small_fields;
    enums: enums_as_items enums_as_values nodes_of_several_kinds;
    comparisons: slices tuples_and_arrays long_arrays users_equality;
    control: branches_as_values matches loops_and_labels ranges_without_an_end ranges early_returns patterns shadowing_and_blocks
        closures far_ends_of_loops;
    functions: helpers generic_kernels const_generics user_methods user_operators user_traits numeric_traits constants
        captured_closures kernels_inside_functions early_returns_of_helpers;
    callables: closures_as_parameters integrals_of_closures closures_that_move closures_left_early closures_inside_each
        functions_of_eighteen_parameters;
    traits: conversions_that_may_fail constants_and_default_methods methods_with_type_parameters all_users_operators users_index
        conversions_and_defaults;
    groups: sums_of_groups scans_of_groups bitonic_sorts histograms_of_groups products_by_tiles groups_by_number
        bytes_of_groups panics_in_phases;
    memory: whole_slices atomics_histogram atomics_operations atomics_of_64_bits atomics_exchanged exchanges_of_64_bits
        chunks rows_of_a_matrix planes volumes sixteen_parameters
        no_items one_item unaligned_slices indices_alone many_items places swaps
        overlapping_reads neighbouring_writes large_unaligned_slices arrays_of_references;
    linked: lists lookups walks_with_a_stack nodes_that_own_arrays an_index_past_a_node_array shared_nodes tables_of_chains
        plain_fields_written_back sums_of_lists roots kept_roots trees explicit_stacks owned_slices_and_shared_nodes
        graphs_that_borrow nodes_that_borrow chained_buckets plain_fields_of_own_nodes words_counted tables_counted roots_counted
        shared_atomics;
    regions: rings trees_as_items large_nodes_and_slices nodes_with_atomics slices_item_by_item
        nodes_item_by_item;
    walks: sums_and_positions_in_lists lookups_and_ranges_in_maps probes_of_hash_tables nearest_points
        ranks_by_pointer_jumping first_hits_of_rays what_lies_in_boxes pulls_of_bodies;
    nodes: distances_to_the_end trees_by_node empty_structures structures_of_several_types nodes_in_two_structures
        scaled_lists trees_by_their_own_nodes views_of_odd_nodes plain_data_by_itself two_structures_at_once
        own_nodes_after_a_panic;
    primitives: folds scans segments sorted_numbers sorted_pairs chosen_and_runs gathered_and_scattered random_words;
    numeric: matrices stencils sparse_products graph_levels counted_numbers prices_of_options two_bodies;
    results: collected reduced collected_structs collected_nothing bools_collected;
    programs: black_scholes game_of_life hashes monte_carlo collatz_steps binary_search matrix_products sorted_rows
        blurred_rows complex_numbers surveys averages_in_three_dimensions
        quotients_by_constants closures_with_places;
    integer_methods: both_i8 both_i16 both_i32 both_i64 both_u8 both_u16 both_u32 both_u64 both_usize signed_i8 signed_i16
        signed_i32 signed_i64 unsigned_u8 unsigned_u16 unsigned_u32 unsigned_u64;
    float_methods: exact_f32 exact_f64 inverse_hyperbolics ends_of_domains composed_of_simple logarithms constants_of_floats;
    edges: panics_of_integers integers_next_to_panics floats_of_32_bits floats_of_64_bits empty_slices;
    slices: sorted_in_place elements changes_of_elements mapped_arrays slices_in_parts searches_in_slices elements_moved;
    chains: loops_over_chains sums_and_folds searches pieces order_of_evaluation reversed empty_and_short;
    choices: chosen_items chains_compared chains_over_ranges ranges_stepped_down;
    nested: chains_taken_in_parts loops_inside one_chain_behind_another chains_in_variables full_ranges_of_64_bits;
    options: combinators structs_in_options references_in_options exclusive_options;
    orderings: orderings_of_parts orderings_of_floats;
    fallible: results_as_values combinators_of_results results_of_searches places_exchanged;
    panics: index_out_of_bounds overflows operators_over_lines division_by_zero assertions_and_messages slice_ranges one_of_many_items
        panics_in_helpers user_data_after_a_panic texts_of_std texts_of_slices;
    messages: choices_in_messages texts_with_numbers formats_of_numbers operands_of_assertions values_of_plain_data messages_of_generic_kernels
        messages_in_closures_and_helpers unwrapped_results;
}
