//! The small corpus in the repository: what reaches more than the seeds do, smallest first, within a bound.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Most bytes of one target's corpus in the repository.
pub const KEPT_BYTES_MAX: u64 = 64 << 10;
/// Most files of it.
pub const KEPT_FILES_MAX: usize = 64;

/// Makes the folder, without what was in it.
pub fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Puts the smallest files of `merged` into `kept`, without those that are seeds; returns what was kept, for people.
pub fn keep(merged: &Path, seeds: &Path, kept: &Path) -> Result<String> {
    let seeds: Vec<Vec<u8>> = read(seeds)?;
    let mut inputs = read(merged)?;
    inputs.retain(|input| !seeds.contains(input));
    inputs.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    empty(kept)?;
    let (mut bytes, mut files) = (0, 0);
    for input in spread(&inputs, KEPT_FILES_MAX) {
        let length = input.len() as u64;
        if bytes + length > KEPT_BYTES_MAX {
            continue;
        }
        let file = kept.join(format!("{files:03}"));
        fs::write(&file, input).with_context(|| format!("cannot write {}", file.display()))?;
        (bytes, files) = (bytes + length, files + 1);
    }
    Ok(format!("{files} of {} inputs, {bytes} bytes", inputs.len()))
}

/// At most so many of them, evenly: short inputs reach little, long ones alone would be too many bytes.
fn spread(inputs: &[Vec<u8>], most: usize) -> impl Iterator<Item = &Vec<u8>> {
    let step = inputs.len().div_ceil(most).max(1);
    inputs.iter().step_by(step)
}

fn read(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let files = entries.map(|entry| {
        let path = entry
            .with_context(|| format!("cannot list {}", folder.display()))?
            .path();
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stays_within_both_bounds_and_is_no_seed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["merged", "seeds"] {
            empty(&path(name)).unwrap();
        }
        for n in 0..450u32 {
            let input: Vec<u8> = n.to_le_bytes().into_iter().cycle().take(1 + n as usize).collect();
            fs::write(path("merged").join(n.to_string()), &input).unwrap();
            if n == 300 {
                fs::write(path("seeds").join("seed"), &input).unwrap();
            }
        }
        keep(&path("merged"), &path("seeds"), &path("kept")).unwrap();
        let kept = read(&path("kept")).unwrap();
        let bytes: usize = kept.iter().map(Vec::len).sum();
        assert!(kept.len() > 40 && kept.len() <= KEPT_FILES_MAX, "{}", kept.len());
        assert!(bytes as u64 <= KEPT_BYTES_MAX, "{bytes}");
        assert!(kept.iter().all(|input| input.len() != 301));
    }
}
