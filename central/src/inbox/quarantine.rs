//! Keeps messages that could not be read, for an engineer to look at: a ring of files beside the store.

use std::collections::VecDeque;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::PathBuf;

use super::Refusal;

/// How many bad messages are kept; the oldest is overwritten.
pub const KEPT_MAX: usize = 64;

/// A folder with at most [`KEPT_MAX`] bad messages.
#[derive(Debug)]
pub struct Quarantine {
    dir: PathBuf,
    /// What was kept lately: a post repeats what is never receipted, and one copy is enough.
    lately: VecDeque<u64>,
    next: usize,
}

impl Quarantine {
    /// A folder beside the store; it is made when the first bad message comes.
    pub fn new(dir: PathBuf) -> Quarantine {
        Quarantine {
            dir,
            lately: VecDeque::new(),
            next: 0,
        }
    }

    /// Keeps one message: its bytes in `bad-NN.bin`, where it came from and what is wrong in `bad-NN.txt`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn keep(&mut self, topic: &str, refusal: &Refusal, payload: &[u8]) -> io::Result<()> {
        let mut hasher = DefaultHasher::new();
        (topic, payload).hash(&mut hasher);
        let mark = hasher.finish();
        if self.lately.contains(&mark) {
            return Ok(());
        }
        fs::create_dir_all(&self.dir)?;
        let name = format!("bad-{:02}", self.next);
        fs::write(self.dir.join(&name).with_extension("bin"), payload)?;
        fs::write(
            self.dir.join(&name).with_extension("txt"),
            format!("{topic}\n{refusal}\n{} bytes\n", payload.len()),
        )?;
        self.next = (self.next + 1) % KEPT_MAX;
        if self.lately.len() == KEPT_MAX {
            self.lately.pop_front();
        }
        self.lately.push_back(mark);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n1_bad_messages_are_kept_once_each_and_at_most_so_many() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("quarantine");
        let mut quarantine = Quarantine::new(dir.clone());
        for n in 0..KEPT_MAX + 10 {
            for _repeat in 0..2 {
                quarantine
                    .keep("vitalpost/v1/demo/up/vitals", &Refusal::Topic, &n.to_le_bytes())
                    .unwrap();
            }
        }
        assert_eq!(fs::read_dir(&dir).unwrap().count(), KEPT_MAX * 2);
        let newest = fs::read(dir.join("bad-09.bin")).unwrap();
        assert_eq!(newest, (KEPT_MAX + 9).to_le_bytes());
        assert!(
            fs::read_to_string(dir.join("bad-09.txt"))
                .unwrap()
                .contains("up/vitals")
        );
    }
}
