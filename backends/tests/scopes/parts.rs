//! Arrays of odd lengths and places.

use landbridge::*;

use super::kernels::*;

pub(crate) fn zero_lengths(device: &Device) {
    let (mut none, x) = (Vec::<u32>::new(), Vec::<u32>::new());
    device
        .scope(|s| {
            let x = s.attach(&x);
            let mut y = s.attach_mut(&mut none);
            let mut z = s.attach_zeroed::<u32>(&mut []);
            s.launch(copy(&x, &mut y))?;
            s.launch(add(1, &mut z))?;
            assert_eq!(s.read(&y, ..)?, []);
            s.write(&mut y, 0, &[])?;
            s.detach(y)
        })
        .unwrap();
}

pub(crate) fn unaligned_slices(device: &Device) {
    let mut bytes: Vec<u8> = (0..=255).collect();
    device
        .scope(|s| {
            let (head, rest) = bytes.split_at_mut(3);
            let (middle, tail) = rest.split_at_mut(101);
            let mut middle = s.attach_mut(middle);
            let mut tail = s.attach_mut(tail);
            s.launch(add_byte(1, &mut middle))?;
            s.launch(add_byte(0, &mut tail))?;
            head.fill(9);
            Ok(())
        })
        .unwrap();
    let expected = |k: u8| match k {
        0..3 => 9,
        3..104 => k + 1,
        _ => k,
    };
    assert_eq!(bytes, (0..=255).map(expected).collect::<Vec<u8>>());
}

/// Slices of what is attached are found in it.
pub(crate) fn parts_of_an_array(device: &Device) {
    let table: Vec<u32> = (0..1000).map(|k| 10 * k).collect();
    let mut sum = vec![0_u32; 200];
    device
        .scope(|s| {
            let all = s.attach(&table);
            let mut sum = s.attach_mut(&mut sum);
            s.launch(axpy(1, &table[101..301], &mut sum))?;
            s.launch(axpy(1, &table[0..200], &mut sum))?;
            s.launch(axpy(1, &table[800..], &mut sum))?;
            assert_eq!(s.reduce(double(&all), Max)?, 19_980);
            Ok(())
        })
        .unwrap();
    assert_eq!(sum[7], 10 * (108 + 7 + 807));
}

pub(crate) fn writes_of_odd_bytes(device: &Device) {
    let mut bytes = vec![1_u8; 21];
    device
        .scope(|s| {
            let mut x = s.attach_mut(&mut bytes);
            s.launch(add_byte(1, &mut x))?;
            s.write(&mut x, 5, &[50, 51])?;
            s.write(&mut x, 20, &[99])?;
            s.write(&mut x, 7, &[60; 6])?;
            assert_eq!(s.read(&x, 4..9)?, [2, 50, 51, 60, 60]);
            s.launch(add_byte(1, &mut x))
        })
        .unwrap();
    assert_eq!(bytes, [3, 3, 3, 3, 3, 51, 52, 61, 61, 61, 61, 61, 61, 3, 3, 3, 3, 3, 3, 3, 100]);
}

pub(crate) fn detached_early(device: &Device) {
    let (mut x, mut y) = (vec![1_u32; 50], vec![2_u32; 50]);
    let (_, report) = device
        .scope_reported(|s| {
            let mut a = s.attach_mut(&mut x);
            let mut b = s.attach_mut(&mut y);
            s.launch(axpy(1, &a, &mut b))?;
            s.launch(add(1, &mut a))?;
            // Made before, launched after: it works on the host's bytes then.
            let late = each!(|x: &mut u32| *x += 100)(&mut a);
            s.detach(a)?;
            s.launch(late)?;
            s.launch(add(1, &mut b))
        })
        .unwrap();
    assert_eq!((x[3], y[3]), (102, 4), "{report}");
}

pub(crate) fn many_small_arrays(device: &Device) {
    let mut x: Vec<u32> = (0..3000).collect();
    device
        .scope(|s| {
            let mut handles: Vec<_> = x.chunks_mut(3).map(|chunk| s.attach_mut(chunk)).collect();
            for handle in handles.iter_mut().step_by(2) {
                s.launch(add(1, handle))?;
            }
            Ok(())
        })
        .unwrap();
    let expected = |k: u32| k + u32::from((k / 3).is_multiple_of(2));
    assert_eq!(x, (0..3000).map(expected).collect::<Vec<u32>>());
}

/// Shared slices may overlap; each is served, by one copy or by several.
pub(crate) fn arrays_that_overlap(device: &Device) {
    let x: Vec<u32> = (0..100).collect();
    let mut y = vec![0_u32; 40];
    device
        .scope(|s| {
            let all = s.attach(&x);
            let start = s.attach(&x[..40]);
            let middle = s.attach(&x[30..70]);
            let end = s.attach(&x[60..]);
            let mut y = s.attach_mut(&mut y);
            for part in [&start, &middle, &end] {
                s.launch(axpy(1, part, &mut y))?;
            }
            assert_eq!(s.reduce(double(&all), Sum)?, 9900);
            Ok(())
        })
        .unwrap();
    assert_eq!(y[5], 5 + 35 + 65);
}

pub(crate) fn structs_with_padding(device: &Device) {
    let mut p: Vec<Padded> = (0..50).map(|k| Padded { large: k, small: k as u8 }).collect();
    device
        .scope(|s| {
            let mut p = s.attach_mut(&mut p);
            s.launch(grow(&mut p))?;
            s.launch(grow(&mut p))?;
            assert_eq!(s.read(&p, 49..)?, [Padded { large: 51, small: 53 }]);
            Ok(())
        })
        .unwrap();
    assert_eq!(p[10], Padded { large: 12, small: 14 });
}
