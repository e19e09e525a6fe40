//! An axis: its range, its scale, its ticks and its title.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use crate::error::DrawError;

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By their logarithms.
    Log,
}

/// A tick, with its number unless it is a minor one.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where it stands.
    pub value: f64,
    /// What stands beside it, as a label text.
    pub label: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Ticks {
    Automatic,
    Bare,
    Hidden,
    Given(Vec<Tick>),
}

/// An axis of a panel.
///
/// ```
/// use shadowflow_figures::axis::Axis;
/// let axis = Axis::log(1e-4, 1.0)?.title("step $h$");
/// assert_eq!(axis.position(1e-2), 0.5);
/// let labels: Vec<String> = axis.ticks(120.0, 20.0).into_iter().filter_map(|t| t.label).collect();
/// assert_eq!(labels, ["$10^{-4}$", "$10^{-3}$", "$10^{-2}$", "$10^{-1}$", "$10^{0}$"]);
/// # Ok::<(), shadowflow_figures::DrawError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    scale: Scale,
    title: Option<String>,
    ticks: Ticks,
}

impl Axis {
    /// An even axis from `low` to `high`.
    ///
    /// # Errors
    /// [`DrawError::Range`] unless both ends are finite and `low < high`.
    pub fn linear(low: f64, high: f64) -> Result<Axis, DrawError> {
        Axis::new(low, high, Scale::Linear)
    }

    /// A logarithmic axis from `low` to `high`.
    ///
    /// # Errors
    /// [`DrawError::Range`] unless both ends are finite and `0 < low < high`.
    pub fn log(low: f64, high: f64) -> Result<Axis, DrawError> {
        Axis::new(low, high, Scale::Log)
    }

    fn new(low: f64, high: f64, scale: Scale) -> Result<Axis, DrawError> {
        let proper =
            low.is_finite() && high.is_finite() && low < high && (scale == Scale::Linear || low > 0.0);
        if !proper {
            return Err(DrawError::Range { low, high, logarithmic: scale == Scale::Log });
        }
        Ok(Axis { low, high, scale, title: None, ticks: Ticks::Automatic })
    }

    /// The same axis with a title, words with `$mathematics$`.
    pub fn title(self, title: impl Into<String>) -> Axis {
        Axis { title: Some(title.into()), ..self }
    }

    /// The same axis with ticks and no numbers, for a panel that shares the numbers of its neighbour.
    pub fn bare(self) -> Axis {
        Axis { ticks: Ticks::Bare, ..self }
    }

    /// The same axis without ticks and numbers.
    pub fn hidden(self) -> Axis {
        Axis { ticks: Ticks::Hidden, ..self }
    }

    /// The same axis with these ticks; those outside the range are left out.
    pub fn ticks_at<L: Into<String>>(self, ticks: impl IntoIterator<Item = (f64, L)>) -> Axis {
        let ticks =
            ticks.into_iter().map(|(value, label)| Tick { value, label: Some(label.into()) }).collect();
        Axis { ticks: Ticks::Given(ticks), ..self }
    }

    /// The title, if any.
    pub fn title_text(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The ends of the axis.
    pub fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Its scale.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Where a value stands: 0 at the low end, 1 at the high end, NaN where the scale has no place for it.
    pub fn position(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => (value / self.low).ln() / (self.high / self.low).ln(),
        }
    }

    /// The value at a position, the inverse of [`Axis::position`].
    pub fn value(&self, position: f64) -> f64 {
        match self.scale {
            Scale::Linear => self.low + position * (self.high - self.low),
            Scale::Log => self.low * (position * (self.high / self.low).ln()).exp(),
        }
    }

    /// The ticks of an axis `length` points long whose numbers need `room` points each.
    pub fn ticks(&self, length: f64, room: f64) -> Vec<Tick> {
        let numbers = (length / room.max(1.0)).floor().max(1.0);
        let automatic = || match self.scale {
            Scale::Linear => self.linear_ticks(numbers),
            Scale::Log => self.log_ticks(numbers, length),
        };
        match &self.ticks {
            Ticks::Hidden => Vec::new(),
            Ticks::Automatic => automatic(),
            Ticks::Bare => automatic()
                .into_iter()
                .map(|tick| Tick { label: tick.label.map(|_| String::new()), ..tick })
                .collect(),
            Ticks::Given(ticks) => ticks.iter().filter(|tick| self.holds(tick.value)).cloned().collect(),
        }
    }

    /// Whether a value lies on the axis, ends included up to rounding.
    fn holds(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.position(value))
    }

    /// Multiples of 1, 2 or 5 times a power of ten, as close as `numbers` of them allow.
    fn linear_ticks(&self, numbers: f64) -> Vec<Tick> {
        let least = (self.high - self.low) / numbers;
        let mut power = least.log10().floor() as i32;
        let mantissa = least / 10f64.powi(power);
        // A hair of slack keeps 0.2 from becoming 0.5 by rounding.
        let factor = match mantissa {
            m if m <= 1.0 + 1e-9 => 1.0,
            m if m <= 2.0 + 1e-9 => 2.0,
            m if m <= 5.0 + 1e-9 => 5.0,
            _ => {
                power += 1;
                1.0
            }
        };
        let step = factor * 10f64.powi(power);
        let first = (self.low / step - 1e-9).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last)
            .map(|i| {
                // Multiplying by or dividing by a whole power of ten rounds once; a product with 0.1 would round twice.
                let units = i as f64 * factor;
                let value = if power < 0 { units / 10f64.powi(-power) } else { units * 10f64.powi(power) };
                Tick { value, label: Some(decimal_label(units, power)) }
            })
            .collect()
    }

    /// Powers of ten, thinned to `numbers`, with minor ticks between; over less than two decades also 2 and 5.
    fn log_ticks(&self, numbers: f64, length: f64) -> Vec<Tick> {
        let decades = (self.high / self.low).log10();
        let (first, last) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
        let stride = (decades / numbers).ceil().max(1.0) as i32;
        let roomy = length / decades;
        let mut ticks = Vec::new();
        for power in first..=last {
            for digit in 1..=9 {
                let value = f64::from(digit) * 10f64.powi(power);
                if !self.holds(value) {
                    continue;
                }
                let label = match digit {
                    1 if power.rem_euclid(stride) == 0 => Some(format!("$10^{{{power}}}$")),
                    2 | 5 if decades < 1.3 => Some(format!("${digit}\\times10^{{{power}}}$")),
                    _ => None,
                };
                let drawn = label.is_some() || digit == 1 || (stride == 1 && roomy > 14.0);
                if drawn {
                    ticks.push(Tick { value, label });
                }
            }
        }
        ticks
    }
}

/// `units` · 10^`power` as it is printed: plain where that is short, otherwise with a power of ten.
fn decimal_label(units: f64, power: i32) -> String {
    if units == 0.0 {
        return "$0$".to_owned();
    }
    if (-4..0).contains(&power) {
        return format!("${:.*}$", power.unsigned_abs() as usize, units / 10f64.powi(-power));
    }
    let value = units * 10f64.powi(power);
    if power >= 0 && value.abs() < 1e5 {
        return format!("${value:.0}$");
    }
    let exponent = value.abs().log10().floor() as i32;
    // As many digits as distinguish neighbours.
    let digits = (exponent - power).max(0) as usize;
    format!("${:.*}\\times10^{{{exponent}}}$", digits, value / 10f64.powi(exponent))
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        // The cast saturates, and the clamp keeps neighbouring arithmetic inside i32: panels clip before this matters.
        let position = self.position(*value).clamp(-1e3, 1e3);
        let end_to_end = f64::from(limit.1) - f64::from(limit.0);
        (f64::from(limit.0) + position * end_to_end).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        self.ticks(hint.max_num_points() as f64, 1.0).into_iter().map(|tick| tick.value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(axis: &Axis, length: f64, room: f64) -> Vec<String> {
        axis.ticks(length, room).into_iter().filter_map(|tick| tick.label).collect()
    }

    #[test]
    fn linear_ticks_are_round_and_printed_with_the_digits_they_need() {
        let axis = Axis::linear(-0.35, 1.0).unwrap();
        assert_eq!(
            labels(&axis, 100.0, 25.0),
            ["$0.0$", "$0.5$", "$1.0$"].map(|l| if l == "$0.0$" { "$0$" } else { l })
        );
        assert_eq!(labels(&Axis::linear(0.0, 0.3).unwrap(), 100.0, 30.0), ["$0$", "$0.1$", "$0.2$", "$0.3$"]);
        assert_eq!(
            labels(&Axis::linear(-20.0, 20.0).unwrap(), 80.0, 20.0),
            ["$-20$", "$-10$", "$0$", "$10$", "$20$"]
        );
        assert_eq!(
            labels(&Axis::linear(0.0, 3e6).unwrap(), 90.0, 30.0),
            ["$0$", "$1\\times10^{6}$", "$2\\times10^{6}$", "$3\\times10^{6}$"]
        );
    }

    #[test]
    fn log_ticks_thin_out_over_many_decades_and_fill_in_over_one() {
        let wide = Axis::log(1e-16, 1.0).unwrap();
        assert_eq!(
            labels(&wide, 100.0, 20.0),
            ["$10^{-16}$", "$10^{-12}$", "$10^{-8}$", "$10^{-4}$", "$10^{0}$"]
        );
        let narrow = Axis::log(0.1, 1.0).unwrap();
        assert_eq!(
            labels(&narrow, 100.0, 20.0),
            ["$10^{-1}$", "$2\\times10^{-1}$", "$5\\times10^{-1}$", "$10^{0}$"]
        );
        assert_eq!(narrow.ticks(100.0, 20.0).len(), 10);
    }

    #[test]
    fn improper_ranges_are_refused_with_their_numbers() {
        for (low, high) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert!(Axis::linear(low, high).is_err());
        }
        let message = Axis::log(0.0, 1.0).unwrap_err().to_string();
        assert!(message.contains("0") && message.contains("positive"), "{message}");
    }

    proptest! {
        #[test]
        fn ticks_lie_on_the_axis_in_order_and_not_too_close(
            low in -1e6..1e6f64, span in 1e-6..1e6f64, length in 40.0..400.0f64, room in 10.0..40.0f64
        ) {
            let axis = Axis::linear(low, low + span).unwrap();
            let ticks = axis.ticks(length, room);
            for tick in &ticks {
                prop_assert!(axis.holds(tick.value));
            }
            for pair in ticks.windows(2) {
                let distance = (axis.position(pair[1].value) - axis.position(pair[0].value)) * length;
                // Rounding of a tick far from zero on a short axis: 1e6 · 2⁻⁵² over a span of 1e-6.
                prop_assert!(distance > room * (1.0 - 1e-3));
            }
        }

        #[test]
        fn value_inverts_position(low in 1e-9..1.0f64, factor in 1.1..1e9f64, t in 0.0..1.0f64) {
            for axis in [Axis::linear(low, low * factor).unwrap(), Axis::log(low, low * factor).unwrap()] {
                // Each is a handful of roundings; the logarithm of a ratio near one loses one more digit.
                prop_assert!((axis.position(axis.value(t)) - t).abs() < 1e-13);
            }
        }
    }
}
