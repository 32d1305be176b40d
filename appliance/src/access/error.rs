//! Why the desk lets nobody in, or changes nothing. Each is a sentence for the person.

use accounts::attempts::TooOften;
use accounts::people::{NotLetIn, PeopleError};
use vitals::Masked;

/// Why somebody is not let in. Says nothing of who has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// What they show is not right, or not enough.
    #[error(transparent)]
    NotLetIn(#[from] NotLetIn),
    /// A PIN, on a screen that nobody registered.
    #[error("a PIN is enough only on a screen of the ward: type your password")]
    PinNotHere,
    /// From another network, without a second factor.
    #[error(
        "from outside the post's own network only accounts with six digits sign in: come to the post, or ask whoever runs it whether this network is the post's ([web] networks)"
    )]
    Outside,
    /// The code of the first start, or to begin with, is not right.
    #[error("that code is not right, or too old, or was used: check the name and the code")]
    WrongCode,
    /// The six digits do not fit the secret.
    #[error("these are not the six digits that the app shows now: check the clock of the telephone too")]
    WrongDigits,
    /// The secret that was shown is forgotten.
    #[error("that took too long: begin again with the code")]
    TooLate,
    /// There is an account that manages people.
    #[error("this post is claimed: sign in")]
    Claimed,
    /// The account, password or PIN cannot be so.
    #[error(transparent)]
    Own(#[from] PeopleError),
    /// Too many tries.
    #[error(transparent)]
    TooOften(#[from] TooOften),
    /// The inbox is full.
    #[error("too many are signing in at once: try again in a few seconds")]
    Busy,
}

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// About accounts.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// No such screen.
    #[error("there is no such screen")]
    NoSuchScreen,
    /// All places are taken.
    #[error(
        "{} screens are as many as a post can have: forget one first",
        super::screens::SCREENS_MAX
    )]
    TooManyScreens,
    /// The screen's name is empty or too long.
    #[error("a screen has a name of 1 to {} characters", super::screens::NAME_CHARS_MAX)]
    BadScreenName,
    /// The reason is too short or too long.
    #[error(
        "say why, in {} to {} characters: somebody will read it",
        super::emergencies::REASON_CHARS_MIN,
        super::emergencies::REASON_CHARS_MAX
    )]
    BadReason,
    /// No such emergency.
    #[error("there is no such emergency")]
    NoSuchEmergency,
    /// It was looked at already.
    #[error("{} has looked at it already", .by.reveal())]
    Reviewed {
        /// By whom.
        by: Masked<String>,
    },
    /// It is their own.
    #[error("somebody else has to look at your emergency")]
    OwnEmergency,
    /// The remark is too long.
    #[error(
        "a remark has at most {} characters, in one line",
        super::office::signed::REMARK_CHARS_MAX
    )]
    BadRemark,
    /// Only a person with an account signs.
    #[error("only a person who is signed in can sign a self-test")]
    NobodySigns,
    /// The card does not take the result.
    #[error("the result could not be kept ({0}): nothing was signed; look at the card and sign again")]
    NotKept(String),
    /// The system gives no randomness.
    #[error("the system gives no randomness: nothing was changed")]
    NoRandomness,
    /// The inbox is full.
    #[error("the desk is busy; nothing was changed, try again")]
    Busy,
}
