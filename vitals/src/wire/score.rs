//! What persons find at the bedside and say of care, between domain and wire.

use super::{WireError, alarm, field, id, proto};
use crate::number::Decimal;
use crate::record::Epoch;
use crate::score::advisory::Advisor;
use crate::score::care::{CareFact, CareTold};
use crate::score::entry::{Entry, EntryId, Findings, OXYGEN_DEVICE_CHARS_MAX, Observed, What};
use crate::score::news2::{Band, Spo2Scale};
use crate::score::{Consciousness, Effort, Oxygen, Pregnancy, ScoreKind};
use proto::care_told::Fact;
use proto::observed;

pub(super) fn observed(raw: &proto::Observed) -> Result<Observed, WireError> {
    let what = match raw.what.as_ref().ok_or(field("what"))? {
        observed::What::Found(raw) => What::Found(Box::new(entry(raw)?)),
        observed::What::Withdrawn(raw) => What::Withdrawn(name(raw)),
        observed::What::Stands(raw) => What::Stands {
            score: ScoreKind::from_key(&raw.score).ok_or(field("score"))?,
            advisor: Advisor::of(
                band(raw.band)?,
                u8::try_from(raw.lowest).map_err(|_| field("lowest"))?,
            ),
        },
    };
    Ok(Observed {
        bed: id(&raw.bed, "bed")?,
        admission: id(&raw.admission, "admission")?,
        by: raw.by.clone(),
        what,
    })
}

pub(super) fn observed_out(observed: &Observed) -> proto::Observed {
    let what = match &observed.what {
        What::Found(entry) => observed::What::Found(entry_out(entry)),
        What::Withdrawn(entry) => observed::What::Withdrawn(name_out(*entry)),
        What::Stands { score, advisor } => {
            let (band, lowest) = advisor.stands().unwrap_or((Band::Low, 0));
            observed::What::Stands(proto::ScoreStands {
                score: score.key().to_owned(),
                band: band_out(band),
                lowest: u32::from(lowest),
            })
        }
    };
    proto::Observed {
        bed: observed.bed.to_string(),
        admission: observed.admission.to_string(),
        by: observed.by.clone(),
        what: Some(what),
    }
}

pub(super) fn name(raw: &proto::EntryName) -> EntryId {
    EntryId {
        epoch: Epoch(raw.entry_epoch),
        number: raw.entry_number,
    }
}

pub(super) fn name_out(entry: EntryId) -> proto::EntryName {
    proto::EntryName {
        entry_epoch: entry.epoch.0,
        entry_number: entry.number,
    }
}

fn entry(raw: &proto::Found) -> Result<Entry, WireError> {
    let number = |raw: &Option<proto::Number>| -> Result<Option<Decimal>, WireError> {
        let number = raw.as_ref().map(|raw| alarm::number(raw.mantissa, raw.places));
        number.transpose()
    };
    Ok(Entry {
        id: name(raw.entry.as_ref().ok_or(field("entry"))?),
        found: alarm::stamp(raw.at.as_ref())?,
        findings: Findings {
            consciousness: consciousness(raw.consciousness),
            oxygen: raw.oxygen.as_ref().map(oxygen).transpose()?,
            temp: number(&raw.temp)?,
            sbp: number(&raw.sbp)?,
            dbp: number(&raw.dbp)?,
            pulse: number(&raw.pulse)?,
            rr: number(&raw.rr)?,
            spo2: number(&raw.spo2)?,
            capillary_refill: number(&raw.capillary_refill)?,
            effort: effort(raw.effort),
            pain: number(&raw.pain)?,
        },
    })
}

fn entry_out(entry: &Entry) -> proto::Found {
    let found = &entry.findings;
    let number = |number: Option<Decimal>| number.map(alarm::number_out);
    proto::Found {
        entry: Some(name_out(entry.id)),
        at: Some(alarm::stamp_out(entry.found)),
        consciousness: consciousness_out(found.consciousness),
        oxygen: found.oxygen.as_ref().map(oxygen_out),
        temp: number(found.temp),
        sbp: number(found.sbp),
        dbp: number(found.dbp),
        pulse: number(found.pulse),
        rr: number(found.rr),
        spo2: number(found.spo2),
        capillary_refill: number(found.capillary_refill),
        effort: effort_out(found.effort),
        pain: number(found.pain),
    }
}

/// One that this program does not know is none that was said (E1).
fn consciousness(raw: i32) -> Option<Consciousness> {
    match proto::Consciousness::try_from(raw) {
        Ok(proto::Consciousness::Alert) => Some(Consciousness::Alert),
        Ok(proto::Consciousness::Confused) => Some(Consciousness::Confused),
        Ok(proto::Consciousness::Voice) => Some(Consciousness::Voice),
        Ok(proto::Consciousness::Pain) => Some(Consciousness::Pain),
        Ok(proto::Consciousness::Unresponsive) => Some(Consciousness::Unresponsive),
        Ok(proto::Consciousness::NotSaid) | Err(_) => None,
    }
}

fn consciousness_out(level: Option<Consciousness>) -> i32 {
    let raw = match level {
        None => proto::Consciousness::NotSaid,
        Some(Consciousness::Alert) => proto::Consciousness::Alert,
        Some(Consciousness::Confused) => proto::Consciousness::Confused,
        Some(Consciousness::Voice) => proto::Consciousness::Voice,
        Some(Consciousness::Pain) => proto::Consciousness::Pain,
        Some(Consciousness::Unresponsive) => proto::Consciousness::Unresponsive,
    };
    raw as i32
}

fn oxygen(raw: &proto::Oxygen) -> Result<Oxygen, WireError> {
    if !raw.given {
        return Ok(Oxygen::Air);
    }
    if raw.device.chars().count() > OXYGEN_DEVICE_CHARS_MAX {
        return Err(field("device"));
    }
    let number = |raw: &proto::Number| alarm::number(raw.mantissa, raw.places);
    Ok(Oxygen::Given {
        device: raw.device.clone(),
        flow: raw.flow.as_ref().map(number).transpose()?,
        percent: raw.percent.as_ref().map(number).transpose()?,
    })
}

fn oxygen_out(oxygen: &Oxygen) -> proto::Oxygen {
    match oxygen {
        Oxygen::Air => proto::Oxygen::default(),
        Oxygen::Given {
            device,
            flow,
            percent,
        } => proto::Oxygen {
            given: true,
            device: device.clone(),
            flow: flow.map(alarm::number_out),
            percent: percent.map(alarm::number_out),
        },
    }
}

fn effort(raw: i32) -> Option<Effort> {
    match proto::Effort::try_from(raw) {
        Ok(proto::Effort::Normal) => Some(Effort::Normal),
        Ok(proto::Effort::Mild) => Some(Effort::Mild),
        Ok(proto::Effort::Moderate) => Some(Effort::Moderate),
        Ok(proto::Effort::Severe) => Some(Effort::Severe),
        Ok(proto::Effort::Apnoea) => Some(Effort::Apnoea),
        Ok(proto::Effort::NotSaid) | Err(_) => None,
    }
}

fn effort_out(effort: Option<Effort>) -> i32 {
    let raw = match effort {
        None => proto::Effort::NotSaid,
        Some(Effort::Normal) => proto::Effort::Normal,
        Some(Effort::Mild) => proto::Effort::Mild,
        Some(Effort::Moderate) => proto::Effort::Moderate,
        Some(Effort::Severe) => proto::Effort::Severe,
        Some(Effort::Apnoea) => proto::Effort::Apnoea,
    };
    raw as i32
}

fn band(raw: i32) -> Result<Band, WireError> {
    match proto::ScoreBand::try_from(raw) {
        Ok(proto::ScoreBand::Low) => Ok(Band::Low),
        Ok(proto::ScoreBand::LowMedium) => Ok(Band::LowMedium),
        Ok(proto::ScoreBand::Medium) => Ok(Band::Medium),
        Ok(proto::ScoreBand::High) => Ok(Band::High),
        Err(_) => Err(field("band")),
    }
}

fn band_out(band: Band) -> i32 {
    let raw = match band {
        Band::Low => proto::ScoreBand::Low,
        Band::LowMedium => proto::ScoreBand::LowMedium,
        Band::Medium => proto::ScoreBand::Medium,
        Band::High => proto::ScoreBand::High,
    };
    raw as i32
}

pub(super) fn care(raw: &proto::CareTold) -> Result<CareTold, WireError> {
    let fact = match raw.fact.as_ref().ok_or(field("fact"))? {
        Fact::Pregnancy(raw) => CareFact::Pregnancy(match proto::PregnancyFact::try_from(*raw) {
            Ok(proto::PregnancyFact::None) => Pregnancy::None,
            Ok(proto::PregnancyFact::Pregnant) => Pregnancy::Pregnant,
            Ok(proto::PregnancyFact::SixWeeksAfter) => Pregnancy::SixWeeksAfter,
            Err(_) => return Err(field("pregnancy")),
        }),
        Fact::Spo2Scale(1) => CareFact::Scale(Spo2Scale::One),
        Fact::Spo2Scale(2) => CareFact::Scale(Spo2Scale::Two),
        Fact::Spo2Scale(_) => return Err(field("spo2_scale")),
        Fact::Paced(paced) => CareFact::Paced(*paced),
    };
    Ok(CareTold {
        bed: id(&raw.bed, "bed")?,
        admission: id(&raw.admission, "admission")?,
        by: raw.by.clone(),
        said: alarm::stamp(raw.said.as_ref())?,
        fact,
    })
}

pub(super) fn care_out(told: &CareTold) -> proto::CareTold {
    let fact = match told.fact {
        CareFact::Pregnancy(pregnancy) => {
            let raw = match pregnancy {
                Pregnancy::None => proto::PregnancyFact::None,
                Pregnancy::Pregnant => proto::PregnancyFact::Pregnant,
                Pregnancy::SixWeeksAfter => proto::PregnancyFact::SixWeeksAfter,
            };
            Fact::Pregnancy(raw as i32)
        }
        CareFact::Scale(Spo2Scale::One) => Fact::Spo2Scale(1),
        CareFact::Scale(Spo2Scale::Two) => Fact::Spo2Scale(2),
        CareFact::Paced(paced) => Fact::Paced(paced),
    };
    proto::CareTold {
        bed: told.bed.to_string(),
        admission: told.admission.to_string(),
        by: told.by.clone(),
        said: Some(alarm::stamp_out(told.said)),
        fact: Some(fact),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e1_what_a_newer_program_says_of_a_finding_is_not_taken_for_one_that_is_known() {
        assert_eq!(consciousness(99), None);
        assert_eq!(effort(99), None);
        assert!(band(99).is_err());
        let raw = proto::CareTold {
            bed: "3".to_owned(),
            admission: "a".to_owned(),
            said: Some(proto::Stamp {
                boot_id: vec![0; 16],
                at_us: 1,
            }),
            ..proto::CareTold::default()
        };
        let scale = |scale| {
            care(&proto::CareTold {
                fact: Some(Fact::Spo2Scale(scale)),
                ..raw.clone()
            })
        };
        assert_eq!(scale(2).unwrap().fact, CareFact::Scale(Spo2Scale::Two));
        assert!(scale(0).is_err() && scale(3).is_err());
    }
}
