//! The second factor: six digits that change every 30 s (RFC 6238 over HMAC-SHA-1, what every authenticator app does).
//!
//! - A code is good for its own 30 s and one step before and after, because phones' clocks are wrong.
//! - A code is good once: whoever looks over a shoulder has nothing.

use ring::hmac;
use std::time::Duration;
use vitals::WallTime;

/// Bytes of a secret: what RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;

const STEP: Duration = Duration::from_secs(30);
const DIGITS_MODULO: u32 = 1_000_000;

/// What a person's app and this box share.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TotpSecret([u8; SECRET_BYTES]);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Which step of 30 s a code belonged to; the next code must be of a later one.
pub type Step = u64;

impl TotpSecret {
    /// From bytes that nobody can guess.
    pub const fn new(random: [u8; SECRET_BYTES]) -> TotpSecret {
        TotpSecret(random)
    }

    /// As a person types it into an app, in groups of four (base 32).
    pub fn for_typing(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut text = String::new();
        for chunk in self.0.chunks_exact(5) {
            let bits = chunk.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
            for (place, shift) in (0..40).step_by(5).rev().enumerate() {
                if place % 4 == 0 && !text.is_empty() {
                    text.push(' ');
                }
                let index = (bits >> shift) as usize & 31;
                text.push(char::from(ALPHABET[index]));
            }
        }
        text
    }

    /// What [`TotpSecret::for_typing`] gave, as an app takes it: spaces and case do not matter.
    pub fn from_typing(text: &str) -> Option<TotpSecret> {
        let mut bits = Vec::with_capacity(8 * SECRET_BYTES);
        for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
            let value = match letter.to_ascii_uppercase() {
                letter @ 'A'..='Z' => u32::from(letter) - u32::from('A'),
                digit @ '2'..='7' => u32::from(digit) - u32::from('2') + 26,
                _ => return None,
            };
            bits.extend((0..5).rev().map(|place| value >> place & 1 == 1));
        }
        let bytes = bits
            .chunks(8)
            .map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit)));
        let bytes: Vec<u8> = bytes.collect();
        bytes.try_into().ok().map(TotpSecret)
    }

    /// What an app with this secret shows at this time; none before 1970.
    pub fn shows(&self, now: WallTime) -> Option<String> {
        let now = u64::try_from(now.as_unix_ms()).ok()?;
        Some(self.code(now / STEP.as_millis() as u64))
    }

    /// As an app reads it from a QR code. `person` and `place` are what the app shows.
    pub fn for_scanning(&self, person: &str, place: &str) -> String {
        let secret = self.for_typing().replace(' ', "");
        format!("otpauth://totp/Vitalpost:{person}?secret={secret}&issuer=Vitalpost%20{place}")
    }

    /// The step of this code, when it is good now and its step comes after `last`.
    pub fn check(&self, code: &str, now: WallTime, last: Option<Step>) -> Option<Step> {
        let now = u64::try_from(now.as_unix_ms()).ok()? / STEP.as_millis() as u64;
        let near = now.saturating_sub(1)..=now + 1;
        near.filter(|step| last.is_none_or(|last| *step > last))
            .find(|step| is_same(self.code(*step).as_bytes(), code.as_bytes()))
    }

    fn code(&self, step: Step) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        // RFC 4226 section 5.3: the last four bits say where the 31 bits stand that count.
        let place = usize::from(tag[tag.len() - 1] & 0x0f);
        let bits = tag[place..place + 4]
            .iter()
            .fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        format!("{:06}", (bits & 0x7fff_ffff) % DIGITS_MODULO)
    }
}

/// Takes as long whether the first or the last byte differs.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .fold(0, |differs, (one, other)| differs | (one ^ other))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> WallTime {
        WallTime::from_unix_ms(seconds * 1000)
    }

    fn secret() -> TotpSecret {
        TotpSecret::new(*b"12345678901234567890")
    }

    #[test]
    fn the_vectors_of_rfc_6238() {
        // Appendix B, the last six of its eight digits.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert!(secret().check(code, at(seconds), None).is_some(), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_or_late_and_no_more() {
        for (seconds, is_good) in [(0, true), (29, true), (59, true), (89, true), (90, false)] {
            assert_eq!(
                secret().check("287082", at(seconds), None).is_some(),
                is_good,
                "{seconds}"
            );
        }
    }

    #[test]
    fn a_code_is_good_once() {
        let step = secret().check("287082", at(59), None);
        assert_eq!(step, Some(1));
        assert_eq!(secret().check("287082", at(60), step), None);
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for wrong in ["", "28708", "2870820", "287 082", "000000"] {
            assert_eq!(secret().check(wrong, at(59), None), None, "{wrong:?}");
        }
        assert_eq!(
            secret().check("287082", at(-59), None),
            None,
            "before 1970 nothing is good"
        );
    }

    #[test]
    fn is_typed_and_scanned_as_apps_expect_it_and_never_printed() {
        assert_eq!(secret().for_typing(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert!(
            secret()
                .for_scanning("grace", "demo")
                .contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&")
        );
        assert_eq!(format!("{:?}", secret()), "***");
    }

    #[test]
    fn what_is_typed_into_an_app_makes_it_show_codes_that_are_good() {
        let secret = TotpSecret::new(*b"ABCDEFGHIJKLMNOPQRST");
        let app = TotpSecret::from_typing(&secret.for_typing().to_lowercase()).unwrap();
        let now = WallTime::from_unix_ms(1_790_000_000_000);
        let shown = app.shows(now).unwrap();
        assert!(secret.check(&shown, now, None).is_some());
        for wrong in ["", "ABCD", "ABC1 ABCD", &format!("{} A", secret.for_typing())] {
            assert_eq!(TotpSecret::from_typing(wrong), None, "{wrong:?}");
        }
    }
}
