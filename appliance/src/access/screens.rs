//! The screens of the ward: a PIN is enough there, and they show the ward while nobody is signed in.

use std::fmt;

use accounts::session::Token;
use ring::digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vitals::Masked;

use super::DeskError;

/// Most screens.
pub(super) const SCREENS_MAX: usize = 64;
/// Longest name of a screen.
pub(super) const NAME_CHARS_MAX: usize = 40;

/// Names a screen; never used again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
pub struct ScreenId(String);

impl ScreenId {
    /// The screen of this name, if there is one.
    pub fn named(text: &str) -> ScreenId {
        ScreenId(text.to_owned())
    }
}

impl fmt::Display for ScreenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// Its id.
    pub id: ScreenId,
    /// Where it hangs.
    pub name: String,
    /// Who registered it.
    pub registered_by: Masked<String>,
    /// What its cookie hashes to.
    hash: [u8; digest::SHA256_OUTPUT_LEN],
}

/// All of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Screens {
    made: u64,
    screens: Vec<Screen>,
}

impl Screens {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Screen> {
        self.screens.iter()
    }

    /// The screen whose cookie this is.
    pub(super) fn of(&self, token: &Token) -> Option<&Screen> {
        let hash = hash(token);
        self.screens.iter().find(|screen| screen.hash == hash)
    }

    pub(super) fn register(&mut self, name: &str, by: &str, token: &Token) -> Result<Screen, DeskError> {
        let name = name.trim();
        let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
        if !fits || name.chars().any(char::is_control) {
            return Err(DeskError::BadScreenName);
        }
        if self.screens.len() >= SCREENS_MAX {
            return Err(DeskError::TooManyScreens);
        }
        self.made += 1;
        let screen = Screen {
            id: ScreenId(format!("screen-{}", self.made)),
            name: name.to_owned(),
            registered_by: Masked::new(by.to_owned()),
            hash: hash(token),
        };
        self.screens.push(screen.clone());
        Ok(screen)
    }

    pub(super) fn forget(&mut self, id: &ScreenId) -> Result<Screen, DeskError> {
        let place = self.screens.iter().position(|screen| screen.id == *id);
        Ok(self.screens.remove(place.ok_or(DeskError::NoSuchScreen)?))
    }
}

/// Only the hash of a cookie is kept: whoever reads the card cannot pass for the screen.
fn hash(token: &Token) -> [u8; digest::SHA256_OUTPUT_LEN] {
    let mut hash = [0; digest::SHA256_OUTPUT_LEN];
    hash.copy_from_slice(digest::digest(&digest::SHA256, token.for_cookie().as_bytes()).as_ref());
    hash
}
