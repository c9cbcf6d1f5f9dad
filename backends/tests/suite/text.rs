//! Text, as bytes.

use landbridge::{Index, Result, kernel, kernel_fn, rows, rows_mut};

use crate::Way;
use crate::answer::Answer;
use crate::data::below;

/// Lines of 24 bytes.
fn lines() -> Vec<u8> {
    let texts = [
        "the quick brown fox     ",
        " jumps  over the lazy   ",
        "                        ",
        "dog\tand runs away-today ",
        "Never odd or even       ",
        "A man a plan            ",
        "x                       ",
        "racecarracecarracecarrac",
    ];
    texts.concat().into_bytes()
}

/// Instead of `line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty())`: kernels have no `split`.
#[kernel]
fn word_counts_kernel(#[rows] line: &[u8], words: &mut u32, longest: &mut u32) {
    let mut length = 0_u32;
    for byte in line {
        if byte.is_ascii_whitespace() {
            length = 0;
            continue;
        }
        *words += u32::from(length == 0);
        length += 1;
        *longest = length.max(*longest);
    }
}

pub(crate) fn word_counts(way: Way<'_>) -> Result<Answer> {
    let (text, mut words, mut longest) = (lines(), vec![0; 8], vec![0; 8]);
    match way {
        Way::Kernel(device) => device.run(word_counts_kernel(rows(&text, 24), &mut words, &mut longest)).map(drop)?,
        Way::Plain => {
            for (i, line) in text.chunks(24).enumerate() {
                let line = std::str::from_utf8(line).expect("ASCII");
                words[i] = line.split_whitespace().count() as u32;
                longest[i] = line.split_whitespace().map(str::len).max().unwrap_or(0) as u32;
            }
        }
    }
    Ok(Answer::new().exact("words", &words).exact("longest", &longest))
}

#[kernel_fn]
fn parse(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i32;
    for &byte in digits {
        let digit = (byte as char).to_digit(10)? as i32;
        value = value.checked_mul(10)?;
        value = if negative { value.checked_sub(digit)? } else { value.checked_add(digit)? };
    }
    Some(value)
}

#[kernel]
fn parsed_kernel(#[rows] field: &[u8], value: &mut i32, valid: &mut bool) {
    let end = field.iter().position(|&b| b == b' ').unwrap_or(field.len());
    match parse(&field[..end]) {
        Some(number) => (*value, *valid) = (number, true),
        None => *valid = false,
    }
}

pub(crate) fn parsed_numbers(way: Way<'_>) -> Result<Answer> {
    let fields = ["17", "-2147483648", "2147483648", "+5", "", "-", "12a", "00000000099", "-99999999999", "2147483647"];
    let text: Vec<u8> = fields.iter().flat_map(|field| format!("{field:<13}").into_bytes()).collect();
    let (mut value, mut valid) = (vec![0; 10], vec![true; 10]);
    match way {
        Way::Kernel(device) => device.run(parsed_kernel(rows(&text, 13), &mut value, &mut valid)).map(drop)?,
        Way::Plain => {
            for (i, field) in fields.iter().enumerate() {
                let parsed = field.parse();
                valid[i] = parsed.is_ok();
                value[i] = parsed.unwrap_or(0);
            }
        }
    }
    Ok(Answer::new().exact("value", &value).exact("valid", &valid))
}

/// Levenshtein's distance of words of up to 15 letters.
#[kernel_fn]
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: [usize; 16] = std::array::from_fn(|i| i);
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[kernel]
fn distances_kernel(i: Index, text: &[u8], words: &[[u8; 8]], nearest: &mut u32) {
    let mut best = u32::MAX;
    for (j, other) in words.iter().enumerate() {
        if j != i {
            best = best.min(distance(&words[i], other) as u32 * 10 + distance(other, text) as u32);
        }
    }
    *nearest = best;
}

pub(crate) fn edit_distances(way: Way<'_>) -> Result<Answer> {
    let letters: Vec<u8> = below(8 * 12, 51, 4).into_iter().map(|v| b'a' + v as u8).collect();
    let words: Vec<[u8; 8]> = letters.chunks_exact(8).map(|c| c.try_into().expect("eight")).collect();
    let (text, mut nearest) = (b"abacadabba", vec![0; 12]);
    match way {
        Way::Kernel(device) => device.run(distances_kernel(text, &words, &mut nearest)).map(drop)?,
        Way::Plain => {
            for (i, nearest) in nearest.iter_mut().enumerate() {
                let others = words.iter().enumerate().filter(|(j, _)| *j != i);
                let all = others.map(|(_, other)| table(&words[i], other) * 10 + table(other, text));
                *nearest = all.min().expect("others") as u32;
            }
        }
    }
    Ok(Answer::new().exact("nearest", &nearest))
}

fn table(a: &[u8], b: &[u8]) -> usize {
    let mut all = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            all[i][j] = match (i, j) {
                (0, n) | (n, 0) => n,
                _ => {
                    let changed = all[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    changed.min(all[i - 1][j] + 1).min(all[i][j - 1] + 1)
                }
            };
        }
    }
    all[a.len()][b.len()]
}

/// Instead of `letters.clone().eq(letters.rev())`: an iterator is used once.
#[kernel]
fn palindromes_kernel(#[rows] line: &[u8], found: &mut bool) {
    let mut left = line;
    *found = loop {
        left = match left {
            [a, rest @ ..] | [rest @ .., a] if !a.is_ascii_alphabetic() => rest,
            [] | [_] => break true,
            [a, rest @ .., b] if a.eq_ignore_ascii_case(b) => rest,
            _ => break false,
        };
    };
}

pub(crate) fn palindromes(way: Way<'_>) -> Result<Answer> {
    let (text, mut found) = (lines(), vec![false; 8]);
    match way {
        Way::Kernel(device) => device.run(palindromes_kernel(rows(&text, 24), &mut found)).map(drop)?,
        Way::Plain => {
            for (line, found) in text.chunks(24).zip(&mut found) {
                let mut letters = line.to_ascii_lowercase();
                letters.retain(u8::is_ascii_lowercase);
                let mut turned = letters.clone();
                turned.reverse();
                *found = turned == letters;
            }
        }
    }
    Ok(Answer::new().exact("found", &found))
}

#[kernel]
fn rot13_kernel(#[rows] line: &mut [u8]) {
    for byte in line.iter_mut() {
        *byte = match *byte {
            b @ b'a'..=b'z' => (b - b'a' + 13) % 26 + b'a',
            b @ b'A'..=b'Z' => (b - b'A' + 13) % 26 + b'A',
            b => b,
        };
    }
}

pub(crate) fn rot13(way: Way<'_>) -> Result<Answer> {
    let mut text = lines();
    match way {
        Way::Kernel(device) => device.run(rot13_kernel(rows_mut(&mut text, 24))).map(drop)?,
        Way::Plain => {
            for byte in &mut text {
                let start = if byte.is_ascii_uppercase() { b'A' } else { b'a' };
                if byte.is_ascii_alphabetic() {
                    *byte = (*byte - start + 13) % 26 + start;
                }
            }
        }
    }
    Ok(Answer::new().exact("text", &text))
}
