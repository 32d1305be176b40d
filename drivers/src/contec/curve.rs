//! The curve: blocks on a time axis that counts samples.
//!
//! O5: Lost packets leave a hole in the numbering, never repeated samples. The packets have no counter, so bytes that
//! belonged to none are counted as packets, and a silence by the clock.

use std::time::Duration;

use vitals::{Code, MonoTime, WaveBlock};

/// Samples of the curve in a second: the device sends 60, give or take 2.
const RATE: u32 = 60;

/// Samples that leave together: a third of a second.
const BLOCK_SAMPLES: usize = 20;

/// A shorter silence is a line that hands over its bytes in lumps.
const SILENCE: Duration = Duration::from_secs(1);

/// Numbers the samples of one session of the line.
#[derive(Debug, Default)]
pub(super) struct Curve {
    next: u64,
    samples: Vec<i16>,
    last: Option<MonoTime>,
}

impl Curve {
    /// So many packets were lost before the next one.
    pub(super) fn lost(&mut self, packets: u64, out: &mut impl FnMut(WaveBlock)) {
        if self.last.is_some() && packets > 0 {
            self.end_block(out);
            self.next += packets;
        }
    }

    /// The sample of one packet; `None` where it means nothing, which is a hole.
    pub(super) fn hear(&mut self, now: MonoTime, sample: Option<u8>, out: &mut impl FnMut(WaveBlock)) {
        if let Some(at) = self.last
            && now.since(at) >= SILENCE
        {
            let ms = u64::try_from(now.since(at).as_millis()).unwrap_or(0);
            let packets = (ms.saturating_mul(u64::from(RATE)) + 500) / 1000;
            self.lost(packets.saturating_sub(1), out);
        }
        self.last = Some(now);
        match sample {
            Some(sample) => self.samples.push(i16::from(sample)),
            None => self.end_block(out),
        }
        self.next += 1;
        if self.samples.len() >= BLOCK_SAMPLES {
            self.end_block(out);
        }
    }

    fn end_block(&mut self, out: &mut impl FnMut(WaveBlock)) {
        if self.samples.is_empty() {
            return;
        }
        let samples = std::mem::take(&mut self.samples);
        out(WaveBlock {
            code: Code::Pleth,
            rate: (RATE, 1),
            first_sample: self.next - samples.len() as u64,
            samples,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `s` a sample, `-` none, a digit so many lost packets, `p` a pause of 2 s; the blocks as `first+count`.
    fn check(story: &str, expected: &str) {
        let mut curve = Curve::default();
        let (mut blocks, mut now) = (Vec::new(), MonoTime::from_ms(1000));
        let mut out =
            |block: WaveBlock| blocks.push(format!("{}+{}", block.first_sample, block.samples.len()));
        for letter in story.chars() {
            now = now + Duration::from_micros(16_667);
            match letter {
                's' => curve.hear(now, Some(7), &mut out),
                '-' => curve.hear(now, None, &mut out),
                'p' => now = now + Duration::from_secs(2),
                digit => curve.lost(u64::from(digit.to_digit(10).unwrap()), &mut out),
            }
        }
        assert_eq!(blocks.join(" "), expected, "{story}");
    }

    #[test]
    fn samples_in_a_row_are_numbered_without_holes() {
        check(&"s".repeat(61), "0+20 20+20 40+20");
    }

    #[test]
    fn o5_lost_packets_are_a_hole() {
        check(
            &("9".to_owned() + &"s".repeat(5) + "3" + &"s".repeat(20)),
            "0+5 8+20",
        );
        check(&("s".repeat(5) + "--" + &"s".repeat(20)), "0+5 7+20");
        check(&("s".repeat(5) + "p" + &"s".repeat(20)), "0+5 126+20");
    }
}
