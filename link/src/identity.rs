//! Who this side is to a broker: what its three files say now.

use std::hash::{DefaultHasher, Hash, Hasher};

use x509_parser::prelude::{FromDer, X509Certificate};

use crate::pem::{self, FileError};
use crate::session::tls;
use crate::{LinkError, LinkOptions};

/// What the files of a [`LinkOptions`] say; two that differ need a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// When this side's certificate runs out, in seconds since 1970 UTC.
    pub expires_unix_s: i64,
    contents: u64,
}

/// Reads the files as the next [`crate::connect`] would. Blocks while it reads.
///
/// # Errors
/// What would keep such a link from working: an unreadable file, a damaged one, a key of another certificate.
pub fn identity(options: &LinkOptions) -> Result<Identity, LinkError> {
    // Says what does not fit together.
    tls(options)?;
    let chain = pem::certificates(&options.certificate)?;
    let damaged = || FileError::Damaged {
        what: "certificate",
        file: options.certificate.clone(),
    };
    let own = chain.first().ok_or_else(damaged)?;
    let (_, parsed) = X509Certificate::from_der(own).map_err(|_| damaged())?;
    let mut contents = DefaultHasher::new();
    for certificate in chain.iter().chain(&pem::certificates(&options.ca)?) {
        certificate.as_ref().hash(&mut contents);
    }
    pem::private_key(&options.key)?.secret_der().hash(&mut contents);
    Ok(Identity {
        expires_unix_s: parsed.validity().not_after.timestamp(),
        contents: contents.finish(),
    })
}
