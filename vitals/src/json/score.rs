//! What persons found at the bedside and said of care as JSON. What was not looked at is left out.

use serde_json::{Map, Value, json};

use crate::score::Oxygen;
use crate::score::care::{CareFact, CareTold};
use crate::score::entry::{Findings, Observed, What};
use crate::score::news2::Spo2Scale;

/// What was found, each under its name.
pub fn findings(found: &Findings) -> Map<String, Value> {
    let mut named = Map::new();
    if let Some(level) = found.consciousness {
        named.insert("consciousness".to_owned(), json!(level.key()));
    }
    if let Some(oxygen) = &found.oxygen {
        named.insert("oxygen".to_owned(), of_oxygen(oxygen));
    }
    if let Some(effort) = found.effort {
        named.insert("effort".to_owned(), json!(effort.key()));
    }
    for (name, _, number) in found.numbers() {
        if let Some(number) = number {
            named.insert(name.to_owned(), json!(number));
        }
    }
    named
}

fn of_oxygen(oxygen: &Oxygen) -> Value {
    match oxygen {
        Oxygen::Air => json!("air"),
        Oxygen::Given {
            device,
            flow,
            percent,
        } => json!({ "device": device, "flow": flow, "percent": percent }),
    }
}

pub(super) fn of_observed(observed: &Observed) -> Value {
    let mut named = json!({
        "kind": "event",
        "event": "observed",
        "bed": observed.bed,
        "admission": observed.admission,
        "by": observed.by,
    });
    match &observed.what {
        What::Found(entry) => {
            named["entry"] = json!(entry.id);
            named["found"] = json!({
                "boot": entry.found.boot.to_string(),
                "at_ns": entry.found.mono.as_ns(),
            });
            named["findings"] = Value::Object(findings(&entry.findings));
        }
        What::Withdrawn(entry) => named["withdrawn"] = json!(entry),
        What::Stands { score, advisor } => {
            named["score"] = json!(score);
            let (band, lowest) = advisor.stands().unzip();
            named["band"] = json!(band.map(|band| band.key()));
            named["lowest"] = json!(lowest);
        }
    }
    named
}

pub(super) fn of_care(told: &CareTold) -> Value {
    let (fact, value) = match told.fact {
        CareFact::Pregnancy(pregnancy) => ("pregnancy", json!(pregnancy.key())),
        CareFact::Scale(Spo2Scale::One) => ("spo2_scale", json!(1)),
        CareFact::Scale(Spo2Scale::Two) => ("spo2_scale", json!(2)),
        CareFact::Paced(paced) => ("paced", json!(paced)),
    };
    json!({
        "kind": "event",
        "event": "care_told",
        "bed": told.bed,
        "admission": told.admission,
        "by": told.by,
        "said": { "boot": told.said.boot.to_string(), "at_ns": told.said.mono.as_ns() },
        "fact": fact,
        "value": value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Decimal;
    use crate::score::Consciousness;

    #[test]
    fn e1_what_nobody_looked_at_is_not_there() {
        let found = Findings {
            consciousness: Some(Consciousness::Confused),
            oxygen: Some(Oxygen::Air),
            temp: Some(Decimal::new(368, 1)),
            ..Findings::default()
        };
        let expected = json!({ "consciousness": "C", "oxygen": "air", "temp": "36.8" });
        assert_eq!(Value::Object(findings(&found)), expected);
        assert!(findings(&Findings::default()).is_empty());
    }
}
