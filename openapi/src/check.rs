//! Holds an answer against its schema, in tests. Knows the keywords that our types lead to and refuses any other, so that
//! nothing passes because it was not understood.

use serde_json::{Map, Value};

/// Words about a schema that say nothing about what may stand there.
const WORDS: [&str; 7] = [
    "description",
    "title",
    "format",
    "default",
    "examples",
    "$ref",
    "required",
];

/// Whether `value` is what `schema` says, with references into `document`; `Err` says where it is not and why.
///
/// # Errors
/// The first difference.
pub fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    Check { document }.at("", &[], schema, value)
}

struct Check<'a> {
    document: &'a Value,
}

impl Check<'_> {
    /// `known`: fields that stand at this place and are described beside this schema.
    fn at(&self, place: &str, known: &[&str], schema: &Value, value: &Value) -> Result<(), String> {
        let rules = match schema {
            Value::Bool(true) => return Ok(()),
            Value::Object(rules) => rules,
            other => return Err(format!("{place}: {other} allows nothing")),
        };
        let own = rules.get("properties").and_then(Value::as_object);
        let own = own.into_iter().flat_map(|own| own.keys().map(String::as_str));
        let beside: Vec<&str> = known.iter().copied().chain(own).collect();
        if let Some(target) = rules.get("$ref").and_then(Value::as_str) {
            let found = target
                .strip_prefix('#')
                .and_then(|pointer| self.document.pointer(pointer));
            self.at(
                place,
                &beside,
                found.ok_or_else(|| format!("{place}: there is no {target}"))?,
                value,
            )?;
        }
        // Of several that hold together each says only its own fields.
        let mut together = beside.clone();
        rules
            .get("allOf")
            .into_iter()
            .for_each(|all| self.name(all, &mut together));
        for (keyword, rule) in rules {
            let holds = match keyword.as_str() {
                "anyOf" => self.fitting(place, &beside, rule, value).0 >= 1,
                "oneOf" => self.fitting(place, &beside, rule, value).0 == 1,
                "allOf" => {
                    let (fitting, all, _) = self.fitting(place, &together, rule, value);
                    fitting == all
                }
                "properties" => {
                    self.properties(place, known, rules, value)?;
                    true
                }
                "items" => {
                    for (n, one) in value.as_array().into_iter().flatten().enumerate() {
                        self.at(&format!("{place}/{n}"), &[], rule, one)?;
                    }
                    true
                }
                "additionalProperties" => {
                    self.others(place, rule, rules, value)?;
                    true
                }
                word if WORDS.contains(&word) => true,
                word => is_so(word, rule, value)
                    .ok_or_else(|| format!("{place}: this check does not know {word}"))?,
            };
            if !holds {
                let why = match keyword.as_str() {
                    "anyOf" | "oneOf" => self.fitting(place, &beside, rule, value).2,
                    "allOf" => self.fitting(place, &together, rule, value).2,
                    _ => rule.to_string(),
                };
                return Err(format!("{place}: {value} is not {keyword} {why}"));
            }
        }
        self.required(place, rules, value)
    }

    /// The fields that a schema describes at its own place.
    fn name<'s>(&'s self, schema: &'s Value, names: &mut Vec<&'s str>) {
        let all = schema.as_array().into_iter().flatten();
        let ways = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .filter_map(|word| schema.get(word));
        let target = schema.get("$ref").and_then(Value::as_str);
        let target = target.and_then(|target| self.document.pointer(target.strip_prefix('#')?));
        all.chain(ways)
            .chain(target)
            .for_each(|one| self.name(one, names));
        let own = schema.get("properties").and_then(Value::as_object);
        names.extend(own.into_iter().flatten().map(|(name, _)| name.as_str()));
    }

    /// How many of several schemas fit, how many there are, and why the others do not.
    fn fitting(&self, place: &str, known: &[&str], schemas: &Value, value: &Value) -> (usize, usize, String) {
        let all = schemas.as_array().map_or(&[][..], Vec::as_slice);
        let tried = all.iter().map(|schema| self.at(place, known, schema, value));
        let (fit, not): (Vec<_>, Vec<_>) = tried.partition(Result::is_ok);
        let why: Vec<String> = not.into_iter().filter_map(Result::err).collect();
        (fit.len(), all.len(), why.join("; "))
    }

    fn required(&self, place: &str, rules: &Map<String, Value>, value: &Value) -> Result<(), String> {
        let Some(fields) = value.as_object() else {
            return Ok(());
        };
        let names = rules
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let missing = names
            .filter_map(Value::as_str)
            .find(|name| !fields.contains_key(*name));
        missing.map_or(Ok(()), |name| Err(format!("{place}: {name} is missing")))
    }

    fn properties(
        &self,
        place: &str,
        known: &[&str],
        rules: &Map<String, Value>,
        value: &Value,
    ) -> Result<(), String> {
        // What else may stand there is described beside these.
        let more = ["oneOf", "anyOf", "allOf", "$ref", "additionalProperties"];
        let is_open = more.iter().any(|word| rules.contains_key(*word));
        for (name, field) in value.as_object().into_iter().flatten() {
            match rules
                .get("properties")
                .and_then(|properties| properties.get(name))
            {
                Some(schema) => self.at(&format!("{place}/{name}"), &[], schema, field)?,
                None if is_open || known.contains(&name.as_str()) => {}
                None => {
                    return Err(format!(
                        "{place}: {name} is in the answer, and not in the document"
                    ));
                }
            }
        }
        Ok(())
    }

    fn others(
        &self,
        place: &str,
        rule: &Value,
        rules: &Map<String, Value>,
        value: &Value,
    ) -> Result<(), String> {
        let named = |name: &str| {
            rules
                .get("properties")
                .is_some_and(|properties| properties.get(name).is_some())
        };
        let fields = value.as_object().into_iter().flatten();
        for (name, field) in fields.filter(|(name, _)| !named(name)) {
            self.at(&format!("{place}/{name}"), &[], rule, field)?;
        }
        Ok(())
    }
}

/// What a keyword says of a value by itself; `None` = a keyword that is not known.
fn is_so(keyword: &str, rule: &Value, value: &Value) -> Option<bool> {
    let count = value.as_array().map(|all| all.len() as u64);
    Some(match keyword {
        "type" => is_of(rule, value),
        "const" => rule == value,
        "enum" => rule.as_array().is_some_and(|all| all.contains(value)),
        "minimum" => value.is_null() || value.as_f64() >= rule.as_f64(),
        "maximum" => value.is_null() || value.as_f64() <= rule.as_f64(),
        "minItems" => count.is_none() || count >= rule.as_u64(),
        "uniqueItems" => value
            .as_array()
            .is_none_or(|all| (1..all.len()).all(|n| !all[..n].contains(&all[n]))),
        "maxItems" => count.is_none() || count <= rule.as_u64(),
        _ => return None,
    })
}

fn is_of(kinds: &Value, value: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    };
    kinds
        .as_array()
        .map_or_else(|| is(kinds), |kinds| kinds.iter().any(is))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_as_the_document_says_is_found() {
        let document = json!({ "components": { "schemas": { "Bed": {
            "type": "object", "required": ["id", "link"],
            "properties": { "id": { "type": "string" }, "link": { "type": ["string", "null"], "enum": ["live", null] } },
        } } } });
        let bed = json!({ "$ref": "#/components/schemas/Bed" });
        let of = |schema: &Value, value: Value| check(&document, schema, &value).unwrap_err();
        check(&document, &bed, &json!({ "id": "1", "link": null })).unwrap();
        assert_eq!(of(&bed, json!({ "id": "1" })), ": link is missing");
        assert!(of(&bed, json!({ "id": 1, "link": null })).starts_with("/id: 1 is not type"));
        assert!(of(&bed, json!({ "id": "1", "link": "up" })).starts_with("/link: \"up\" is not enum"));
        let more = of(&bed, json!({ "id": "1", "link": null, "x": 1 }));
        assert!(
            more.contains("x is in the answer, and not in the document"),
            "{more}"
        );
        let beds = json!({ "type": "array", "items": bed });
        assert_eq!(of(&beds, json!([{ "link": "live" }])), "/0: id is missing");
        let either = json!({ "oneOf": [{ "const": 1 }, { "type": "integer" }] });
        check(&document, &either, &json!(2)).unwrap();
        assert!(of(&either, json!(1)).contains("is not oneOf"), "both fit");
        let message = json!({
            "type": "object", "required": ["seq"], "properties": { "seq": { "type": "integer" } },
            "oneOf": [{ "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } } }],
        });
        check(&document, &message, &json!({ "seq": 1, "n": 2 })).unwrap();
        assert!(of(&message, json!({ "seq": 1, "n": 2, "x": 3 })).contains("x is in the answer"));
        let tagged = json!({ "allOf": [{ "$ref": "#/components/schemas/Bed" }, { "properties": { "kind": { "const": "bed" } } }] });
        check(
            &document,
            &tagged,
            &json!({ "id": "1", "link": null, "kind": "bed" }),
        )
        .unwrap();
        assert!(of(&tagged, json!({ "id": "1", "link": null, "kind": "cot" })).contains("const"));
        assert!(
            of(&tagged, json!({ "id": "1", "link": null, "kind": "bed", "x": 1 }))
                .contains("x is in the answer")
        );
        assert!(of(&json!({ "pattern": "a" }), json!("a")).contains("does not know pattern"));
    }
}
