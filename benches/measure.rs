//! One way to measure them all: medians of repeated runs, one JSON line a kernel.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// A kernel and the work that one run of it does.
pub struct Kernel<'a> {
    /// Its name, stable over versions.
    pub name: &'a str,
    /// How large the task is, in words.
    pub size: &'a str,
    /// How many units one run handles.
    pub work: f64,
    /// The unit of the rate, such as `Mpixel/s`; rates are per CPU second.
    pub unit: &'a str,
    /// The number of threads it uses.
    pub threads: usize,
}

/// Runs a kernel until a second has passed, five times at least, and gives its line of JSON:
/// `kernel`, `size`, `seconds_cpu`, `seconds_wall` (medians over the runs), `rate`, `unit`, `threads`.
pub fn measure<T>(kernel: &Kernel<'_>, mut run: impl FnMut() -> T) -> String {
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    let began = Instant::now();
    while wall.len() < 5 || began.elapsed() < Duration::from_secs(1) {
        let (cpu_start, wall_start) = (ProcessTime::now(), Instant::now());
        std::hint::black_box(run());
        cpu.push(cpu_start.elapsed().as_secs_f64());
        wall.push(wall_start.elapsed().as_secs_f64());
    }
    let (cpu, wall) = (median(cpu), median(wall));
    serde_json::json!({
        "kernel": kernel.name,
        "size": kernel.size,
        "seconds_cpu": cpu,
        "seconds_wall": wall,
        "rate": kernel.work / cpu,
        "unit": kernel.unit,
        "threads": kernel.threads,
    })
    .to_string()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_what_readers_expect() {
        let kernel = Kernel { name: "sum", size: "1000", work: 1000.0, unit: "term/s", threads: 1 };
        let line: serde_json::Value =
            serde_json::from_str(&measure(&kernel, || (0..1000u64).map(std::hint::black_box).sum::<u64>()))
                .unwrap();
        for key in ["kernel", "size", "seconds_cpu", "seconds_wall", "rate", "unit", "threads"] {
            assert!(line.get(key).is_some(), "{key}");
        }
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
