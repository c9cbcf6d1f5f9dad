//! Rates on disk: one file for each hardware and driver, in the user's cache folder.

use std::path::{Path, PathBuf};

use landbridge_core::planner::{Origin, Quantity, Rate, Rates};

use super::json::Json;
use crate::cache_folder::{checksum, write_atomically};

/// Files of another version are ignored: what a quantity means may have changed.
const VERSION: f64 = 1.0;

/// The file for this key.
pub(super) fn file(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("rates-{:016x}.json", checksum(key.as_bytes())))
}

/// Reads the rates of this key. `None` if there are none, or they are for other hardware, or damaged.
pub(super) fn load(folder: &Path, key: &str) -> Option<Rates> {
    let text = std::fs::read_to_string(file(folder, key)).ok()?;
    let rates = read(&text)?;
    (rates.key == key).then_some(rates)
}

/// Saves them; a folder that cannot be written costs the next process its own probes, nothing else.
pub(super) fn save(folder: &Path, rates: &Rates) {
    let file = file(folder, &rates.key);
    if let Err(error) = write_atomically(&file, write(rates).as_bytes()) {
        tracing::debug!(file = %file.display(), %error, "rates not saved");
    }
}

fn write(rates: &Rates) -> String {
    let entry = |(quantity, rate): (Quantity, &Rate)| {
        let fields = [
            ("value", Json::Number(rate.value)),
            ("unit", Json::text(quantity.unit())),
            ("samples", Json::Number(f64::from(rate.samples))),
            ("origin", Json::text(origin_name(rate.origin))),
            ("when", Json::Number(rate.when as f64)),
        ];
        (quantity.name(), Json::object(fields))
    };
    let all = Json::object(rates.iter().map(entry));
    Json::object([("version", Json::Number(VERSION)), ("key", Json::text(rates.key.as_str())), ("rates", all)]).write()
}

fn read(text: &str) -> Option<Rates> {
    let json = Json::read(text)?;
    if json.get("version")?.as_number()? != VERSION {
        return None;
    }
    let mut rates = Rates::new(json.get("key")?.as_text()?);
    let all = json.get("rates")?;
    for quantity in Quantity::ALL {
        if let Some(rate) = all.get(quantity.name()).and_then(read_rate) {
            rates.set(quantity, rate);
        }
    }
    Some(rates)
}

fn read_rate(json: &Json) -> Option<Rate> {
    let number = |name| json.get(name)?.as_number();
    let origin = match json.get("origin")?.as_text()? {
        "probe" => Origin::Probe,
        "launches" => Origin::Launches,
        _ => return None,
    };
    Some(Rate { value: number("value")?, samples: number("samples")? as u32, origin, when: number("when")? as u64 })
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Probe => "probe",
        Origin::Launches => "launches",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Rates {
        let mut rates = Rates::new("wgpu:0 \"X\" 1.2");
        rates.note(Quantity::CopyIn, 5.25e9, Origin::Probe, 1_700_000_000);
        rates.note(Quantity::Launch, 6.1e-5, Origin::Launches, 1_700_000_001);
        rates
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("landbridge-rates-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn the_next_process_finds_them() {
        let folder = folder("found");
        assert_eq!(load(&folder, &some().key), None);
        save(&folder, &some());
        assert_eq!(load(&folder, &some().key), Some(some()));
        std::fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn other_hardware_or_another_driver_finds_nothing() {
        let folder = folder("other");
        save(&folder, &some());
        assert_eq!(load(&folder, "wgpu:0 \"X\" 1.3"), None);
        // Even where two keys share a file.
        std::fs::copy(file(&folder, &some().key), file(&folder, "another")).expect("copied");
        assert_eq!(load(&folder, "another"), None);
        std::fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn a_damaged_file_or_one_of_another_version_is_ignored() {
        let text = write(&some());
        assert_eq!(read(&text), Some(some()));
        assert_eq!(read(&text[..text.len() / 2]), None);
        assert_eq!(read(&text.replace("\"version\": 1e0", "\"version\": 2e0")), None);
        let odd = text.replace("5.25e9", "-5.25e9");
        assert_eq!(read(&odd).expect("read").get(Quantity::CopyIn), None, "no rate is negative");
        let odd = text.replace("5.25e9", "1e-300");
        assert_eq!(read(&odd).expect("read").get(Quantity::CopyIn), None, "no machine is so slow");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_error() {
        save(Path::new("/proc/landbridge-nothing"), &some());
    }
}
