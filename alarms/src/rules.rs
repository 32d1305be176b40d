//! What one observation says about which conditions. Data and arithmetic only; time is in [`super::instance`].

use vitals::alarm::PERFUSION_MIN;
use vitals::code::CodeKind;
use vitals::{AbsentReason, Code, Condition, Decimal, Measured, Observation, Quality, Side};

use super::Lying;
use super::sense::{Sense, Sensed};
use super::tuning::Tuning;

/// Every condition that `seen` speaks about.
pub(super) fn of_observation(seen: &Observation, lying: &Lying, tuning: &Tuning) -> Vec<(Condition, Sensed)> {
    let code = seen.code;
    if code.info().kind == CodeKind::Wave {
        return Vec::new();
    }
    let limits = tuning.limits(code, lying.limits(code));
    let deadband = |condition: Condition| tuning.rule(condition, condition.rule()).deadband;
    let mut all = Vec::with_capacity(5);
    for (side, limit) in [(Side::Low, limits.low), (Side::High, limits.high)] {
        if let Some(limit) = limit {
            let condition = Condition::Limit { code, side };
            all.push((condition, beyond(seen.measured, side, limit, deadband(condition))));
        }
    }
    if code == Code::Spo2 {
        all.push((
            Condition::Desaturation,
            desaturated(seen.measured, deadband(Condition::Desaturation)),
        ));
    }
    if leads_its_sensor(code) || tuning.without_merging {
        all.push((
            Condition::ProbeOff { code },
            because(seen.measured, &[AbsentReason::ProbeOff]),
        ));
        let faults = [AbsentReason::SensorFault, AbsentReason::Implausible];
        all.push((Condition::SensorFault { code }, because(seen.measured, &faults)));
    }
    if code.info().kind == CodeKind::Continuous && (leads_its_sensor(code) || code == Code::Pi) {
        all.push((Condition::PoorSignal { code }, poor_signal(seen)));
    }
    all
}

/// A value that the device does not vouch for, or a pulse oximeter's sensor that sees hardly any blood. What is absent
/// has an alarm of its own.
fn poor_signal(seen: &Observation) -> Sensed {
    let is_poor = match (seen.code, seen.measured) {
        (_, Measured::Absent(_)) => false,
        (Code::Pi, Measured::Value(value)) => value < PERFUSION_MIN,
        (_, Measured::Value(_)) => seen.quality == Quality::Questionable,
    };
    Sensed::plain(if is_poor { Sense::Holds } else { Sense::Gone })
}

/// One sensor, one technical alarm: of the values that hang on it, the first one speaks for it.
pub(super) fn leads_its_sensor(code: Code) -> bool {
    !matches!(
        code,
        Code::Pr | Code::Pi | Code::PrNibp | Code::NibpDia | Code::NibpMean | Code::AbpDia | Code::AbpMean
    )
}

fn beyond(measured: Measured, side: Side, limit: Decimal, deadband: Decimal) -> Sensed {
    let Measured::Value(value) = measured else {
        return Sensed::plain(Sense::Unknown);
    };
    let (holds, gone) = match side {
        Side::Low => (value < limit, value >= limit.plus(deadband)),
        Side::High => (value > limit, value <= limit.plus(deadband.negated())),
    };
    let sense = match (holds, gone) {
        (true, _) => Sense::Holds,
        (false, true) => Sense::Gone,
        (false, false) => Sense::Wavers,
    };
    Sensed {
        value: Some(value),
        limit: Some(limit),
        ..Sensed::plain(sense)
    }
}

fn desaturated(measured: Measured, deadband: Decimal) -> Sensed {
    let Measured::Value(value) = measured else {
        return Sensed::plain(Sense::Unknown);
    };
    let limit = Decimal::whole(vitals::alarm::DESATURATION_SPO2);
    let sense = match value {
        value if value <= limit => Sense::Holds,
        value if value > limit.plus(deadband) => Sense::Gone,
        _ => Sense::Wavers,
    };
    Sensed {
        value: Some(value),
        limit: Some(limit),
        ..Sensed::plain(sense)
    }
}

fn because(measured: Measured, reasons: &[AbsentReason]) -> Sensed {
    Sensed::plain(match measured {
        Measured::Value(_) => Sense::Gone,
        Measured::Absent(reason) if reasons.contains(&reason) => Sense::Holds,
        Measured::Absent(AbsentReason::Searching | AbsentReason::NotAvailable) => Sense::Unknown,
        // The device says definitely what else it is.
        Measured::Absent(_) => Sense::Gone,
    })
}
