//! `char`, and the ASCII methods of `u8` and `char`; byte strings.
#![allow(clippy::almost_complete_range, reason = "the end that is left out is what is looked at")]

use landbridge::{Device, KernelType, Result, kernel, kernel_fn};

use super::answer::Answer;

/// Codes at the edges of all classes.
fn codes() -> Vec<char> {
    let mut all: Vec<char> = (0..=255).map(|code: u8| code as char).collect();
    all.extend(['\u{7ff}', '\u{800}', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', char::MAX, 'ß', 'ſ', 'K']);
    all
}

#[kernel]
fn classes_of_chars(c: &char, out: &mut u32) {
    let all = [
        c.is_ascii(),
        c.is_ascii_alphabetic(),
        c.is_ascii_digit(),
        c.is_ascii_hexdigit(),
        c.is_ascii_alphanumeric(),
        c.is_ascii_uppercase(),
        c.is_ascii_lowercase(),
        c.is_ascii_punctuation(),
        c.is_ascii_whitespace(),
        c.is_ascii_graphic(),
        c.is_ascii_control(),
    ];
    for is in all {
        *out = *out * 2 + is as u32;
    }
}

#[kernel]
fn classes_of_bytes(c: &u8, out: &mut u32) {
    let all = [
        c.is_ascii(),
        c.is_ascii_alphabetic(),
        c.is_ascii_digit(),
        c.is_ascii_hexdigit(),
        c.is_ascii_alphanumeric(),
        c.is_ascii_uppercase(),
        c.is_ascii_lowercase(),
        c.is_ascii_punctuation(),
        c.is_ascii_whitespace(),
        c.is_ascii_graphic(),
        c.is_ascii_control(),
    ];
    for is in all {
        *out = *out * 2 + is as u32;
    }
    *out = *out * 256 + u8::to_ascii_uppercase(c) as u32;
    *out ^= (c.to_ascii_lowercase() as u32) << 24;
    if c.eq_ignore_ascii_case(&b'k') {
        *out += 1;
    }
    let mut changed = *c;
    changed.make_ascii_uppercase();
    *out ^= (changed as char) as u32;
    changed.make_ascii_lowercase();
    *out ^= (changed as u32) << 8;
}

pub(crate) fn ascii(device: &Device) -> Result<Answer> {
    let chars = codes();
    let mut of_chars = vec![0; chars.len()];
    let _ = device.run(classes_of_chars(&chars, &mut of_chars))?;
    let bytes: Vec<u8> = (0..=255).collect();
    let mut of_bytes = vec![0; 256];
    let _ = device.run(classes_of_bytes(&bytes, &mut of_bytes))?;
    Ok(Answer::new().exact("chars", &of_chars).exact("bytes", &of_bytes))
}

#[derive(Clone, Copy, KernelType)]
struct Token {
    kind: u8,
    first: char,
    width: usize,
}

const DOT: char = '.';

#[kernel_fn]
fn kind_of(c: char) -> u8 {
    match c {
        'a'..='z' | 'A'..='Z' | '_' => 1,
        '0'..='9' => 2,
        ' ' | '\n' | '\t' => 3,
        DOT => 4,
        '\u{80}'.. => 5,
        other if other == '\'' || other < '!' => 6,
        _ => 7,
    }
}

#[kernel]
fn tokens(c: &char, out: &mut Token) {
    *out = Token { kind: kind_of(*c), first: c.to_ascii_uppercase(), width: c.len_utf8() };
    if *c >= '\u{ffff}' {
        out.first = char::MAX;
    }
}

#[kernel]
fn digits(c: &char, radix: &u32, out: &mut [u32; 5]) {
    out[0] = c.to_digit(*radix).unwrap_or(99);
    out[1] = c.is_digit(*radix) as u32 + 2 * c.eq_ignore_ascii_case(&'K') as u32;
    out[2] = match char::from_digit(*c as u32 % 40, *radix) {
        Some(digit) => digit as u32,
        None => 0,
    };
    out[3] = char::from_u32((*c as u32).wrapping_mul(0x801)).map_or(7, |c| c as u32);
    out[4] = char::from(*c as u8) as u32 + u32::from(*c) + (*c as u8) as char as u32;
}

#[kernel]
fn shifted(c: &char) -> char {
    let moved = *c as u32 + 1;
    char::from_u32(moved).unwrap_or('?')
}

pub(crate) fn chars(device: &Device) -> Result<Answer> {
    let all = codes();
    let mut found = vec![Token { kind: 0, first: 'x', width: 0 }; all.len()];
    let _ = device.run(tokens(&all, &mut found))?;
    let (kinds, firsts): (Vec<u8>, Vec<u32>) = found.iter().map(|t| (t.kind, t.first as u32)).unzip();
    let widths: Vec<usize> = found.iter().map(|t| t.width).collect();
    let mut edges = vec![];
    for radix in [2, 10, 16, 35, 36] {
        edges.extend(all.iter().map(|&c| (c, radix)));
    }
    let (cs, radixes): (Vec<char>, Vec<u32>) = edges.into_iter().unzip();
    let mut out = vec![0; cs.len() * 5];
    let _ = device.run(digits(&cs, &radixes, &mut out))?;
    let next = device.collect(shifted(&all))?;
    let next: Vec<u32> = next.into_iter().map(u32::from).collect();
    Ok(Answer::new()
        .exact("kinds", &kinds)
        .exact("firsts", &firsts)
        .exact("widths", &widths)
        .exact("digits", &out)
        .exact("next", &next))
}

#[kernel]
fn ranges(from: &char, to: &char, out: &mut [u32; 5]) {
    for c in *from..=*to {
        out[0] = out[0].wrapping_mul(31).wrapping_add(c as u32);
    }
    for c in (*from..*to).rev() {
        out[1] = out[1].wrapping_mul(31).wrapping_add(c as u32);
    }
    for _ in *from..*to {
        out[2] += 1;
    }
    let r = *from..=*to;
    out[3] = r.contains(&'\u{d000}') as u32 + 2 * ('a'..'z').contains(from) as u32;
    for c in r {
        out[4] = out[4].wrapping_mul(31).wrapping_add(c as u32);
    }
}

pub(crate) fn ranges_of_chars(device: &Device) -> Result<Answer> {
    let ends = ['a', 'c', '\u{d7fd}', '\u{d7ff}', '\u{e000}', '\u{e003}'];
    let (mut from, mut to) = (vec![], vec![]);
    for (k, a) in ends.into_iter().enumerate() {
        for (n, b) in ends.into_iter().enumerate() {
            if k / 2 == n / 2 || k >= 2 {
                from.push(a);
                to.push(b);
            }
        }
    }
    let mut out = vec![0; from.len() * 5];
    let _ = device.run(ranges(&from, &to, &mut out))?;
    Ok(Answer::new().exact("ranges", &out))
}

#[kernel_fn]
fn hash(text: &[u8]) -> u32 {
    let mut hash = 0x811C_9DC5;
    for &byte in text {
        hash = (hash ^ byte as u32).wrapping_mul(0x0100_0193);
    }
    hash
}

#[kernel]
fn hexadecimal(x: &u32, out: &mut [u8; 8], kind: &mut u32) {
    let digits = b"0123456789abcdef";
    for (k, place) in out.iter_mut().enumerate() {
        *place = digits[(*x >> (28 - 4 * k as u32)) as usize & 15];
    }
    *kind = match &out[..3] {
        b"000" => hash(b"zero") + digits.len() as u32,
        b"fff" => hash(&b"large"[1..]),
        [b'\0', ..] => 1,
        _ => b"\x00\xff"[*x as usize % 2] as u32,
    };
    if out == b"deadbeef" {
        *kind = 77;
    }
}

pub(crate) fn byte_strings(device: &Device) -> Result<Answer> {
    let x = [0, 1, 0xFFF, 0xFFF0_0000, u32::MAX, 0xDEAD_BEEF, 0x1234_5678, 0x000F_0000];
    let (mut out, mut kinds) = ([0; 64], [0; 8]);
    let _ = device.run(hexadecimal(&x, &mut out, &mut kinds))?;
    Ok(Answer::new().exact("digits", &out).exact("kinds", &kinds))
}
