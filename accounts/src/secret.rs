//! What a person knows: a password, or a PIN on a screen of the ward. Kept as argon2id, never as it is.
//!
//! Sources: NIST SP 800-63B (length before rules, no forced change, a list of what everybody takes), OWASP Password
//! Storage (argon2id with 19 MiB and two passes).

use std::cell::RefCell;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde::{Deserialize, Serialize};

/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Most bytes of a password or PIN; longer is refused before it costs anything.
pub const SECRET_BYTES_MAX: usize = 256;
/// Fewest digits of a PIN.
pub const PIN_DIGITS_MIN: usize = 6;

const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

thread_local! {
    /// What argon2 works in, kept by the one thread that does this: memory as large and as aligned as this is not used again
    /// by the C library when it is given back, and eight tries would take 150 MiB.
    static WORKSPACE: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// Why a new password or PIN is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// Too few characters.
    #[error(
        "a password has at least {PASSWORD_CHARS_MIN} characters: four or five words that nobody expects together are good"
    )]
    Short,
    /// Too many bytes.
    #[error("that is longer than {SECRET_BYTES_MAX} bytes: take a shorter one")]
    Long,
    /// It is what many people take, or the person's or the post's own name.
    #[error("that is one of the first that anybody would try: take another")]
    Guessable,
    /// Not only digits, or too few.
    #[error("a PIN is at least {PIN_DIGITS_MIN} digits and nothing else")]
    NotAPin,
}

/// A password or PIN as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashed {
    memory_kib: u32,
    passes: u32,
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
}

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Hashed {
    /// Works for some tens of milliseconds with 19 MiB of memory. `salt` must be random.
    pub fn new(secret: &str, salt: [u8; SALT_BYTES]) -> Hashed {
        let empty = Hashed {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            salt,
            hash: [0; HASH_BYTES],
        };
        let hash = empty
            .hash_of(secret)
            .expect("the parameters of this file are within argon2's bounds");
        Hashed { hash, ..empty }
    }

    /// Nobody's: no secret is it, and to say so takes as long as for somebody's, so that the time does not tell who exists.
    pub const fn nobodys() -> Hashed {
        Hashed {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            salt: [0; SALT_BYTES],
            hash: [0; HASH_BYTES],
        }
    }

    /// Whether this is the secret; as long as [`Hashed::new`] takes.
    pub fn is(&self, secret: &str) -> bool {
        let Some(hash) = self.hash_of(secret) else {
            return false;
        };
        hash.iter()
            .zip(&self.hash)
            .fold(0, |differs, (one, other)| differs | (one ^ other))
            == 0
    }

    /// None when what was kept asks for more than this program ever wrote: a damaged record must not take all memory.
    fn hash_of(&self, secret: &str) -> Option<[u8; HASH_BYTES]> {
        if self.memory_kib > MEMORY_KIB || self.passes > PASSES || secret.len() > SECRET_BYTES_MAX {
            return None;
        }
        let params = Params::new(self.memory_kib, self.passes, 1, Some(HASH_BYTES)).ok()?;
        let blocks = params.block_count();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut hash = [0; HASH_BYTES];
        WORKSPACE.with_borrow_mut(|memory| {
            let more = blocks.saturating_sub(memory.len());
            memory.try_reserve_exact(more).ok()?;
            memory.resize(memory.len() + more, Block::new());
            argon2
                .hash_password_into_with_memory(
                    secret.as_bytes(),
                    &self.salt,
                    &mut hash,
                    &mut memory[..blocks],
                )
                .ok()
        })?;
        Some(hash)
    }
}

/// Whether this may be a password of whoever has these names (their own, the post's).
///
/// # Errors
/// What is wrong with it, in a sentence for the person.
pub fn judge_password(password: &str, names: &[&str]) -> Result<(), WeakSecret> {
    if password.len() > SECRET_BYTES_MAX {
        return Err(WeakSecret::Long);
    }
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(WeakSecret::Short);
    }
    let plain: String = password
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let names = names.iter().flat_map(|name| name.split_whitespace());
    let mut rest = plain.clone();
    for word in names
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() > 2)
    {
        rest = rest.replace(&word, "");
    }
    for word in EXPECTED {
        rest = rest.replace(word, "");
    }
    // What is left when every word that anybody would try is taken out must still be something.
    let distinct: std::collections::BTreeSet<char> = rest.chars().collect();
    let is_run = is_run(&plain);
    if distinct.len() < 4 || is_run {
        Err(WeakSecret::Guessable)
    } else {
        Ok(())
    }
}

/// Whether this may be a PIN.
///
/// # Errors
/// What is wrong with it.
pub fn judge_pin(pin: &str) -> Result<(), WeakSecret> {
    if pin.len() > SECRET_BYTES_MAX {
        return Err(WeakSecret::Long);
    }
    if pin.len() < PIN_DIGITS_MIN || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(WeakSecret::NotAPin);
    }
    let half = &pin[..pin.len() / 2];
    let is_doubled = pin.len().is_multiple_of(2) && pin == format!("{half}{half}");
    if is_run(pin) || is_doubled {
        Err(WeakSecret::Guessable)
    } else {
        Ok(())
    }
}

/// Words that stand in nearly every list of broken passwords, and those of our own trade.
const EXPECTED: &[&str] = &[
    "password",
    "passwort",
    "motdepasse",
    "azerty",
    "qwerty",
    "letmein",
    "welcome",
    "bienvenue",
    "admin",
    "nurse",
    "doctor",
    "hospital",
    "clinic",
    "vitalpost",
    "health",
    "iloveyou",
    "123456789",
    "12345678",
    "1234567",
    "123456",
    "12345",
    "1234",
];

/// True when each character follows the one before by the same step (111111, 123456, fedcba).
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let mut steps = codes.windows(2).map(|pair| pair[1] - pair[0]);
    steps
        .next()
        .is_none_or(|first| first.abs() <= 1 && steps.all(|step| step == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_is_it() {
        let kept = Hashed::new("seven green mangoes", [7; SALT_BYTES]);
        assert!(kept.is("seven green mangoes"));
        for wrong in [
            "",
            "seven green mangoe",
            "Seven green mangoes",
            "seven green mangoes ",
        ] {
            assert!(!kept.is(wrong), "{wrong:?}");
        }
        assert_ne!(
            kept,
            Hashed::new("seven green mangoes", [8; SALT_BYTES]),
            "the salt counts"
        );
        assert_eq!(format!("{kept:?}"), "***");
    }

    #[test]
    fn a_damaged_record_takes_neither_the_memory_nor_the_time_of_the_box() {
        let kept = Hashed::new("seven green mangoes", [7; SALT_BYTES]);
        for damaged in [
            Hashed {
                memory_kib: u32::MAX,
                ..kept.clone()
            },
            Hashed {
                passes: u32::MAX,
                ..kept.clone()
            },
            Hashed {
                passes: 0,
                ..kept.clone()
            },
        ] {
            assert!(!damaged.is("seven green mangoes"));
        }
        assert!(!kept.is(&"x".repeat(SECRET_BYTES_MAX + 1)));
    }

    #[test]
    fn passwords_that_anybody_would_try_are_refused() {
        let names = ["Grace Otieno", "Demo health post"];
        for (password, why) in [
            ("short one", WeakSecret::Short),
            ("password123456", WeakSecret::Guessable),
            ("Grace.Otieno.1234", WeakSecret::Guessable),
            ("aaaaaaaaaaaaaa", WeakSecret::Guessable),
            ("abcdefghijklmn", WeakSecret::Guessable),
            ("HealthPostDemo12", WeakSecret::Guessable),
        ] {
            assert_eq!(judge_password(password, &names), Err(why), "{password}");
        }
        assert_eq!(judge_password(&"é".repeat(200), &names), Err(WeakSecret::Long));
        for good in [
            "seven green mangoes",
            "пять зелёных манго",
            "correct-horse-battery",
        ] {
            assert_eq!(judge_password(good, &names), Ok(()), "{good}");
        }
    }

    #[test]
    fn pins_that_anybody_would_try_are_refused() {
        for (pin, why) in [
            ("12345", WeakSecret::NotAPin),
            ("12345a", WeakSecret::NotAPin),
            ("١٢٣٤٥٦", WeakSecret::NotAPin),
            ("111111", WeakSecret::Guessable),
            ("123456", WeakSecret::Guessable),
            ("987654", WeakSecret::Guessable),
            ("472472", WeakSecret::Guessable),
        ] {
            assert_eq!(judge_pin(pin), Err(why), "{pin}");
        }
        assert_eq!(judge_pin("472913"), Ok(()));
    }
}
