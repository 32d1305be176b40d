//! Who calls: the cookies and the address of a request, and what follows from them at this moment.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use accounts::session::Token;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};

use crate::access::policy::Action;
use crate::access::{By, Desk, Screen, Seat, Signed};

pub(super) const SESSION: &str = "vitalpost_session";
pub(super) const SCREEN: &str = "vitalpost_screen";
const A_YEAR_S: u32 = 365 * 24 * 3600;

/// What a request says about who sends it; nothing of it is believed until the desk knows the tokens.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    address: IpAddr,
    pub session: Option<Token>,
    screen: Option<Token>,
}

/// A person who may do what the route is for.
#[derive(Clone, Debug)]
pub(super) struct Acting {
    pub signed: Signed,
    pub by: By,
}

/// What somebody may see of the ward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Everything.
    Full,
    /// Values and alarms, and no word about who lies there: a screen of the ward, while nobody is signed in.
    Private,
}

impl Caller {
    pub(super) fn of(parts: &Parts) -> Caller {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        Caller {
            address,
            session: cookie(&parts.headers, SESSION),
            screen: cookie(&parts.headers, SCREEN),
        }
    }

    pub(super) fn screen(&self, desk: &Desk) -> Option<Screen> {
        self.screen.as_ref().and_then(|token| desk.screen(token))
    }

    pub(super) fn seat(&self, desk: &Desk) -> Seat {
        Seat {
            address: self.address,
            screen: self.screen(desk).map(|screen| screen.id),
        }
    }

    pub(super) fn signed(&self, desk: &Desk, acts: bool) -> Option<Signed> {
        let token = self.session.as_ref()?;
        desk.signed(token, &self.seat(desk), acts)
    }

    /// Looking on keeps no session from ending.
    pub(super) fn view(&self, desk: &Desk) -> Option<View> {
        let sees = self.signed(desk, false);
        if sees.is_some_and(|signed| signed.may(Action::SeeWard, None)) {
            Some(View::Full)
        } else {
            self.screen(desk).map(|_| View::Private)
        }
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<Token> {
    let all = headers.get_all(header::COOKIE).into_iter();
    let texts = all.filter_map(|cookies| cookies.to_str().ok());
    texts
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .find_map(|(_, value)| Token::from_cookie(value))
}

/// Gives the browser its session; gone when the browser is closed.
pub(super) fn session_cookie(token: &Token) -> HeaderValue {
    set(SESSION, &token.for_cookie(), "")
}

/// Takes the session away.
pub(super) fn no_session_cookie() -> HeaderValue {
    set(SESSION, "", "; Max-Age=0")
}

/// Makes the browser a screen of the ward.
pub(super) fn screen_cookie(token: &Token) -> HeaderValue {
    set(SCREEN, &token.for_cookie(), &format!("; Max-Age={A_YEAR_S}"))
}

fn set(name: &str, value: &str, lasts: &str) -> HeaderValue {
    let text = format!("{name}={value}; Path=/; HttpOnly; Secure; SameSite=Strict{lasts}");
    let mut value = HeaderValue::try_from(text).expect("names and tokens are letters and digits");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_among_others_and_nonsense_is_none() {
        let token = Token::new([7; 32]);
        let mut headers = HeaderMap::new();
        let nonsense = format!("theme=dark; {SESSION}=zz; x{SESSION}={0}", token.for_cookie());
        headers.append(header::COOKIE, nonsense.parse().unwrap());
        assert_eq!(cookie(&headers, SESSION), None);
        let ours = format!("{SCREEN}=zz; {SESSION}={}", token.for_cookie());
        headers.append(header::COOKIE, ours.parse().unwrap());
        assert_eq!(cookie(&headers, SESSION), Some(token));
        assert_eq!(cookie(&headers, SCREEN), None);
    }

    #[test]
    fn no_script_and_no_other_site_gets_at_a_cookie() {
        let token = Token::new([7; 32]);
        for cookie in [session_cookie(&token), screen_cookie(&token), no_session_cookie()] {
            let text = cookie.to_str().unwrap();
            for word in ["Path=/;", "HttpOnly;", "Secure;", "SameSite=Strict"] {
                assert!(text.contains(word), "{text}");
            }
            assert!(!format!("{cookie:?}").contains("0707"), "never in a log");
        }
    }
}
