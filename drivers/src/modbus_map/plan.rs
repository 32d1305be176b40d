//! Which questions read all signals of a map: as few as possible, never across a hole, never through a value.
//!
//! - M1: A value of several registers, and a value together with the signals that rule it, is read in one question and
//!   never cut: they were true at the same moment.
//! - M2: Questions of one table have different lengths where the device allows it, so that a late answer to one cannot
//!   be taken for the answer to another.

use std::ops::Range;
use std::time::Duration;

use super::error::MapProblem;
use super::map::{Signal, Table};

/// How far questions may reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Registers between two values that may be read along.
    pub max_gap: u16,
    /// Registers in one question.
    pub max_block: u16,
}

/// One question, and the signals that its answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which table.
    pub table: Table,
    /// First address.
    pub addr: u16,
    /// Registers or bits that hold signals.
    pub count: u16,
    /// Registers or bits read beyond them, only to make the answer's length its own (M2).
    pub pad: u16,
    /// How often it is asked.
    pub interval: Duration,
    pub(super) spans: Vec<Span>,
}

/// A run of addresses that is never cut (M1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub from: u32,
    pub to: u32,
    pub signals: Vec<usize>,
}

type Hole = (Table, u16, u16);

impl Block {
    /// Bytes of the answer's data: what tells answers apart.
    fn answer_bytes(&self) -> u32 {
        let count = u32::from(self.count) + u32::from(self.pad);
        if self.table.is_bits() {
            count.div_ceil(8)
        } else {
            count * 2
        }
    }

    fn of(table: Table, interval: Duration, spans: Vec<Span>) -> Block {
        let from = spans.iter().map(|span| span.from).min().unwrap_or(0);
        let to = spans.iter().map(|span| span.to).max().unwrap_or(0);
        let fits = "addresses were checked to be at most 65535 and blocks at most 125 long";
        Block {
            table,
            addr: u16::try_from(from).expect(fits),
            count: u16::try_from(to - from).expect(fits),
            pad: 0,
            interval,
            spans,
        }
    }

    /// The signals in this block.
    pub(super) fn signals(&self) -> impl Iterator<Item = usize> + '_ {
        self.spans.iter().flat_map(|span| span.signals.iter().copied())
    }

    /// What to ask instead when the device refuses this question: first without the padding, then in halves; `None`
    /// when nothing smaller can be asked.
    pub(super) fn smaller(&self) -> Option<Vec<Block>> {
        if self.pad > 0 {
            return Some(vec![Block {
                pad: 0,
                ..self.clone()
            }]);
        }
        if self.spans.len() < 2 {
            return None;
        }
        let (left, right) = self.spans.split_at(self.spans.len() / 2);
        Some(
            [left, right]
                .map(|half| Block::of(self.table, self.interval, half.to_vec()))
                .to_vec(),
        )
    }
}

/// The questions for these signals, or the signal that cannot be read and why.
pub(super) fn blocks(
    signals: &[Signal],
    holes: &[Hole],
    limits: Limits,
) -> Result<Vec<Block>, (usize, MapProblem)> {
    overlaps(signals)?;
    let mut spans = groups(signals);
    for (table, _, span) in &spans {
        can_be_read_at_once(*table, span, signals, holes, limits)?;
    }
    spans.sort_by_key(|(table, interval, span)| (*table, *interval, span.from));
    let mut blocks: Vec<Block> = Vec::new();
    for (table, interval, span) in spans {
        let joined = blocks
            .last_mut()
            .filter(|last| (last.table, last.interval) == (table, interval))
            .filter(|last| joins(last, &span, holes, limits));
        match joined {
            Some(last) => {
                last.spans.push(span);
                *last = Block::of(table, interval, std::mem::take(&mut last.spans));
            }
            None => blocks.push(Block::of(table, interval, vec![span])),
        }
    }
    tell_apart(&mut blocks, holes, limits);
    Ok(blocks)
}

fn joins(block: &Block, span: &Span, holes: &[Hole], limits: Limits) -> bool {
    let from = u32::from(block.addr);
    let end = from + u32::from(block.count);
    let gap = span.from.saturating_sub(end);
    let length = span.to.max(end) - from;
    gap <= u32::from(limits.max_gap)
        && length <= u32::from(limits.max_block)
        && !crosses(holes, block.table, &(end..span.from))
}

fn crosses(holes: &[Hole], table: Table, range: &Range<u32>) -> bool {
    holes
        .iter()
        .any(|(of, from, to)| *of == table && u32::from(*from) < range.end && u32::from(*to) >= range.start)
}

fn reach(signal: &Signal) -> Range<u32> {
    let from = u32::from(signal.addr);
    from..from + u32::from(signal.width)
}

fn overlaps(signals: &[Signal]) -> Result<(), (usize, MapProblem)> {
    let mut sorted: Vec<(usize, &Signal)> = signals.iter().enumerate().collect();
    sorted.sort_by_key(|(_, signal)| (signal.table, signal.addr, signal.width));
    for pair in sorted.windows(2) {
        let [(_, a), (index, b)] = pair else { continue };
        let same = (a.addr, a.kind, a.order) == (b.addr, b.kind, b.order);
        if a.table == b.table && reach(a).end > reach(b).start && !same {
            return Err((*index, MapProblem::Overlap { with: a.id.clone() }));
        }
    }
    Ok(())
}

/// Signals that rule each other or share registers, as one span each with the shortest of their intervals.
fn groups(signals: &[Signal]) -> Vec<(Table, Duration, Span)> {
    let mut groups: Vec<(usize, Table, Duration, Span)> = Vec::new();
    for ((index, signal), number) in signals.iter().enumerate().zip(group_numbers(signals)) {
        let here = reach(signal);
        match groups.iter_mut().find(|(known, ..)| *known == number) {
            None => {
                let span = Span {
                    from: here.start,
                    to: here.end,
                    signals: vec![index],
                };
                groups.push((number, signal.table, signal.interval, span));
            }
            Some((_, _, interval, span)) => {
                span.from = span.from.min(here.start);
                span.to = span.to.max(here.end);
                span.signals.push(index);
                *interval = signal.interval.min(*interval);
            }
        }
    }
    groups
        .into_iter()
        .map(|(_, table, interval, span)| (table, interval, span))
        .collect()
}

/// M1: or the signal that cannot be read together with its group, and why.
fn can_be_read_at_once(
    table: Table,
    span: &Span,
    signals: &[Signal],
    holes: &[Hole],
    limits: Limits,
) -> Result<(), (usize, MapProblem)> {
    let first = span.signals.first().copied().unwrap_or(0);
    let last = span.signals.last().copied().unwrap_or(0);
    let elsewhere = |index: &usize| signals.get(*index).is_some_and(|signal| signal.table != table);
    let why = if span.signals.iter().any(elsewhere) {
        "they stand in different tables"
    } else if crosses(holes, table, &(span.from..span.to)) {
        "a declared hole lies between them"
    } else if span.to - span.from > u32::from(limits.max_block) {
        "together they are longer than max_block"
    } else {
        return Ok(());
    };
    if first == last {
        return Err((
            first,
            MapProblem::Unreadable {
                why: "it is longer than max_block or lies in a declared hole",
            },
        ));
    }
    let with = signals
        .get(first)
        .map(|first| first.id.clone())
        .unwrap_or_default();
    Err((last, MapProblem::NotTogether { with, why }))
}

/// For each signal the lowest index among those it must be read with.
fn group_numbers(signals: &[Signal]) -> Vec<usize> {
    let mut links: Vec<(usize, usize)> = Vec::new();
    for (index, signal) in signals.iter().enumerate() {
        let flags = signal.absent.iter().map(|(flag, _)| flag.signal);
        let flags = flags.chain(signal.questionable.iter().map(|flag| flag.signal));
        links.extend(
            flags
                .chain(signal.aged_by)
                .chain(signal.scale_by)
                .map(|other| (index, other)),
        );
        let same_register = |other: &Signal| (other.table, other.addr) == (signal.table, signal.addr);
        let twin = signals.iter().take(index).position(same_register);
        links.extend(twin.map(|other| (index, other)));
    }
    let mut number: Vec<usize> = (0..signals.len()).collect();
    // A few rounds are enough for any real map; the loop ends when nothing changes.
    loop {
        let mut changed = false;
        for (a, b) in &links {
            let (Some(&at_a), Some(&at_b)) = (number.get(*a), number.get(*b)) else {
                continue;
            };
            let low = at_a.min(at_b);
            for place in [*a, *b] {
                if let Some(here) = number.get_mut(place).filter(|here| **here != low) {
                    *here = low;
                    changed = true;
                }
            }
        }
        if !changed {
            return number;
        }
    }
}

/// M2: lengthens a question that has the length of an earlier one of its table, where the map allows to read beyond its
/// signals at all (`max_gap` above 0). A device that refuses the longer question gets the plain one.
fn tell_apart(blocks: &mut [Block], holes: &[Hole], limits: Limits) {
    let mut used: Vec<(Table, u32)> = Vec::new();
    for block in blocks.iter_mut() {
        let plain = block.pad;
        while used.contains(&(block.table, block.answer_bytes())) {
            let step = if block.table.is_bits() { 8 } else { 1 };
            let end = u32::from(block.addr) + u32::from(block.count) + u32::from(block.pad);
            let next = end..end + step;
            let fits = limits.max_gap > 0
                && next.end <= 65536
                && next.end - u32::from(block.addr) <= u32::from(limits.max_block)
                && !crosses(holes, block.table, &next);
            if !fits {
                block.pad = plain;
                break;
            }
            block.pad += step as u16;
        }
        used.push((block.table, block.answer_bytes()));
    }
}
