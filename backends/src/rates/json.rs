//! As much JSON as the rates' file needs: objects, strings and numbers.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A value in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Text(String),
    Number(f64),
    Object(BTreeMap<String, Json>),
}

impl Json {
    pub(super) fn object(fields: impl IntoIterator<Item = (&'static str, Json)>) -> Self {
        Json::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Json::Text(text.into())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(fields) => fields.get(name),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn as_number(&self) -> Option<f64> {
        if let Json::Number(number) = self { Some(*number) } else { None }
    }

    /// Several lines, indented by two spaces.
    pub(super) fn write(&self) -> String {
        let mut text = String::new();
        self.write_to(&mut text, 0);
        text.push('\n');
        text
    }

    fn write_to(&self, out: &mut String, depth: usize) {
        match self {
            Json::Text(text) => write_text(out, text),
            // The shortest text that reads back as the same number.
            Json::Number(number) => {
                let _ = write!(out, "{number:e}");
            }
            Json::Object(fields) => {
                out.push('{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    let _ = write!(out, "{}\n{}", if index > 0 { "," } else { "" }, "  ".repeat(depth + 1));
                    write_text(out, name);
                    out.push_str(": ");
                    value.write_to(out, depth + 1);
                }
                let _ = write!(out, "\n{}}}", "  ".repeat(depth));
            }
        }
    }

    /// `None` if it is anything but one such value.
    pub(super) fn read(text: &str) -> Option<Json> {
        let mut reader = Reader { rest: text.trim_start(), depth: 0 };
        let value = reader.value()?;
        reader.rest.is_empty().then_some(value)
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

/// Deeper than anything that is written: a made-up file must not overflow the stack.
const DEEPEST: usize = 8;

impl Reader<'_> {
    fn take(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?.trim_start();
        Some(())
    }

    fn value(&mut self) -> Option<Json> {
        match self.rest.chars().next()? {
            '{' => self.object(),
            '"' => self.text().map(Json::Text),
            _ => self.number(),
        }
    }

    fn object(&mut self) -> Option<Json> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.take('{')?;
        let mut fields = BTreeMap::new();
        if self.take('}').is_none() {
            loop {
                let name = self.text()?;
                self.take(':')?;
                fields.insert(name, self.value()?);
                if self.take(',').is_none() {
                    break;
                }
            }
            self.take('}')?;
        }
        self.depth -= 1;
        Some(Json::Object(fields))
    }

    fn text(&mut self) -> Option<String> {
        let mut chars = self.rest.strip_prefix('"')?.chars();
        let mut text = String::new();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => text.push(escaped(&mut chars)?),
                c => text.push(c),
            }
        }
        self.rest = chars.as_str().trim_start();
        Some(text)
    }

    fn number(&mut self) -> Option<Json> {
        let end = self.rest.find(|c: char| !"+-.eE0123456789".contains(c)).unwrap_or(self.rest.len());
        let number: f64 = self.rest[..end].parse().ok()?;
        self.rest = self.rest[end..].trim_start();
        number.is_finite().then_some(Json::Number(number))
    }
}

fn escaped(chars: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        c @ ('"' | '\\' | '/') => c,
        'n' => '\n',
        't' => '\t',
        'u' => {
            let digits: String = chars.take(4).collect();
            char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            any::<String>().prop_map(Json::Text),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Json::Number),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            prop::collection::btree_map(any::<String>(), inner, 0..5).prop_map(Json::Object)
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(json in any_json()) {
            prop_assert_eq!(Json::read(&json.write()), Some(json));
        }

        #[test]
        fn nothing_makes_the_reader_panic(text in any::<String>()) {
            let _ = Json::read(&text);
        }

        #[test]
        fn a_cut_file_is_not_read(json in any_json(), part in 0.0..1.0) {
            let json = Json::object([("rates", json)]);
            let text = json.write();
            let mut end = (text.trim_end().len() as f64 * part) as usize;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            prop_assert_eq!(Json::read(&text[..end]), None);
        }
    }

    #[test]
    fn a_deep_file_is_refused() {
        let deep = "{\"a\":".repeat(100_000);
        assert_eq!(Json::read(&deep), None);
    }
}
