//! The device's end of a serial line: a pseudo-terminal in raw mode behind a symbolic link.
//!
//! P1. The link always names a terminal that can be opened; it is changed by an atomic rename and removed at the end.
//! P2. Bytes sent while nobody has the line open, or while the reader's buffer is full, are lost, as on a real line.
//! P3. When the far end closes, a fresh terminal takes its place: nothing stale waits in it for the next reader, and
//!     an exclusive lock that a killed reader left behind goes away with the old one.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::ttyname;

/// The device's end of the line.
#[derive(Debug)]
pub struct Pty {
    link: PathBuf,
    terminal: PathBuf,
    master: File,
    opened: bool,
}

/// The line cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PtyError {
    /// The kernel gives no pseudo-terminal.
    #[error("cannot open a pseudo-terminal: {0}; is /dev/pts mounted?")]
    Open(#[from] Errno),
    /// The link cannot be made.
    #[error("cannot make the link {link}: {source}; does its folder exist and may it be written?")]
    Link {
        /// The link.
        link: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something else already has the link's name.
    #[error("{0} exists and is not a symbolic link; choose another --link, or remove it")]
    Occupied(PathBuf),
    /// The terminal fails.
    #[error("the pseudo-terminal behind {link} fails: {source}")]
    Failed {
        /// The link.
        link: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Pty {
    /// Opens a pseudo-terminal and points `link` at it; an existing symbolic link is replaced.
    ///
    /// # Errors
    /// When there is no pseudo-terminal left or the link cannot be made.
    pub fn open(link: &Path) -> Result<Pty, PtyError> {
        if std::fs::symlink_metadata(link).is_ok_and(|found| !found.is_symlink()) {
            return Err(PtyError::Occupied(link.to_path_buf()));
        }
        let (master, terminal) = open_raw()?;
        point(link, &terminal).map_err(|source| PtyError::Link {
            link: link.to_path_buf(),
            source,
        })?;
        Ok(Pty {
            link: link.to_path_buf(),
            terminal,
            master,
            opened: false,
        })
    }

    /// Takes what the far end has sent, at most `buffer`; 0 = nothing now. Never waits. Notices that the far end
    /// has opened or closed the line, so call it before each [`Pty::send`].
    ///
    /// # Errors
    /// When the terminal fails or cannot be replaced.
    pub fn hear(&mut self, buffer: &mut [u8]) -> Result<usize, PtyError> {
        match self.master.read(buffer) {
            Ok(count) => {
                self.opened = true;
                Ok(count)
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                self.opened = true;
                Ok(0)
            }
            // EIO: nobody has the other end open.
            Err(error) if error.raw_os_error() == Some(Errno::EIO as i32) => {
                if self.opened {
                    *self = self.fresh()?;
                }
                Ok(0)
            }
            Err(source) => Err(PtyError::Failed {
                link: self.link.clone(),
                source,
            }),
        }
    }

    /// Sends as much as the far end takes; the rest is lost (P2).
    pub fn send(&mut self, bytes: &[u8]) {
        if !self.opened {
            return;
        }
        // An error here means that nobody reads: the same loss.
        let _lost = self.master.write(bytes);
    }

    /// Whether somebody had the line open when it was last listened to.
    pub fn is_open(&self) -> bool {
        self.opened
    }

    fn fresh(&self) -> Result<Pty, PtyError> {
        Pty::open(&self.link)
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Only our own link: after P3, or when another simulator took the name, it points elsewhere.
        if std::fs::read_link(&self.link).is_ok_and(|target| target == self.terminal) {
            let _gone_already = std::fs::remove_file(&self.link);
        }
    }
}

fn open_raw() -> Result<(File, PathBuf), Errno> {
    let pair = openpty(None, None)?;
    let mut settings = tcgetattr(&pair.slave)?;
    cfmakeraw(&mut settings);
    tcsetattr(&pair.slave, SetArg::TCSANOW, &settings)?;
    let terminal = ttyname(pair.slave.as_fd())?;
    fcntl(&pair.master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    // The slave is closed here on purpose: holding it would hide whether anybody else has the line open.
    Ok((File::from(pair.master), terminal))
}

fn point(link: &Path, terminal: &Path) -> std::io::Result<()> {
    let mut name = OsString::from(".");
    name.push(link.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let fresh = link.with_file_name(name);
    std::os::unix::fs::symlink(terminal, &fresh)?;
    std::fs::rename(&fresh, link).inspect_err(|_| {
        let _left_over = std::fs::remove_file(&fresh);
    })
}
