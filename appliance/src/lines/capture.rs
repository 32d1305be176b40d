//! Writes what a line hears to a file: for a device that nobody understands, and for a fault that happens at night.
//!
//! - K1 The text is a capture of [`drivers::capture`]: it drops into a family's `testcases` as it is, and
//!   `vitalpost replay` runs it.
//! - K2 A line never waits for the card: what finds no place in the queue is left out, and the file says how much.
//! - K3 The file never grows beyond its bound, and not into the last room on the card. It then ends, and the log says so.
//! - K4 Nothing is overwritten: a capture that is there is gone on with, if it is one of the same line settings.
//! - K5 The file holds data of a patient. Only its owner may read it.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use drivers::catalog::Transport;
use nix::sys::statvfs::fstatvfs;
use vitals::MonoTime;

/// Pieces that wait for the card; each is at most one read from a port, 4 KiB.
const PIECES_MAX: usize = 512;

/// What was written is handed to the system at least this often.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// A capture ends when the card has less room than this, or than an eighth of a small card.
const FREE_BYTES_MIN: u64 = 512_000_000;

/// How often the room on the card is looked at, in bytes written.
const LOOK_EVERY_BYTES: u64 = 1_000_000;

/// Room for the last line.
const LAST_BYTES: u64 = 100;

/// Bytes in a line of text.
const LINE_BYTES: usize = 32;

/// Where a capture goes and what it says of its line.
#[derive(Clone, Debug)]
pub(super) struct CaptureOptions {
    /// The file.
    pub(super) file: PathBuf,
    /// Its bound.
    pub(super) bytes_max: u64,
    /// The line's id.
    pub(super) line: String,
    /// `!` lines: how the line is set up.
    pub(super) directives: String,
    /// What it runs over.
    pub(super) transport: Transport,
}

/// A line's end of its capture.
#[derive(Debug)]
pub(super) struct Capture {
    queue: SyncSender<Piece>,
    /// Pieces that found no place since the last one that did.
    missed: AtomicU64,
    /// The moment that was noted last.
    noted_ns: AtomicU64,
    ended: AtomicBool,
}

/// What goes into the file.
#[derive(Debug)]
pub(super) struct Piece {
    at: MonoTime,
    missed: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    Opened,
    Lost(String),
    Heard(Vec<u8>),
    Sent(Vec<u8>),
    /// The dialogue found something without new bytes: its time must be in the file, or a replay would find it later.
    Moment,
}

impl Capture {
    /// Starts the thread that writes. None, and a line in the log, when the system refuses it.
    pub(super) fn start(options: CaptureOptions) -> Option<Capture> {
        let (queue, pieces) = sync_channel(PIECES_MAX);
        let line = options.line.clone();
        let run = move || write_all(&options, &pieces);
        match std::thread::Builder::new().name("capture".to_owned()).spawn(run) {
            Ok(_runs_until_the_queue_ends) => Some(Capture::into_queue(queue)),
            Err(error) => {
                tracing::error!(line, %error, "no capture: the system refuses a thread");
                None
            }
        }
    }

    /// One whose pieces somebody takes out of memory.
    pub(super) fn to_memory() -> (Capture, Receiver<Piece>) {
        let (queue, pieces) = sync_channel(PIECES_MAX);
        (Capture::into_queue(queue), pieces)
    }

    fn into_queue(queue: SyncSender<Piece>) -> Capture {
        Capture {
            queue,
            missed: AtomicU64::new(0),
            noted_ns: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        }
    }

    /// The port was opened; the dialogue begins.
    pub(super) fn opened(&self, now: MonoTime) {
        self.put(now, What::Opened);
    }

    /// The port was lost.
    pub(super) fn lost(&self, now: MonoTime, why: &str) {
        self.put(now, What::Lost(why.to_owned()));
    }

    /// These bytes came.
    pub(super) fn heard(&self, now: MonoTime, bytes: &[u8]) {
        self.put(now, What::Heard(bytes.to_vec()));
    }

    /// These bytes were sent.
    pub(super) fn sent(&self, now: MonoTime, bytes: &[u8]) {
        self.put(now, What::Sent(bytes.to_vec()));
    }

    /// The dialogue found something now.
    pub(super) fn moment(&self, now: MonoTime) {
        if self.noted_ns.load(Ordering::Relaxed) != now.as_ns() {
            self.put(now, What::Moment);
        }
    }

    fn put(&self, at: MonoTime, what: What) {
        if self.ended.load(Ordering::Relaxed) {
            return;
        }
        self.noted_ns.store(at.as_ns(), Ordering::Relaxed);
        let missed = self.missed.swap(0, Ordering::Relaxed);
        match self.queue.try_send(Piece { at, missed, what }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                self.missed.fetch_add(missed + 1, Ordering::Relaxed);
            }
            Err(TrySendError::Disconnected(_)) => self.ended.store(true, Ordering::Relaxed),
        }
    }
}

/// Why a capture ends or cannot begin.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("it has reached capture_bytes_max; move it away for another one")]
    Full,
    #[error("the card has little room left; move the captures away")]
    NoRoom,
    #[error(
        "the file holds something else, or a capture of other settings; move it away or name another one"
    )]
    Other,
    #[error("the file cannot be written: {0}; check the folder, its owner and its room")]
    Disk(#[from] io::Error),
}

/// Writes until the queue ends or the capture does.
fn write_all(options: &CaptureOptions, pieces: &Receiver<Piece>) {
    let file = options.file.display().to_string();
    tracing::warn!(
        line = options.line,
        file,
        "this line is captured: the file holds data of patients"
    );
    if let Err(end) = write_pieces(options, pieces) {
        tracing::warn!(line = options.line, file, "the capture ends: {end}");
    }
}

fn write_pieces(options: &CaptureOptions, pieces: &Receiver<Piece>) -> Result<(), End> {
    let (file, mut text) = begin(options)?;
    let mut out = io::BufWriter::new(file);
    let mut looked_at = 0;
    loop {
        match pieces.recv_timeout(FLUSH_EVERY) {
            Ok(piece) => {
                let more = text.of(&piece);
                if text.bytes + more.len() as u64 + LAST_BYTES > options.bytes_max {
                    out.write_all(b"# the end: capture_bytes_max is reached\n")?;
                    out.flush()?;
                    return Err(End::Full);
                }
                text.bytes += more.len() as u64;
                out.write_all(more.as_bytes())?;
                if text.bytes >= looked_at {
                    looked_at = text.bytes + LOOK_EVERY_BYTES;
                    if !has_room(out.get_ref())? {
                        out.flush()?;
                        return Err(End::NoRoom);
                    }
                }
                // A line that never falls silent must not keep all that it said in memory.
                if text.is_flush_due(piece.at) {
                    out.flush()?;
                }
            }
            Err(RecvTimeoutError::Timeout) => out.flush()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(out.flush()?),
        }
    }
}

fn has_room(file: &File) -> io::Result<bool> {
    let found = fstatvfs(file)?;
    let unit = found.fragment_size() as u64;
    let bytes = |blocks| unit.saturating_mul(blocks);
    let least = FREE_BYTES_MIN.min(bytes(found.blocks() as u64) / 8);
    Ok(bytes(found.blocks_available() as u64) >= least)
}

/// Opens the file and finds out where it ends.
fn begin(options: &CaptureOptions) -> Result<(File, Text), End> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&options.file)?;
    let mut text = Text::new(options.transport);
    let length = file.metadata()?.len();
    if length == 0 {
        let head = head(&options.line, &options.directives);
        file.write_all(head.as_bytes())?;
        text.bytes = head.len() as u64;
        return Ok((file, text));
    }
    let mut head = Vec::new();
    (&file).take(4_096).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    let before_first_moment = head.lines().take_while(|line| !line.starts_with('@'));
    let directives = before_first_moment.filter(|line| line.starts_with('!') && *line != "!again");
    if !directives.eq(options.directives.lines()) {
        return Err(End::Other);
    }
    let mut tail = Vec::new();
    let tail_at = length.saturating_sub(65_536);
    file.seek(SeekFrom::Start(tail_at))?;
    (&file).take(65_536).read_to_end(&mut tail)?;
    // A power cut may have left half a line.
    let whole = tail
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    tail.truncate(whole);
    text.bytes = tail_at + whole as u64;
    file.set_len(text.bytes)?;
    file.seek(SeekFrom::End(0))?;
    let tail = String::from_utf8_lossy(&tail);
    let last = tail.lines().rev().find_map(|line| line.strip_prefix('@'));
    let last = last.and_then(|seconds| seconds.trim().parse::<f64>().ok());
    if let Some(seconds) = last.filter(|seconds| (0.0..3.2e9).contains(seconds)) {
        // One second later, as far as the file knows.
        text.began_ms = (seconds * 1000.0).round() as u64 + 1_000;
        text.again = true;
    }
    Ok((file, text))
}

/// How a capture begins.
pub(super) fn head(line: &str, directives: &str) -> String {
    format!(
        "# Capture of line {line:?}. It holds data of a patient: keep it as you keep a patient's file.\n{directives}"
    )
}

/// Pieces as text. Pure.
#[derive(Debug)]
pub(super) struct Text {
    datagrams: bool,
    /// How long the file is.
    bytes: u64,
    /// Where this run begins on the file's time axis.
    began_ms: u64,
    /// The boot time that belongs to it.
    began: Option<MonoTime>,
    /// The port was open before.
    again: bool,
    moment_ms: Option<u64>,
    flushed: MonoTime,
}

impl Text {
    pub(super) fn new(transport: Transport) -> Text {
        Text {
            datagrams: transport == Transport::Udp,
            bytes: 0,
            began_ms: 0,
            began: None,
            again: false,
            moment_ms: None,
            flushed: MonoTime::BOOT,
        }
    }

    fn is_flush_due(&mut self, now: MonoTime) -> bool {
        let due = now.since(self.flushed) >= FLUSH_EVERY;
        if due {
            self.flushed = now;
        }
        due
    }

    pub(super) fn of(&mut self, piece: &Piece) -> String {
        let mut text = String::new();
        if piece.missed > 0 {
            let _ = writeln!(
                text,
                "# a gap: {} pieces are missing, the card was too slow",
                piece.missed
            );
        }
        match &piece.what {
            What::Opened => {
                if std::mem::replace(&mut self.again, true) {
                    text.push_str("!again\n");
                }
                self.moment_ms = None;
                self.at(&mut text, piece.at);
            }
            What::Lost(why) => {
                let _ = writeln!(text, "# the port was lost: {}", why.replace('\n', " "));
            }
            What::Moment => self.at(&mut text, piece.at),
            What::Heard(bytes) => {
                self.at(&mut text, piece.at);
                let line_bytes = if self.datagrams { bytes.len() } else { LINE_BYTES };
                for line in bytes.chunks(line_bytes.max(1)) {
                    let _ = writeln!(text, "{}", hex(line));
                }
            }
            What::Sent(bytes) => {
                self.at(&mut text, piece.at);
                let _ = writeln!(text, "# sent {}", hex(bytes));
            }
        }
        text
    }

    /// A new moment, unless it is still the same. Rounded up: what was due then must be due in a replay too.
    fn at(&mut self, text: &mut String, at: MonoTime) {
        let began = *self.began.get_or_insert(at);
        let since_ms = u64::try_from(at.since(began).as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        let ms = self.began_ms.saturating_add(since_ms);
        if self.moment_ms.replace(ms) != Some(ms) {
            let _ = writeln!(text, "@{}.{:03}", ms / 1000, ms % 1000);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    digits.join(" ")
}

#[cfg(test)]
mod tests;
