//! Certificates and keys from PEM files.

use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why a file gives no certificate or key.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file is not there or not ours to read.
    #[error("cannot read {what} {}: {cause}", file.display())]
    Unreadable {
        /// What it should hold.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file is there, but holds nothing of the kind.
    #[error("{} holds no {what} in PEM form (a text block that begins with \"-----BEGIN\"): is it the right file?", file.display())]
    Nothing {
        /// What it should hold.
        what: &'static str,
        /// The file.
        file: PathBuf,
    },
    /// The file holds something that is damaged.
    #[error("the {what} in {} is damaged: copy the file again", file.display())]
    Damaged {
        /// What it should hold.
        what: &'static str,
        /// The file.
        file: PathBuf,
    },
}

fn pem_error(what: &'static str, file: &Path, error: pem::Error) -> FileError {
    let file = file.to_owned();
    match error {
        pem::Error::Io(cause) => FileError::Unreadable { what, file, cause },
        pem::Error::NoItemsFound => FileError::Nothing { what, file },
        _ => FileError::Damaged { what, file },
    }
}

/// All certificates of a file, at least one.
///
/// # Errors
/// An unreadable file or one without a certificate.
pub fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let what = "certificate";
    let certificates: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| pem_error(what, file, error))?;
    if certificates.is_empty() {
        let file = file.to_owned();
        return Err(FileError::Nothing { what, file });
    }
    Ok(certificates)
}

/// The first private key of a file.
///
/// # Errors
/// An unreadable file or one without a key.
pub fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, FileError> {
    PrivateKeyDer::from_pem_file(file).map_err(|error| pem_error("private key", file, error))
}

/// The authorities of a file, and no others.
///
/// # Errors
/// An unreadable file, one without a certificate, or one with something that cannot be an authority.
pub fn trusted_roots(file: &Path) -> Result<RootCertStore, FileError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|_| FileError::Damaged {
            what: "authority's certificate",
            file: file.to_owned(),
        })?;
    }
    Ok(roots)
}
