//! From the text of a map to a map that can be polled: every rule of the file format, each with its place.

use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use vitals::code::{CODES, CodeKind};
use vitals::{Code, Decimal};

use super::alarms;
use super::error::{MapError, MapProblem};
use super::file::{DefaultsText, MapText, SerialText, SignalText};
use super::links;
use super::map::{Device, Kind, Map, Order, Pick, Scale, Signal, Table};
use super::plan::{self, Limits};
use super::values::{bit_range, decimal, duration, order, reference, shift_of};
use crate::catalog::SerialSettings;

/// The only format there is.
const FORMAT: i64 = 1;

/// Most signals in one map; a unit with so many cannot be read once a second.
pub(super) const SIGNALS_MAX: usize = 500;

/// Most registers in one question by the protocol; bits in one question are limited alike, which no device misses.
const BLOCK_MAX: i64 = 125;

pub(super) type Checked<T> = Result<T, (Range<usize>, MapProblem)>;

/// Reads and checks.
pub(super) fn check(file: &str, text: &str) -> Result<Map, MapError> {
    let at = |range: Range<usize>, problem| MapError::at(file, text, range.start, problem);
    let written: MapText = toml::from_str(text).map_err(|error| {
        let problem = MapProblem::Toml(error.message().replace('\n', " "));
        at(error.span().unwrap_or_default(), problem)
    })?;
    checked(file, text, &written).map_err(|(range, problem)| at(range, problem))
}

fn checked(file: &str, text: &str, written: &MapText) -> Checked<Map> {
    if *written.format.get_ref() != FORMAT {
        return Err((
            written.format.span(),
            MapProblem::Format(*written.format.get_ref()),
        ));
    }
    if written.signals.is_empty() {
        return Err((0..0, MapProblem::Empty));
    }
    if let Some(over) = written.signals.get(SIGNALS_MAX) {
        return Err((over.span(), MapProblem::TooMany { most: SIGNALS_MAX }));
    }
    no_id_twice(file, text, &written.signals)?;
    let defaults = Defaults::read(&written.defaults)?;
    let mut signals = Vec::with_capacity(written.signals.len());
    for signal in &written.signals {
        signals.push(one(signal, &defaults, written)?);
    }
    links::fit(&signals, written)?;
    let holes: Vec<_> = written
        .holes
        .iter()
        .map(|hole| {
            let hole = hole.get_ref();
            (hole.table, hole.from, hole.to)
        })
        .collect();
    let places: Vec<Range<usize>> = written
        .signals
        .iter()
        .map(|signal| signal.get_ref().id.span())
        .collect();
    let blocks = plan::blocks(&signals, &holes, defaults.limits)
        .map_err(|(signal, problem)| (places.get(signal).cloned().unwrap_or_default(), problem))?;
    let device = &written.device;
    Ok(Map {
        device: Device {
            make: device.make.clone(),
            model: device.model.clone(),
            kind: device.kind.clone(),
            source: device.source.clone(),
        },
        serial: written.serial.as_ref().map(serial).transpose()?,
        timeout: defaults.timeout,
        signals,
        blocks,
    })
}

fn serial(text: &SerialText) -> Checked<SerialSettings> {
    let stop_bits = *text.stop.get_ref();
    if !(1..=2).contains(&stop_bits) {
        return Err((text.stop.span(), bad_number("stop", stop_bits, "1 or 2")));
    }
    Ok(SerialSettings {
        stop_bits,
        ..SerialSettings::new(text.baud, text.parity)
    })
}

fn no_id_twice(file: &str, text: &str, signals: &[Spanned<SignalText>]) -> Checked<()> {
    let mut seen = std::collections::BTreeMap::new();
    for signal in signals {
        let id = &signal.get_ref().id;
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_');
        if !(1..=64).contains(&id.get_ref().len()) || !id.get_ref().bytes().all(allowed) {
            return Err((id.span(), MapProblem::BadId(id.get_ref().clone())));
        }
        if let Some(first) = seen.insert(id.get_ref().as_str(), id.span().start) {
            let line = MapError::at(file, text, first, MapProblem::Empty).line;
            let id_text = id.get_ref().clone();
            return Err((id.span(), MapProblem::DuplicateId { id: id_text, line }));
        }
    }
    Ok(())
}

/// `[defaults]`, checked.
struct Defaults<'a> {
    text: &'a DefaultsText,
    interval: Duration,
    timeout: Option<Duration>,
    limits: Limits,
}

impl<'a> Defaults<'a> {
    fn read(text: &'a DefaultsText) -> Checked<Self> {
        let timed =
            |value: &Spanned<String>| duration(value.get_ref()).map_err(|problem| (value.span(), problem));
        let interval = text.interval.as_ref().map(timed).transpose()?;
        let count = |key, value: &Option<Spanned<i64>>, usual: u16, low: i64| match value {
            None => Ok(usual),
            Some(value) => u16::try_from(*value.get_ref())
                .ok()
                .filter(|count| (low..=BLOCK_MAX).contains(&i64::from(*count)))
                .ok_or_else(|| {
                    let hint = "registers, at most 125 (the protocol's limit)";
                    (value.span(), bad_number(key, value.get_ref(), hint))
                }),
        };
        Ok(Self {
            text,
            interval: interval.unwrap_or(Duration::from_secs(1)),
            timeout: text.timeout.as_ref().map(timed).transpose()?,
            limits: Limits {
                max_gap: count("max_gap", &text.max_gap, 8, 0)?,
                max_block: count("max_block", &text.max_block, 60, 1)?,
            },
        })
    }
}

fn one(place: &Spanned<SignalText>, defaults: &Defaults<'_>, map: &MapText) -> Checked<Signal> {
    let text = place.get_ref();
    not_yet(text)?;
    let (table, addr) = address(text, defaults)?;
    let kind = kind(text, defaults, table)?;
    let width = if table.is_bits() { 1 } else { kind.width() };
    if u32::from(addr) + u32::from(width) > 65536 {
        let at = text.id.span();
        return Err((
            at,
            MapProblem::AddressOutside(i64::from(addr) + i64::from(width) - 1),
        ));
    }
    let (code, unit) = code_and_unit(text)?;
    let interval = match &text.interval {
        None => defaults.interval,
        Some(value) => duration(value.get_ref()).map_err(|problem| (value.span(), problem))?,
    };
    let links = links::of(map, text)?;
    Ok(Signal {
        id: text.id.get_ref().clone(),
        table,
        addr,
        width,
        kind,
        order: byte_order(text, defaults, kind)?,
        pick: pick(text, kind)?,
        scale: scale(text, kind)?,
        offset: number("offset", text.offset.as_ref())?.unwrap_or(Decimal::whole(0)),
        sentinels: text.sentinel.iter().map(|value| *value.get_ref()).collect(),
        valid: valid(text)?,
        unit,
        words: words(text)?,
        code,
        interval,
        alarms: alarms::of(text, kind)?,
        absent: links.absent,
        questionable: links.questionable,
        aged_by: links.aged_by,
        scale_by: links.scale_by,
        publish: text.publish,
    })
}

fn not_yet(text: &SignalText) -> Checked<()> {
    match &text.writable {
        Some(value) if *value.get_ref() => {
            let what = "writable = true. This product only reads; remove the line";
            Err((value.span(), MapProblem::NotYet(what)))
        }
        _ => Ok(()),
    }
}

fn address(text: &SignalText, defaults: &Defaults<'_>) -> Checked<(Table, u16)> {
    let table = text.table.or(defaults.text.table).unwrap_or(Table::Holding);
    match (&text.addr, &text.reference) {
        (Some(addr), None) => u16::try_from(*addr.get_ref())
            .map(|addr| (table, addr))
            .map_err(|_| (addr.span(), MapProblem::AddressOutside(*addr.get_ref()))),
        (None, Some(manual)) => {
            let problem = || (manual.span(), MapProblem::BadReference(manual.get_ref().clone()));
            let found = reference(manual.get_ref()).ok_or_else(problem)?;
            match text.table {
                Some(table) if table != found.0 => Err((
                    manual.span(),
                    MapProblem::Clash("table and a ref of another table"),
                )),
                _ => Ok(found),
            }
        }
        _ => Err((text.id.span(), MapProblem::Address)),
    }
}

fn kind(text: &SignalText, defaults: &Defaults<'_>, table: Table) -> Checked<Kind> {
    let written = text.kind.as_ref();
    let Some(name) = written.or(defaults.text.kind.as_ref().filter(|_| !table.is_bits())) else {
        return Ok(if table.is_bits() {
            Kind::Bool
        } else {
            Kind::Unsigned(1)
        });
    };
    let kind = match name.get_ref().as_str() {
        "u16" => Kind::Unsigned(1),
        "u32" => Kind::Unsigned(2),
        "u64" => Kind::Unsigned(4),
        "i16" => Kind::Signed(1),
        "i32" => Kind::Signed(2),
        "i64" => Kind::Signed(4),
        "f32" => Kind::Float32,
        "f64" => Kind::Float64,
        "bool" => Kind::Bool,
        "bcd" => Kind::Bcd,
        other => other
            .strip_prefix("string[")
            .and_then(|rest| rest.strip_suffix(']'))
            .and_then(|count| count.parse().ok())
            .filter(|count| (1..=BLOCK_MAX as u16).contains(count))
            .map(Kind::Text)
            .ok_or_else(|| (name.span(), MapProblem::BadType(name.get_ref().clone())))?,
    };
    if table.is_bits() && kind != Kind::Bool {
        let holds = "single bits, type bool";
        return Err((name.span(), MapProblem::TypeInTable { table, holds }));
    }
    Ok(kind)
}

fn byte_order(text: &SignalText, defaults: &Defaults<'_>, kind: Kind) -> Checked<Order> {
    let bytes = usize::from(kind.width()) * 2;
    match (&text.order, &defaults.text.order, kind) {
        (Some(own), _, _) => {
            let wanted = if matches!(kind, Kind::Text(_)) { 2 } else { bytes };
            order(own.get_ref(), wanted).map_err(|problem| (own.span(), problem))
        }
        // The default is written for four bytes and holds for the others in the same sense.
        (None, Some(usual), _) => order(usual.get_ref(), 4).map_err(|problem| (usual.span(), problem)),
        (None, None, _) => Ok(Order::default()),
    }
}

fn pick(text: &SignalText, kind: Kind) -> Checked<Pick> {
    let width = u32::from(kind.width()) * 16;
    let (low, high, at) = match (&text.bit, &text.bits) {
        (None, None) => return Ok(Pick::All),
        (Some(bit), None) => {
            let Ok(n) = u32::try_from(*bit.get_ref()) else {
                return Err((bit.span(), MapProblem::BadBits(bit.get_ref().to_string())));
            };
            (n, n, bit.span())
        }
        (None, Some(bits)) => {
            let bad = || (bits.span(), MapProblem::BadBits(bits.get_ref().clone()));
            let (low, high) = bit_range(bits.get_ref()).ok_or_else(bad)?;
            (low, high, bits.span())
        }
        (Some(bit), Some(_)) => return Err((bit.span(), MapProblem::Clash("bit and bits"))),
    };
    if low > high || high >= width || !matches!(kind, Kind::Unsigned(_) | Kind::Signed(_)) {
        return Err((at, MapProblem::BadBits(format!("{low}..{high}"))));
    }
    Ok(Pick::Bits { low, high })
}

fn scale(text: &SignalText, kind: Kind) -> Checked<Scale> {
    let scaled = text.scale.as_ref().or(text.divisor.as_ref());
    match scaled {
        Some(key) if matches!(kind, Kind::Text(_)) => {
            return Err((key.span(), MapProblem::Clash("scale and a text")));
        }
        Some(key) if text.scale.is_some() && text.divisor.is_some() => {
            return Err((key.span(), MapProblem::Clash("scale and divisor")));
        }
        Some(key) if *key.get_ref() == 0.0 || !key.get_ref().is_finite() => {
            return Err((key.span(), bad_number("scale", key.get_ref(), "any number but 0")));
        }
        _ => {}
    }
    if let Some(divisor) = &text.divisor {
        let by = *divisor.get_ref();
        return Ok(shift_of(by).map_or(Scale::DividedBy(by), Scale::Times));
    }
    let times = number("scale", text.scale.as_ref())?;
    Ok(Scale::Times(times.unwrap_or(Decimal::whole(1))))
}

fn valid(text: &SignalText) -> Checked<Option<(Decimal, Decimal)>> {
    let Some(valid) = &text.valid else {
        return Ok(None);
    };
    let [low, high] = *valid.get_ref();
    match (decimal(low), decimal(high)) {
        (Some(low), Some(high)) if low <= high => Ok(Some((low, high))),
        _ => {
            let hint = "[lowest, highest], each with at most 6 digits after the point";
            Err((
                valid.span(),
                bad_number("valid", format!("[{low}, {high}]"), hint),
            ))
        }
    }
}

pub(super) fn number(key: &'static str, value: Option<&Spanned<f64>>) -> Checked<Option<Decimal>> {
    let Some(value) = value else {
        return Ok(None);
    };
    let hint = "a number with at most 6 digits after the point";
    decimal(*value.get_ref())
        .map(Some)
        .ok_or_else(|| (value.span(), bad_number(key, value.get_ref(), hint)))
}

fn words(text: &SignalText) -> Checked<std::collections::BTreeMap<i64, String>> {
    let Some(map) = &text.map else {
        return Ok(std::collections::BTreeMap::new());
    };
    let read = |(number, word): (&String, &String)| {
        let bad = || bad_number("map", number, "whole numbers on the left: map = { 0 = \"idle\" }");
        let number = number.parse().map_err(|_| (map.span(), bad()))?;
        Ok((number, word.clone()))
    };
    map.get_ref().iter().map(read).collect()
}

fn code_and_unit(text: &SignalText) -> Checked<(Option<Code>, String)> {
    let unit = text.unit.as_ref();
    let Some(key) = &text.code else {
        return Ok((None, unit.map(|unit| unit.get_ref().clone()).unwrap_or_default()));
    };
    let Some(code) = Code::from_key(key.get_ref()) else {
        let known: Vec<_> = CODES
            .iter()
            .filter(|row| row.kind != CodeKind::Wave)
            .map(|row| row.key)
            .collect();
        let problem = MapProblem::UnknownCode(key.get_ref().clone(), known.join(", "));
        return Err((key.span(), problem));
    };
    let info = code.info();
    if info.kind == CodeKind::Wave {
        return Err((key.span(), MapProblem::WaveCode(key.get_ref().clone())));
    }
    match unit {
        Some(unit) if unit.get_ref() != info.ucum => Err((
            unit.span(),
            MapProblem::Unit {
                code: info.key,
                wanted: info.ucum,
                found: unit.get_ref().clone(),
            },
        )),
        _ => Ok((Some(code), info.ucum.to_owned())),
    }
}

pub(super) fn bad_number(key: &'static str, value: impl ToString, hint: &'static str) -> MapProblem {
    MapProblem::BadNumber {
        key,
        value: value.to_string(),
        hint,
    }
}
