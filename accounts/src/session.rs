//! Who is signed in where. A session is an opaque token that only the browser has; here its hash is kept, in memory: a
//! restart signs everybody out.
//!
//! - It ends by itself: after a pause, and twelve hours after it began, whatever happens. Whose did is told once, for the
//!   audit.
//! - At [`SESSIONS_MAX`] the one that has been idle longest ends by itself.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use ring::digest;
use vitals::MonoTime;

/// Most sessions at a time.
pub const SESSIONS_MAX: usize = 256;
/// The longest that anybody stays signed in.
pub const LASTS_MAX: Duration = Duration::from_secs(12 * 60 * 60);

/// How the audit says that nobody signed out.
pub const ENDED_BY_ITSELF: &str = "by itself: a pause, or twelve hours";

const TOKEN_BYTES: usize = 32;

/// On what kind of screen somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A registered screen of the ward, which everybody passes.
    Shared,
    /// A person's own device.
    Private,
}

impl Place {
    /// After this pause the session is over.
    pub const fn idle_max(self) -> Duration {
        match self {
            Place::Shared => Duration::from_secs(5 * 60),
            Place::Private => Duration::from_secs(15 * 60),
        }
    }
}

/// What a browser shows to be believed; printed as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; TOKEN_BYTES]);

impl Token {
    /// From bytes that nobody can guess.
    pub const fn new(random: [u8; TOKEN_BYTES]) -> Token {
        Token(random)
    }

    /// As it stands in the cookie.
    pub fn for_cookie(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// From a cookie.
    pub fn from_cookie(text: &str) -> Option<Token> {
        if text.len() != 2 * TOKEN_BYTES || !text.is_ascii() {
            return None;
        }
        let mut token = [0; TOKEN_BYTES];
        for (byte, place) in token.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
        }
        Some(Token(token))
    }

    fn hash(&self) -> Hash {
        let mut hash = [0; digest::SHA256_OUTPUT_LEN];
        hash.copy_from_slice(digest::digest(&digest::SHA256, &self.0).as_ref());
        hash
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

type Hash = [u8; digest::SHA256_OUTPUT_LEN];

#[derive(Debug)]
struct Session<P> {
    person: P,
    place: Place,
    began: MonoTime,
    used: MonoTime,
}

/// The sessions that are not over. `P` names a person.
#[derive(Debug)]
pub struct Sessions<P> {
    on: BTreeMap<Hash, Session<P>>,
    ended: Vec<P>,
}

impl<P> Default for Sessions<P> {
    fn default() -> Self {
        Sessions {
            on: BTreeMap::new(),
            ended: Vec::new(),
        }
    }
}

impl<P: Clone + PartialEq> Sessions<P> {
    /// This person has signed in, and is known by this token from now on.
    pub fn begin(&mut self, token: &Token, person: P, place: Place, now: MonoTime) {
        self.end_those_over(now);
        if self.on.len() >= SESSIONS_MAX {
            let idle = self.on.iter().min_by_key(|(_, session)| session.used);
            let idle = idle.map(|(hash, _)| *hash);
            let displaced = idle.and_then(|hash| self.on.remove(&hash));
            self.ended.extend(displaced.map(|session| session.person));
        }
        let session = Session {
            person,
            place,
            began: now,
            used: now,
        };
        self.on.insert(token.hash(), session);
    }

    /// Whose token this is; to be asked for what a person does, since it keeps the session from ending. Looking on does not.
    pub fn acts(&mut self, token: &Token, now: MonoTime) -> Option<P> {
        self.end_those_over(now);
        let session = self.on.get_mut(&token.hash())?;
        session.used = now;
        Some(session.person.clone())
    }

    /// Whose token this is.
    pub fn person(&self, token: &Token, now: MonoTime) -> Option<P> {
        let session = self.on.get(&token.hash())?;
        session.is_on(now).then(|| session.person.clone())
    }

    /// The person signs out.
    pub fn end(&mut self, token: &Token) -> Option<P> {
        self.on.remove(&token.hash()).map(|session| session.person)
    }

    /// How long it lasts if nothing is done any more.
    pub fn left(&self, token: &Token, now: MonoTime) -> Option<Duration> {
        let session = self.on.get(&token.hash()).filter(|session| session.is_on(now))?;
        let idle = session.place.idle_max().saturating_sub(now.since(session.used));
        Some(idle.min(LASTS_MAX.saturating_sub(now.since(session.began))))
    }

    /// The person's rights have changed: all their sessions end.
    pub fn end_all_of(&mut self, person: &P) {
        self.end_those(|other| other == person);
    }

    /// All of these end.
    pub fn end_those(&mut self, ends: impl Fn(&P) -> bool) {
        self.on.retain(|_, session| !ends(&session.person));
    }

    /// Whose sessions have ended by themselves since this was asked last; to be asked every few seconds.
    pub fn ended_by_themselves(&mut self, now: MonoTime) -> Vec<P> {
        self.end_those_over(now);
        std::mem::take(&mut self.ended)
    }

    fn end_those_over(&mut self, now: MonoTime) {
        let over = self.on.extract_if(.., |_, session| !session.is_on(now));
        self.ended.extend(over.map(|(_, session)| session.person));
    }
}

impl<P> Session<P> {
    fn is_on(&self, now: MonoTime) -> bool {
        now.since(self.used) < self.place.idle_max() && now.since(self.began) < LASTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> MonoTime {
        MonoTime::from_ms(seconds * 1000)
    }

    fn token(number: u16) -> Token {
        let mut bytes = [0; TOKEN_BYTES];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        Token::new(bytes)
    }

    #[test]
    fn i9_a_session_ends_after_a_pause_and_looking_on_is_a_pause() {
        let mut sessions = Sessions::default();
        sessions.begin(&token(1), "grace", Place::Shared, at(0));
        assert_eq!(sessions.left(&token(1), at(200)), Some(Duration::from_secs(100)));
        assert_eq!(sessions.acts(&token(1), at(299)), Some("grace"));
        assert_eq!(sessions.left(&token(1), at(299)), Some(Duration::from_secs(300)));
        assert_eq!(sessions.person(&token(1), at(598)), Some("grace"));
        assert_eq!(sessions.person(&token(1), at(599)), None);
        assert_eq!(sessions.acts(&token(1), at(599)), None);
    }

    #[test]
    fn i9_whose_session_ended_by_itself_is_told_once_and_who_signed_out_is_not() {
        let mut sessions = Sessions::default();
        for (number, person) in [(1, "grace"), (2, "john"), (3, "abena")] {
            sessions.begin(&token(number), person, Place::Shared, at(0));
        }
        sessions.end(&token(3));
        assert_eq!(sessions.acts(&token(2), at(100)), Some("john"));
        assert_eq!(sessions.ended_by_themselves(at(299)), [""; 0]);
        assert_eq!(
            sessions.acts(&token(1), at(300)),
            None,
            "noticed by whoever comes first"
        );
        assert_eq!(sessions.ended_by_themselves(at(300)), ["grace"]);
        assert_eq!(sessions.ended_by_themselves(at(400)), ["john"]);
        assert_eq!(sessions.ended_by_themselves(at(500)), [""; 0]);
        let all = u16::try_from(SESSIONS_MAX).unwrap();
        (0..=all).for_each(|number| sessions.begin(&token(number), "grace", Place::Private, at(500)));
        assert_eq!(sessions.ended_by_themselves(at(500)), ["grace"], "displaced");
    }

    #[test]
    fn i9_a_session_ends_after_twelve_hours_of_work() {
        let mut sessions = Sessions::default();
        sessions.begin(&token(1), "grace", Place::Private, at(0));
        let day = (0..86_400)
            .step_by(600)
            .take_while(|second| sessions.acts(&token(1), at(*second)).is_some());
        assert_eq!(day.last(), Some(12 * 3600 - 600));
    }

    #[test]
    fn only_the_token_itself_is_believed_and_signing_out_ends_it() {
        let mut sessions = Sessions::default();
        sessions.begin(&token(1), "grace", Place::Private, at(0));
        assert_eq!(sessions.acts(&token(2), at(1)), None);
        let cookie = token(1).for_cookie();
        assert_eq!(Token::from_cookie(&cookie), Some(token(1)));
        for wrong in ["", "zz", &cookie[1..], &cookie.replace('0', "é")] {
            assert_eq!(Token::from_cookie(wrong), None, "{wrong:?}");
        }
        assert_eq!(sessions.end(&token(1)), Some("grace"));
        assert_eq!(sessions.acts(&token(1), at(2)), None);
        assert_eq!(format!("{:?}", token(1)), "***");
    }

    #[test]
    fn i9_whoever_is_disabled_is_signed_out_everywhere() {
        let mut sessions = Sessions::default();
        for (number, person) in [(1, "grace"), (2, "john"), (3, "grace")] {
            sessions.begin(&token(number), person, Place::Private, at(0));
        }
        sessions.end_all_of(&"grace");
        let left = [1, 2, 3].map(|number| sessions.person(&token(number), at(1)));
        assert_eq!(left, [None, Some("john"), None]);
    }

    #[test]
    fn at_the_bound_the_one_idle_longest_ends() {
        let mut sessions = Sessions::default();
        for number in 0..=u16::try_from(SESSIONS_MAX).unwrap() {
            sessions.begin(&token(number), number, Place::Private, at(u64::from(number)));
        }
        assert_eq!(sessions.on.len(), SESSIONS_MAX);
        assert_eq!(sessions.person(&token(0), at(257)), None);
        assert_eq!(sessions.person(&token(1), at(257)), Some(1));
    }
}
