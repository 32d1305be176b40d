//! Codes that are printed once and typed by people.

use accounts::secret::SECRET_BYTES_MAX;

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Four groups of four that nobody mistakes for each other: 80 bits.
pub(super) fn random_code() -> Result<String, getrandom::Error> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let letters: Vec<char> = random::<16>()?
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
        .collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// Takes as long whichever letter differs; people type codes with and without the lines, in either case.
pub(super) fn is_code(code: &str, typed: &str) -> bool {
    if typed.len() > SECRET_BYTES_MAX {
        return false;
    }
    let plain = |text: &str| -> Vec<u8> {
        let letters = text.bytes().filter(u8::is_ascii_alphanumeric);
        letters.map(|byte| byte.to_ascii_uppercase()).collect()
    };
    let (code, typed) = (plain(code), plain(typed));
    let differs = code
        .iter()
        .zip(&typed)
        .fold(0, |differs, (one, other)| differs | (one ^ other));
    code.len() == typed.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_typed_as_people_type_and_no_other_is_it() {
        let code = random_code().unwrap();
        assert_eq!(code.len(), 19, "{code}");
        for typed in [
            code.clone(),
            code.to_lowercase(),
            code.replace('-', " "),
            format!(" {code} "),
        ] {
            assert!(is_code(&code, &typed), "{typed}");
        }
        let other = random_code().unwrap();
        for wrong in ["", &code[..18], &format!("{code}A"), &other, &"A".repeat(1_000)] {
            assert!(!is_code(&code, wrong), "{wrong}");
        }
    }
}
