//! Names of devices, as `LANDBRIDGE_DEVICE` and command lines give them: `auto`, `host`, `node:1`, `wgpu:0`, `cuda:0`,
//! `wgpu:part of a name`.

use landbridge_core::Error;
use landbridge_core::error::Result;

/// A device as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted<'n> {
    /// The best for each launch.
    Auto,
    /// The host's cores.
    Host,
    /// A memory node, by its number.
    Node(u32),
    /// An adapter of wgpu: its number, or a part of its name.
    Wgpu(&'n str),
    /// A card through CUDA: its number, or a part of its name.
    Cuda(&'n str),
}

/// What a name asks for.
///
/// # Errors
/// `NoDevice` if there is no such kind of device.
pub fn parse(name: &str) -> Result<Wanted<'_>> {
    match name.trim() {
        "auto" => Ok(Wanted::Auto),
        "host" => Ok(Wanted::Host),
        "wgpu" => Ok(Wanted::Wgpu("0")),
        "cuda" => Ok(Wanted::Cuda("0")),
        other => match other.split_once(':') {
            Some(("wgpu", adapter)) => Ok(Wanted::Wgpu(adapter.trim())),
            Some(("cuda", card)) => Ok(Wanted::Cuda(card.trim())),
            Some(("node", number)) => number.trim().parse().map(Wanted::Node).map_err(|_| without_number(other)),
            None if other == "node" => Err(without_number(other)),
            _ => Err(Error::NoDevice {
                wanted: other.into(),
                why: "there is no such kind of device in this version".into(),
                hint: "Name one as `auto`, `host`, `node:0`, `cuda:0`, `wgpu:0` or `wgpu:part of its name`".into(),
            }),
        },
    }
}

fn without_number(name: &str) -> Error {
    Error::NoDevice {
        wanted: name.into(),
        why: "a memory node is named by its number".into(),
        hint: "Name one as `node:0`; `examples/devices` lists them".into(),
    }
}

/// The number of the adapter that is asked for by number or by a part of its name, whatever its case.
///
/// # Errors
/// `NoDevice`, with what is there and what to do; `no_driver` is the hint where nothing is there.
pub fn select(adapter: &str, names: &[&str], no_driver: &str) -> Result<usize> {
    fitting(adapter, names).ok_or_else(|| absent(adapter, names, no_driver))
}

/// As [`select`], of cards through CUDA.
///
/// # Errors
/// As [`select`]'s.
pub fn select_card(card: &str, names: &[&str], none: &str) -> Result<usize> {
    fitting(card, names).ok_or_else(|| absent_card(card, names, none))
}

fn fitting(adapter: &str, names: &[&str]) -> Option<usize> {
    match adapter.parse::<usize>() {
        Ok(number) => (number < names.len()).then_some(number),
        Err(_) => {
            let wanted = adapter.to_lowercase();
            names.iter().position(|name| !wanted.is_empty() && name.to_lowercase().contains(&wanted))
        }
    }
}

/// The error that says what there is instead of this adapter.
pub(crate) fn absent(adapter: &str, names: &[&str], no_driver: &str) -> Error {
    Error::NoDevice {
        wanted: format!("wgpu:{adapter}"),
        why: present(names),
        hint: if names.is_empty() { no_driver.into() } else { "Choose one of these".into() },
    }
}

/// The error that says what there is instead of this card.
pub(crate) fn absent_card(card: &str, names: &[&str], none: &str) -> Error {
    let wanted = format!("cuda:{card}");
    if names.is_empty() {
        return Error::NoDevice { wanted, why: none.into(), hint: "Use another device".into() };
    }
    Error::NoDevice { wanted, why: listed("cuda", names), hint: "Choose one of these".into() }
}

/// What is there, in words.
fn present(names: &[&str]) -> String {
    listed("wgpu", names)
}

fn listed(kind: &str, names: &[&str]) -> String {
    let listed = names.iter().enumerate().map(|(k, name)| format!(", {kind}:{k} ({name})"));
    format!("there {} host{}", if names.is_empty() { "is only" } else { "are" }, listed.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["llvmpipe (LLVM 15.0.6, 256 bits)", "SwiftShader Device"];

    #[test]
    fn names_of_devices() {
        assert_eq!(parse("host").unwrap(), Wanted::Host);
        assert_eq!(parse(" auto ").unwrap(), Wanted::Auto);
        assert_eq!(parse("wgpu").unwrap(), Wanted::Wgpu("0"));
        assert_eq!(parse("wgpu:1").unwrap(), Wanted::Wgpu("1"));
        assert_eq!(parse("node: 1").unwrap(), Wanted::Node(1));
        assert_eq!(parse("cuda").unwrap(), Wanted::Cuda("0"));
        assert_eq!(parse("cuda: H100").unwrap(), Wanted::Cuda("H100"));
        assert_eq!(parse("wgpu: Swift").unwrap(), Wanted::Wgpu("Swift"));
    }

    #[test]
    fn other_kinds_are_refused_with_the_names_that_there_are() {
        for name in ["opencl:0", "", "Host", "gpu"] {
            let error = parse(name).unwrap_err().to_string();
            assert!(error.contains("`wgpu:0`") && error.contains(&format!("no device `{name}`")), "{error}");
        }
    }

    #[test]
    fn nodes_have_numbers() {
        for name in ["node", "node:", "node:x", "node:-1", "node:1.5", "node:4294967296"] {
            let error = parse(name).unwrap_err().to_string();
            assert!(error.contains(&format!("no device `{name}`")) && error.contains("number"), "{error}");
        }
    }

    #[test]
    fn adapters_by_number_and_by_name() {
        assert_eq!(select("1", &NAMES, "").unwrap(), 1);
        assert_eq!(select("swiftshader", &NAMES, "").unwrap(), 1);
        assert_eq!(select("LLVM", &NAMES, "").unwrap(), 0);
    }

    #[test]
    fn an_absent_adapter_is_an_error_that_lists_what_is_there() {
        for name in ["2", "nvidia", "", "-1"] {
            let text = select(name, &NAMES, "apt-get install something").unwrap_err().to_string();
            let expected = format!(
                "no device `wgpu:{name}`: there are host, wgpu:0 (llvmpipe (LLVM 15.0.6, 256 bits)), \
                 wgpu:1 (SwiftShader Device). Choose one of these"
            );
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn cards_are_chosen_and_missed_like_adapters() {
        assert_eq!(select_card("h100", &["NVIDIA H100"], "").unwrap(), 0);
        let text = select_card("1", &["NVIDIA H100"], "").unwrap_err().to_string();
        assert_eq!(text, "no device `cuda:1`: there are host, cuda:0 (NVIDIA H100). Choose one of these");
        let text = select_card("0", &[], "the driver has no card to offer").unwrap_err().to_string();
        assert_eq!(text, "no device `cuda:0`: the driver has no card to offer. Use another device");
    }

    #[test]
    fn without_any_driver_the_hint_says_how_to_get_one() {
        let text = select("0", &[], "apt-get install mesa-vulkan-drivers").unwrap_err().to_string();
        assert_eq!(text, "no device `wgpu:0`: there is only host. apt-get install mesa-vulkan-drivers");
    }
}
