//! `vitalpost replay`: runs a family's dialogue on a capture, in virtual time, and says what it tells.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use drivers::capture::{Capture, CaptureError};
use drivers::catalog::{self, FAMILIES, Family};

/// Why a capture says nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// No such file, or no right to read it.
    #[error("cannot read the capture {file}: {source}")]
    Unreadable {
        /// As named.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is none, or it names something that does not exist.
    #[error("{file}: {source}")]
    Capture {
        /// As named.
        file: PathBuf,
        /// What is wrong.
        source: CaptureError,
    },
    /// Nobody says how the device talks.
    #[error(
        "{file} does not say how the device talks: add `--family` with one of {}",
        known()
    )]
    NoFamily {
        /// As named.
        file: PathBuf,
    },
    /// There is no such family.
    #[error("there is no device family {name:?}: known are {}", known())]
    UnknownFamily {
        /// As named.
        name: String,
    },
    /// Whoever reads the output has gone.
    #[error("cannot write what was told: {0}")]
    Output(#[from] io::Error),
}

/// Says what the capture tells, in the words of the test cases' `expected.txt`. `family_name` is how the device talks, for a
/// capture that does not say so itself.
///
/// # Errors
/// When it cannot be read or run.
pub fn replay(file: &Path, family_name: Option<&str>, out: &mut impl Write) -> Result<(), ReplayError> {
    let text = std::fs::read_to_string(file).map_err(|source| ReplayError::Unreadable {
        file: file.to_owned(),
        source,
    })?;
    let wrong = |source| ReplayError::Capture {
        file: file.to_owned(),
        source,
    };
    let capture = Capture::parse(&text).map_err(wrong)?;
    let family = family(file, family_name.or(capture.directive("family")))?;
    let told = drivers::capture::replay(family, &capture, |bytes| vec![bytes]).map_err(wrong)?;
    out.write_all(told.as_bytes())?;
    Ok(())
}

fn family(file: &Path, name: Option<&str>) -> Result<&'static Family, ReplayError> {
    let name = name.ok_or_else(|| ReplayError::NoFamily {
        file: file.to_owned(),
    })?;
    catalog::family(name).ok_or_else(|| ReplayError::UnknownFamily {
        name: name.to_owned(),
    })
}

fn known() -> String {
    let names: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(file: &Path, family: Option<&str>) -> Result<String, String> {
        let mut out = Vec::new();
        replay(file, family, &mut out).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_test_case_tells_what_it_expects() {
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../drivers/src/nonin/testcases/torn_frame");
        let capture = case.join("capture.hex");
        let expected = std::fs::read_to_string(case.join("expected.txt")).unwrap();
        assert_eq!(told(&capture, Some("nonin")), Ok(expected));
        let missing = told(&capture, None).unwrap_err();
        assert!(missing.contains("add `--family` with one of nonin"), "{missing}");
        assert!(told(&capture, Some("toaster")).unwrap_err().contains("toaster"));
        assert!(told(&case, None).unwrap_err().contains("cannot read"));
    }
}
