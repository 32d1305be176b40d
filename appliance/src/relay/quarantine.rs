//! The folder of records that a destination could not take (R12): the very bytes that were sent, one file each.

use std::io;
use std::path::Path;

use vitals::{Lane, PostId};

use super::outlet::Outlet;
use super::pack::{Piece, pack};
use crate::store::Cursor;

/// Most files that are kept; more of them tell nothing new, and the records themselves stay in the store.
const FILES_MAX: usize = 64;

/// Keeps the bytes of a record. What goes wrong is logged: the record is still in the store, and its loss is told.
pub(super) fn keep(outlet: &Outlet, post: &PostId, lane: Lane, record: Cursor, folder: &Path) {
    let Some(batch) = outlet.record(lane, record) else {
        tracing::warn!(%lane, seq = record.seq.0, "a record for quarantine cannot be read");
        return;
    };
    let sent = pack(post, batch).into_iter().find_map(|piece| match piece {
        Piece::Send { payload, .. } => Some(payload),
        Piece::GiveUp { .. } => None,
    });
    let name = format!("{lane}-{}-{}.envelope", record.epoch, record.seq.0);
    match write(folder, &name, &sent.unwrap_or_default()) {
        Ok(()) => tracing::warn!(file = %folder.join(name).display(), "kept what the centre could not take"),
        Err(error) => {
            tracing::warn!(folder = %folder.display(), %error, "what the centre could not take is not kept");
        }
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    if std::fs::read_dir(folder)?.count() >= FILES_MAX {
        return Err(io::Error::other(
            "the folder is full; its files can be deleted once somebody has seen them",
        ));
    }
    std::fs::write(folder.join(name), bytes)
}
