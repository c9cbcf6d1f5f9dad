//! How plans and reports read: one layout for what would happen and for what happened.

use std::fmt;
use std::time::Duration;

use crate::backend::DeviceInfo;
use crate::extent::Extent;
use crate::plan::{ArgumentPlan, Plan, PlanStep};
use crate::report::Report;

/// Displays a number of bytes with a binary unit: `512 B`, `1.5 KiB`, `64.0 MiB`; `-` for none.
#[derive(Clone, Copy, Debug)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
        if self.0 == 0 {
            return f.pad("-");
        }
        if self.0 < 1024 {
            return f.pad(&format!("{} B", self.0));
        }
        let mut value = self.0 as f64 / 1024.0;
        let mut unit = 0;
        while value >= 1024.0 && unit + 1 < UNITS.len() {
            value /= 1024.0;
            unit += 1;
        }
        f.pad(&format!("{value:.1} {}", UNITS[unit]))
    }
}

/// Displays a time with three significant digits: `640 ns`, `12.3 µs`, `4.56 ms`, `7.89 s`.
#[derive(Clone, Copy, Debug)]
pub struct Time(pub Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 4] = ["ns", "µs", "ms", "s"];
        let nanoseconds = self.0.as_nanos();
        if nanoseconds < 1000 {
            return f.pad(&format!("{nanoseconds} ns"));
        }
        let mut value = nanoseconds as f64;
        let mut unit = 0;
        // 999.5 would be printed as 1000.
        while value >= 999.5 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        let decimals = match value {
            v if v < 9.995 => 2,
            v if v < 99.95 => 1,
            _ => 0,
        };
        f.pad(&format!("{value:.decimals$} {}", UNITS[unit]))
    }
}

/// Displays rising numbers, runs as first and last: `0-3,8`.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'n>(pub &'n [u32]);

impl fmt::Display for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, run) in self.0.chunk_by(|a, b| *b == a + 1).enumerate() {
            let comma = if k == 0 { "" } else { "," };
            match run {
                [one] => write!(f, "{comma}{one}")?,
                _ => write!(f, "{comma}{}-{}", run[0], run[run.len() - 1])?,
            }
        }
        Ok(())
    }
}

/// What a plan and a report have in common.
struct Summary<'s> {
    kernel: &'s str,
    device: &'s DeviceInfo,
    why: &'s str,
    extent: Extent,
    arguments: &'s [ArgumentPlan],
    parameters: &'s [&'s str],
}

impl Summary<'_> {
    /// All lines but those of the times.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = if self.extent.items() == Some(1) { "item" } else { "items" };
        writeln!(f, "{}: {} {items} on {}", self.kernel, self.extent, self.device)?;
        if !self.why.is_empty() {
            writeln!(f, "  why: {}", self.why)?;
        }
        if self.arguments.is_empty() { self.write_in_place(f) } else { self.write_arguments(f) }
    }

    /// No argument needed anything: the host works on all of them where they are.
    fn write_in_place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.parameters.is_empty() {
            return Ok(());
        }
        writeln!(f, "  {}: direct, used in place, nothing copied", self.parameters.join(", "))
    }

    fn write_arguments(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.arguments.iter().map(|a| a.name.chars().count());
        let width = names.max().unwrap_or(0).max("argument".len());
        writeln!(f, "  {:width$}  {:8}  {:>10}  {:>10}  why", "argument", "strategy", "in", "out")?;
        for argument in self.arguments {
            let ArgumentPlan { name, strategy, why, bytes_in, bytes_out } = argument;
            let (bytes_in, bytes_out) = (Bytes(*bytes_in), Bytes(*bytes_out));
            let line = format!("  {name:width$}  {strategy:8}  {bytes_in:>10}  {bytes_out:>10}  {why}");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

impl fmt::Display for Plan {
    /// Several lines, the last one without an end: device, strategies, a table of the steps with predicted times and why.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { kernel, device, why, extent, arguments, steps } = self;
        Summary { kernel, device, why, extent: *extent, arguments, parameters: &[] }.write(f)?;
        writeln!(f, "  {:9}  {:>9}  why", "step", "predicted")?;
        for PlanStep { kind, time, why, serves: _ } in steps {
            let time = time.map_or("unknown".into(), |time| Time(time).to_string());
            writeln!(f, "{}", format!("  {kind:9}  {time:>9}  {why}").trim_end())?;
        }
        let total = self.total().map_or("unknown".into(), |total| Time(total).to_string());
        write!(f, "  {:9}  {total:>9}", "total")
    }
}

impl fmt::Display for Report {
    /// Several lines, the last one without an end: device, strategies, bytes, times.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { kernel, device, why, extent, parameters, arguments, steps } = self;
        Summary { kernel, device, why, extent: *extent, arguments, parameters }.write(f)?;
        let mut steps = steps.iter().peekable();
        if steps.peek().is_none() {
            return f.write_str("  took too little to be timed");
        }
        write!(f, "  took {}", Time(self.total()))?;
        for (k, (kind, time)) in steps.enumerate() {
            write!(f, "{} {kind} {}", if k == 0 { ":" } else { "," }, Time(time))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::backend::DeviceKind;
    use crate::plan::{StepKind, Strategy};
    use crate::report::Steps;

    fn device(id: &str, name: &str, kind: DeviceKind) -> Arc<DeviceInfo> {
        Arc::new(DeviceInfo {
            id: id.into(),
            name: name.into(),
            driver: String::new(),
            kind,
            memory: 1 << 30,
            units: 2,
            capabilities: vec![],
            strategies: vec![],
        })
    }

    fn argument(name: &'static str, strategy: Strategy, why: &'static str, bytes: [u64; 2]) -> ArgumentPlan {
        ArgumentPlan { name, strategy, why: why.into(), bytes_in: bytes[0], bytes_out: bytes[1] }
    }

    #[test]
    fn a_report_of_a_device() {
        let mut steps = Steps::default();
        steps.add(StepKind::Compile, Duration::from_micros(12_345));
        steps.add(StepKind::CopyIn, Duration::from_micros(8_100));
        steps.add(StepKind::Run, Duration::from_nanos(9_999));
        let report = Report {
            kernel: "saxpy",
            device: device("wgpu:0", "llvmpipe", DeviceKind::Software),
            why: "".into(),
            extent: Extent::linear(1 << 24),
            parameters: &["a", "x", "y"],
            arguments: vec![
                argument("x", Strategy::Copy, "page alignment unknown", [64 << 20, 0]),
                argument("y", Strategy::Map, "imported in place", [0, 4 << 10]),
            ],
            steps,
        };
        let expected = "\
saxpy: 16777216 items on wgpu:0 (llvmpipe, software)
  argument  strategy          in         out  why
  x         copy        64.0 MiB           -  page alignment unknown
  y         map                -     4.0 KiB  imported in place
  took 20.5 ms: compile 12.3 ms, copy in 8.10 ms, run 10.0 µs";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn a_report_of_the_host_says_that_nothing_moved() {
        let mut steps = Steps::default();
        steps.add(StepKind::Run, Duration::from_nanos(640));
        let report = Report {
            kernel: "saxpy",
            device: device("host", "2 cores", DeviceKind::Host),
            why: "fell back from wgpu:0: no f64".into(),
            extent: Extent::linear(1),
            parameters: &["a", "x", "y"],
            arguments: vec![],
            steps,
        };
        let expected = "\
saxpy: 1 item on host (2 cores)
  why: fell back from wgpu:0: no f64
  a, x, y: direct, used in place, nothing copied
  took 640 ns: run 640 ns";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn a_plan_predicts() {
        let plan = Plan {
            kernel: "step",
            device: device("wgpu:1", "Some GPU", DeviceKind::DiscreteGpu),
            why: "4.00 ms against 9.00 ms on host".into(),
            extent: Extent::plane([1080, 1920]),
            arguments: vec![argument("a_long_parameter", Strategy::Copy, "", [512, 1536])],
            steps: vec![
                PlanStep::new(StepKind::Run, Duration::from_millis(4), "as earlier launches took"),
                PlanStep::new(StepKind::CopyOut, Duration::from_secs(2), ""),
            ],
        };
        let expected = "\
step: 1080 x 1920 items on wgpu:1 (Some GPU)
  why: 4.00 ms against 9.00 ms on host
  argument          strategy          in         out  why
  a_long_parameter  copy           512 B     1.5 KiB
  step       predicted  why
  run          4.00 ms  as earlier launches took
  copy out      2.00 s
  total         2.00 s";
        assert_eq!(plan.to_string(), expected);
    }

    #[test]
    fn a_plan_says_what_it_does_not_know() {
        let plan = Plan {
            kernel: "step",
            device: device("host", "2 cores", DeviceKind::Host),
            why: "".into(),
            extent: Extent::linear(2),
            arguments: vec![],
            steps: vec![PlanStep::unknown(StepKind::Run, "the kernel has never run")],
        };
        let expected = "\
step: 2 items on host (2 cores)
  step       predicted  why
  run          unknown  the kernel has never run
  total        unknown";
        assert_eq!(plan.to_string(), expected);
        assert_eq!(plan.unknown().map(|step| step.kind), Some(StepKind::Run));
    }

    #[test]
    fn times_have_three_digits() {
        let text = |nanoseconds| Time(Duration::from_nanos(nanoseconds)).to_string();
        assert_eq!(text(0), "0 ns");
        assert_eq!(text(999), "999 ns");
        assert_eq!(text(1000), "1.00 µs");
        assert_eq!(text(9_996), "10.0 µs");
        assert_eq!(text(99_960), "100 µs");
        assert_eq!(text(999_600), "1.00 ms");
        assert_eq!(text(3_600_000_000_000), "3600 s");
    }

    #[test]
    fn bytes_have_binary_units() {
        let text = |bytes| Bytes(bytes).to_string();
        assert_eq!(text(0), "-");
        assert_eq!(text(1023), "1023 B");
        assert_eq!(text(1024), "1.0 KiB");
        assert_eq!(text(u64::MAX), "16384.0 PiB");
    }
}
