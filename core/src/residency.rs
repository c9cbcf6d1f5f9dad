//! Where the valid bytes of a scope's arrays are, and why each byte moved.
//!
//! A pure state machine: it says which transfer is needed before the host or the device uses an array, is told what was
//! done, and keeps the list. It moves nothing itself, so it is tested without any device.
//!
//! | valid bytes | host reads | host writes | device reads | device writes |
//! |---|---|---|---|---|
//! | `Zero` (nowhere yet) | clear host, `Host` | clear host, `Host` | clear device, `Device` | clear device, `Device` |
//! | `Host` | - | - | to device, `Both` | to device, `Device` |
//! | `Device` | to host, `Both` | to host, `Host` | - | - |
//! | `Both` | - | `Host` | - | `Device` |

use std::fmt;

use crate::text::Bytes;

/// An array of a scope, by its number in the order of attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArrayId(pub usize);

/// Where the valid bytes of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residency {
    /// All bytes are zero, and nobody has written them yet.
    Zero,
    /// Only in the user's memory.
    Host,
    /// Only on the device.
    Device,
    /// The same in both places.
    Both,
}

/// Who uses an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The user's memory.
    Host,
    /// The device's memory.
    Device,
}

/// What has to be done before a side may use an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// Copy all of it to that side.
    Copy(Side),
    /// Fill it with zeros there; no byte crosses.
    Clear(Side),
}

/// Why bytes crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// This kernel uses the array on the device.
    Kernel(&'static str),
    /// This kernel uses the array where the program has it.
    InPlace(&'static str),
    /// This kernel ran on the host.
    HostKernel(&'static str),
    /// The program read a part.
    Read,
    /// The program wrote a part.
    Write,
    /// The array was detached.
    Detached,
    /// The scope ended.
    End,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Kernel(name) => write!(f, "kernel `{name}` uses it there"),
            Why::InPlace(name) => write!(f, "kernel `{name}` uses it in place"),
            Why::HostKernel(name) => write!(f, "kernel `{name}` ran on the host"),
            Why::Read => f.write_str("read"),
            Why::Write => f.write_str("written"),
            Why::Detached => f.write_str("detached"),
            Why::End => f.write_str("the scope ended"),
        }
    }
}

/// How bytes crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// They were copied.
    Copied,
    /// Their pages moved; addresses stayed.
    Walked,
}

/// Bytes of one array that crossed in one direction for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// How.
    pub way: Way,
    /// Where they went.
    pub to: Side,
    /// Why.
    pub why: Why,
    /// How often.
    pub times: u64,
    /// Bytes, all times together.
    pub bytes: u64,
}

/// One array of a scope.
#[derive(Clone, Debug)]
pub struct Array {
    /// What it is, for reports and errors.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Where its valid bytes are.
    pub residency: Residency,
    /// Number of the last launch that wrote it on the device, until it was home again.
    pub written_by: Option<u64>,
    /// What crossed.
    pub moved: Vec<Moved>,
}

/// The arrays of one scope.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    arrays: Vec<Array>,
}

impl Ledger {
    /// A new array, whose valid bytes are in the user's memory or, with `zeroed`, nowhere yet.
    pub fn attach(&mut self, name: String, bytes: u64, zeroed: bool) -> ArrayId {
        let residency = if zeroed { Residency::Zero } else { Residency::Host };
        self.arrays.push(Array { name, bytes, residency, written_by: None, moved: Vec::new() });
        ArrayId(self.arrays.len() - 1)
    }

    /// What is known of an array.
    pub fn array(&self, id: ArrayId) -> &Array {
        &self.arrays[id.0]
    }

    /// All arrays, in the order of attachment.
    pub fn arrays(&self) -> &[Array] {
        &self.arrays
    }

    /// All arrays, for a report.
    pub fn into_arrays(self) -> Vec<Array> {
        self.arrays
    }

    /// What has to be done before this side may use the array.
    #[inline]
    pub fn needed(&self, id: ArrayId, side: Side) -> Option<Transfer> {
        match (self.arrays[id.0].residency, side) {
            (Residency::Both, _) | (Residency::Host, Side::Host) | (Residency::Device, Side::Device) => None,
            (Residency::Zero, side) => Some(Transfer::Clear(side)),
            (Residency::Host, Side::Device) | (Residency::Device, Side::Host) => Some(Transfer::Copy(side)),
        }
    }

    /// Notes that a transfer was made.
    pub fn done(&mut self, id: ArrayId, transfer: Transfer, why: Why) {
        let array = &mut self.arrays[id.0];
        match transfer {
            Transfer::Clear(Side::Host) => array.residency = Residency::Host,
            Transfer::Clear(Side::Device) => array.residency = Residency::Device,
            Transfer::Copy(to) => {
                array.residency = Residency::Both;
                array.note(Way::Copied, to, array.bytes, why);
                if to == Side::Host {
                    array.written_by = None;
                }
            }
        }
    }

    /// Notes that a launch on the device writes the array.
    #[inline]
    pub fn written_on_device(&mut self, id: ArrayId, launch: u64) {
        let array = &mut self.arrays[id.0];
        array.residency = Residency::Device;
        array.written_by = Some(launch);
    }

    /// Notes that the host writes the array.
    pub fn written_on_host(&mut self, id: ArrayId) {
        let array = &mut self.arrays[id.0];
        array.residency = Residency::Host;
        array.written_by = None;
    }

    /// Notes that part of the array was copied to the host for the program to read.
    pub fn read(&mut self, id: ArrayId, bytes: u64) {
        self.arrays[id.0].note(Way::Copied, Side::Host, bytes, Why::Read);
    }

    /// Where the program's bytes for a part of the array have to go: to the device if its bytes are the valid ones.
    pub fn write_goes_to(&self, id: ArrayId) -> Side {
        match self.arrays[id.0].residency {
            Residency::Device => Side::Device,
            Residency::Host | Residency::Zero | Residency::Both => Side::Host,
        }
    }

    /// Notes that part of the array was written on the device for the program, after the launch of this number.
    pub fn write(&mut self, id: ArrayId, bytes: u64) {
        self.arrays[id.0].note(Way::Copied, Side::Device, bytes, Why::Write);
    }

    /// Notes that pages of the array walked; where its valid bytes are does not change by that.
    pub fn walked(&mut self, id: ArrayId, to: Side, bytes: u64, why: Why) {
        self.arrays[id.0].note(Way::Walked, to, bytes, why);
    }
}

impl Array {
    fn note(&mut self, way: Way, to: Side, bytes: u64, why: Why) {
        match self.moved.iter_mut().find(|moved| (moved.way, moved.to, moved.why) == (way, to, why)) {
            Some(moved) => {
                moved.times += 1;
                moved.bytes += bytes;
            }
            None => self.moved.push(Moved { way, to, why, times: 1, bytes }),
        }
    }

    /// Bytes that went to a side.
    pub fn bytes_to(&self, side: Side) -> u64 {
        self.moved.iter().filter(|moved| moved.to == side).map(|moved| moved.bytes).sum()
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = match self.to {
            Side::Host => "home",
            Side::Device => "to the device",
        };
        let walked = if self.way == Way::Walked { "walked " } else { "" };
        write!(f, "{} {walked}{to}: {}", Bytes(self.bytes), self.why)?;
        if self.times > 1 {
            write!(f, " ({} times)", self.times)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(zeroed: bool) -> (Ledger, ArrayId) {
        let mut ledger = Ledger::default();
        let id = ledger.attach("x".into(), 100, zeroed);
        (ledger, id)
    }

    #[test]
    fn data_goes_up_once_and_home_once() {
        let (mut ledger, id) = one(false);
        for launch in 0..10 {
            if let Some(transfer) = ledger.needed(id, Side::Device) {
                assert_eq!((launch, transfer), (0, Transfer::Copy(Side::Device)));
                ledger.done(id, transfer, Why::Kernel("k"));
            }
            ledger.written_on_device(id, launch);
        }
        assert_eq!(ledger.array(id).written_by, Some(9));
        let home = ledger.needed(id, Side::Host).expect("the device has it");
        ledger.done(id, home, Why::End);
        assert_eq!(ledger.needed(id, Side::Host), None);
        let array = ledger.array(id);
        assert_eq!((array.bytes_to(Side::Device), array.bytes_to(Side::Host)), (100, 100));
        assert_eq!(array.written_by, None);
    }

    #[test]
    fn zeros_are_made_where_they_are_needed_and_cross_nothing() {
        let (mut ledger, id) = one(true);
        assert_eq!(ledger.needed(id, Side::Host), Some(Transfer::Clear(Side::Host)));
        let clear = ledger.needed(id, Side::Device).expect("nothing is there yet");
        assert_eq!(clear, Transfer::Clear(Side::Device));
        ledger.done(id, clear, Why::Kernel("k"));
        assert_eq!(ledger.needed(id, Side::Device), None);
        assert_eq!(ledger.needed(id, Side::Host), Some(Transfer::Copy(Side::Host)));
        assert_eq!(ledger.array(id).bytes_to(Side::Device), 0);
    }

    #[test]
    fn what_is_read_only_never_comes_home() {
        let (mut ledger, id) = one(false);
        ledger.done(id, Transfer::Copy(Side::Device), Why::Kernel("k"));
        assert_eq!(ledger.needed(id, Side::Host), None);
    }

    #[test]
    fn equal_reasons_are_one_line() {
        let (mut ledger, id) = one(false);
        ledger.done(id, Transfer::Copy(Side::Device), Why::Kernel("k"));
        ledger.written_on_device(id, 0);
        ledger.read(id, 4);
        ledger.read(id, 8);
        let lines: Vec<String> = ledger.array(id).moved.iter().map(Moved::to_string).collect();
        assert_eq!(lines, ["100 B to the device: kernel `k` uses it there", "12 B home: read (2 times)"]);
    }

    /// An operation of a program on one array.
    #[derive(Clone, Copy, Debug)]
    enum Operation {
        Use { side: Side, writes: bool },
        Read,
        Write,
    }

    fn operations() -> impl Strategy<Value = Vec<Operation>> {
        let side = prop_oneof![Just(Side::Host), Just(Side::Device)];
        let one = prop_oneof![
            3 => (side, any::<bool>()).prop_map(|(side, writes)| Operation::Use { side, writes }),
            1 => Just(Operation::Read),
            1 => Just(Operation::Write),
        ];
        proptest::collection::vec(one, 0..40)
    }

    /// Two memories that hold a number of version each; `None` is garbage.
    struct Model {
        ledger: Ledger,
        id: ArrayId,
        versions: [Option<u32>; 2],
        latest: u32,
    }

    impl Model {
        fn seen(&self, side: Side) -> Option<u32> {
            self.versions[usize::from(side == Side::Device)]
        }

        fn at(&mut self, side: Side) -> &mut Option<u32> {
            &mut self.versions[usize::from(side == Side::Device)]
        }

        fn prepare(&mut self, side: Side, why: Why) {
            let Some(transfer) = self.ledger.needed(self.id, side) else { return };
            match transfer {
                Transfer::Clear(at) => *self.at(at) = Some(0),
                Transfer::Copy(to) => {
                    let other = if to == Side::Host { Side::Device } else { Side::Host };
                    *self.at(to) = *self.at(other);
                }
            }
            self.ledger.done(self.id, transfer, why);
        }

        fn changed(&mut self, side: Side) {
            self.latest += 1;
            let latest = self.latest;
            *self.at(side) = Some(latest);
        }

        fn apply(&mut self, operation: Operation, launch: u64) {
            match operation {
                Operation::Use { side, writes } => {
                    self.prepare(side, Why::Kernel("k"));
                    assert_eq!(self.seen(side), Some(self.latest), "the kernel sees the latest bytes");
                    if writes {
                        self.changed(side);
                        match side {
                            Side::Host => self.ledger.written_on_host(self.id),
                            Side::Device => self.ledger.written_on_device(self.id, launch),
                        }
                    }
                }
                Operation::Read => {
                    let residency = self.ledger.array(self.id).residency;
                    let seen = match residency {
                        Residency::Zero => Some(0),
                        Residency::Device => self.seen(Side::Device),
                        Residency::Host | Residency::Both => self.seen(Side::Host),
                    };
                    assert_eq!(seen, Some(self.latest), "a read sees the latest bytes");
                }
                Operation::Write => {
                    let side = self.ledger.write_goes_to(self.id);
                    self.prepare(side, Why::Write);
                    self.changed(side);
                    match side {
                        Side::Host => self.ledger.written_on_host(self.id),
                        Side::Device => self.ledger.write(self.id, 4),
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn nobody_sees_stale_bytes(zeroed in any::<bool>(), operations in operations()) {
            let (ledger, id) = one(zeroed);
            let host = if zeroed { None } else { Some(0) };
            let mut model = Model { ledger, id, versions: [host, None], latest: 0 };
            for (launch, operation) in operations.into_iter().enumerate() {
                model.apply(operation, launch as u64);
            }
            model.prepare(Side::Host, Why::End);
            prop_assert_eq!(model.seen(Side::Host), Some(model.latest), "everything is home at the end");
        }
    }
}
