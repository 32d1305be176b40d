//! Signals that refer to others: what makes them absent or questionable, how old they are, how they are scaled.

use std::ops::Range;

use vitals::AbsentReason;

use super::check::{Checked, bad_number};
use super::error::MapProblem;
use super::file::{MapText, RuleText, SignalText};
use super::map::{Rule, Signal, Test};
use super::values::bit_range;

/// What a signal refers to, checked.
pub(super) struct Links {
    pub absent: Vec<(Rule, AbsentReason)>,
    pub questionable: Vec<Rule>,
    pub aged_by: Option<usize>,
    pub scale_by: Option<usize>,
}

/// The links of one signal.
pub(super) fn of(map: &MapText, text: &SignalText) -> Checked<Links> {
    let mut absent = Vec::new();
    for rule in &text.absent {
        let written = rule.get_ref();
        absent.push((one(map, text, &written.rule(), rule.span())?, written.reason));
    }
    let mut questionable = Vec::new();
    for rule in &text.questionable {
        questionable.push(one(map, text, rule.get_ref(), rule.span())?);
    }
    let to = |id: &Option<toml::Spanned<String>>| match id {
        None => Ok(None),
        Some(id) => link(map, text, id.get_ref(), id.span()).map(Some),
    };
    Ok(Links {
        absent,
        questionable,
        aged_by: to(&text.aged_by)?,
        scale_by: to(&text.scale_ref)?,
    })
}

/// Signals that rule others are whole numbers that have the bits.
pub(super) fn fit(signals: &[Signal], written: &MapText) -> Checked<()> {
    for (signal, text) in signals.iter().zip(&written.signals) {
        let rules = signal.absent.iter().map(|(rule, _)| rule);
        let rules = rules
            .chain(&signal.questionable)
            .map(|rule| (rule.signal, rule.test.bits()));
        let plain = signal.aged_by.into_iter().chain(signal.scale_by);
        for (index, bits) in rules.chain(plain.map(|index| (index, 0))) {
            let ruler = signals.get(index);
            let fits = |ruler: &&Signal| {
                let beyond = bits.checked_shr(u32::from(ruler.width) * 16).unwrap_or(0);
                ruler.kind.is_whole_number() && beyond == 0
            };
            if ruler.filter(fits).is_none() {
                let problem = MapProblem::BadLink {
                    id: ruler.map(|ruler| ruler.id.clone()).unwrap_or_default(),
                    wanted: "a whole number (u16 ... i64) that has this bit",
                };
                return Err((text.get_ref().id.span(), problem));
            }
        }
    }
    Ok(())
}

fn one(map: &MapText, from: &SignalText, rule: &RuleText, at: Range<usize>) -> Checked<Rule> {
    let signal = link(map, from, &rule.of, at.clone())?;
    let bad_bits = |text: String| (at.clone(), MapProblem::BadBits(text));
    let test = match (rule.bit, &rule.bits, &rule.unless) {
        (Some(bit), None, None) => match u32::try_from(bit) {
            Ok(bit) if bit < 64 => Test::AnyBitOf(1 << bit),
            _ => return Err(bad_bits(bit.to_string())),
        },
        (None, Some(bits), None) => match bit_range(bits) {
            Some((low, high)) if low <= high && high < 64 => {
                Test::AnyBitOf(u64::MAX >> (63 - (high - low)) << low)
            }
            _ => return Err(bad_bits(bits.clone())),
        },
        (None, None, Some(values)) if values.is_empty() => {
            let hint = "at least one number: unless = [101, 102]";
            return Err((at, bad_number("unless", "[]", hint)));
        }
        (None, None, Some(values)) => Test::NoneOf(values.clone()),
        _ => {
            let problem = MapProblem::Clash("a rule has one of bit, bits and unless; two or none");
            return Err((at, problem));
        }
    };
    Ok(Rule { signal, test })
}

/// The signal that another one refers to: whole registers with a plain whole number, ruled by nobody itself.
fn link(map: &MapText, from: &SignalText, id: &str, at: Range<usize>) -> Checked<usize> {
    let bad = |wanted| {
        let id = id.to_owned();
        (at.clone(), MapProblem::BadLink { id, wanted })
    };
    let found = map.signals.iter().enumerate().find_map(|(index, signal)| {
        let signal = signal.get_ref();
        (signal.id.get_ref() == id).then_some((index, signal))
    });
    let (index, signal) = found.ok_or_else(|| bad("the id of a signal of this map"))?;
    if from.id.get_ref() == id {
        return Err(bad("another signal"));
    }
    let bare = signal.bit.is_none() && signal.bits.is_none() && signal.absent.is_empty();
    if !bare || signal.scale_ref.is_some() {
        return Err(bad(
            "a whole number without bit, bits, scale_ref and absent rules of its own",
        ));
    }
    Ok(index)
}
