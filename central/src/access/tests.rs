//! E1 to E5, with real proofs and a real store.

use accounts::people::NotLetIn;
use vitals::Masked;

use super::manage::Order;
use super::policy::{Action, Role};
use super::testing::{HOME, Office, PASSWORD, next_code, proof};
use super::*;
use crate::clock::Clock;

type Tried = Result<(Token, Signed), AccessError>;

fn sign_in(office: &Office, id: &str, password: &str, code: Option<String>) -> Tried {
    office.wait(office.desk.sign_in(id, proof(password, code), HOME))
}

#[test]
fn i9_a_doctor_needs_the_password_and_the_six_digits_which_are_good_once() {
    let office = Office::new();
    let (_, app) = office.person("rao", "Dr Rao", Role::Doctor);
    assert!(matches!(
        sign_in(&office, "rao", PASSWORD, None),
        Err(AccessError::NotLetIn(NotLetIn::SecondFactor))
    ));
    let code = next_code(&app);
    for (password, code) in [
        ("another password, quite long", code.clone()),
        (PASSWORD, Some("12345".to_owned())),
    ] {
        let tried = sign_in(&office, "rao", password, code);
        assert!(
            matches!(tried, Err(AccessError::NotLetIn(NotLetIn::Wrong))),
            "{tried:?}"
        );
    }
    let (token, signed) = sign_in(&office, " Rao ", PASSWORD, code.clone()).unwrap();
    assert_eq!(
        (signed.id.as_str(), signed.name.reveal().as_str()),
        ("rao", "Dr Rao")
    );
    assert_eq!(office.desk.signed(&token, true), Some(signed));
    let again = sign_in(&office, "rao", PASSWORD, code);
    assert!(
        matches!(again, Err(AccessError::NotLetIn(NotLetIn::Wrong))),
        "{again:?}"
    );

    office.wait(office.desk.sign_out(&token, HOME));
    assert_eq!(office.desk.signed(&token, false), None);
    let told = office.told();
    let expected = [
        "System { user: \"root\" } user_add account:rao Done",
        "Centre { id: \"rao\", name: *** } begin account:rao Done",
        "Nobody sign_in account:rao Refused",
        "Nobody sign_in account:rao Refused",
        "Centre { id: \"rao\", name: *** } sign_in account:rao Done",
        "Nobody sign_in account:rao Refused",
        "Centre { id: \"rao\", name: *** } sign_out account:rao Done",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_code_to_begin_is_good_once_and_only_with_what_the_app_shows() {
    let office = Office::new();
    let code = office.account("sen", "Dr Sen", Role::Doctor);
    let begin = |code: &str, password: &str, digits: String| {
        let begun = Begun {
            code: code.to_owned(),
            password: Masked::new(password.to_owned()),
            digits,
        };
        office.wait(office.desk.begin("sen", begun, HOME))
    };
    let wrong = office.wait(office.desk.begin_check("sen", "AAAA-BBBB-CCCC-DDDD".into(), HOME));
    assert!(matches!(wrong, Err(AccessError::NoSuchCode)), "{wrong:?}");
    let hello = office
        .wait(office.desk.begin_check("sen", code.clone(), HOME))
        .unwrap();
    let again = office
        .wait(office.desk.begin_check("sen", code.to_lowercase(), HOME))
        .unwrap();
    assert_eq!(hello, again, "the page may be loaded twice");
    assert!(
        hello
            .scanning
            .reveal()
            .ends_with("issuer=Vitalpost%20Test%20centre"),
        "{hello:?}"
    );
    let app = accounts::totp::TotpSecret::from_typing(hello.typing.reveal()).unwrap();
    let digits = app.shows(Clock.wall()).unwrap();
    let other = begin(&code, PASSWORD, "1234567".into());
    assert!(matches!(other, Err(AccessError::Digits)), "{other:?}");
    let weak = begin(&code, "password1234", digits.clone());
    assert!(matches!(weak, Err(AccessError::Register(_))), "{weak:?}");
    let (token, _) = begin(&code, PASSWORD, digits.clone()).unwrap();
    assert!(office.desk.signed(&token, true).is_some());
    let used = begin(&code, PASSWORD, digits);
    assert!(matches!(used, Err(AccessError::NoSuchCode)), "{used:?}");
}

#[test]
fn e4_whoever_is_disabled_or_reset_is_signed_out_at_once_and_a_reset_makes_all_anew() {
    let office = Office::new();
    let (token, app) = office.person("rao", "Dr Rao", Role::Doctor);
    let (other, _) = office.person("lee", "Lee", Role::Manager);
    office.order(Order::Disable("rao".into())).unwrap();
    assert_eq!(office.desk.signed(&token, true), None);
    assert!(office.desk.signed(&other, true).is_some());
    assert!(sign_in(&office, "rao", PASSWORD, next_code(&app)).is_err());
    office.order(Order::Enable("rao".into())).unwrap();
    assert_eq!(
        office.desk.signed(&token, true),
        None,
        "an old session does not come back"
    );
    let (token, _) = sign_in(&office, "rao", PASSWORD, next_code(&app)).unwrap();
    let code = office.order(Order::Reset("rao".into())).unwrap()[1]
        .trim()
        .to_owned();
    assert_eq!(office.desk.signed(&token, true), None);
    assert!(sign_in(&office, "rao", PASSWORD, next_code(&app)).is_err());
    let (token, new_app) = office.begin("rao", code);
    assert!(
        office
            .desk
            .signed(&token, true)
            .is_some_and(|rao| rao.may(Action::See))
    );
    assert_ne!(new_app, app);
    let list = office.order(Order::List).unwrap();
    assert_eq!(list, ["lee  Lee  manager", "rao  Dr Rao  doctor"]);
    for refused in [
        Order::Disable("lee".into()),
        Order::Reset("nobody".into()),
        Order::Enable("?".into()),
    ] {
        assert!(office.order(refused.clone()).is_err(), "{refused:?}");
    }
    let told = office.told();
    for deed in [
        "user_disable account:rao Done",
        "user_reset account:rao Done",
        "user_enable account:? Refused",
    ] {
        assert!(told.iter().any(|line| line.ends_with(deed)), "{deed}: {told:?}");
    }
}

#[test]
fn e3_who_tries_too_often_waits_others_do_not_and_a_flood_is_counted() {
    let office = Office::new();
    office.account("rao", "Dr Rao", Role::Doctor);
    let elsewhere = "192.0.2.7".parse().unwrap();
    for _ in 0..=accounts::attempts::FREE_TRIES {
        let tried = sign_in(&office, "rao", "wrong", None);
        assert!(
            matches!(tried, Err(AccessError::NotLetIn(NotLetIn::Wrong))),
            "{tried:?}"
        );
        // The last ones may have to wait a second or two already.
        if matches!(
            sign_in(&office, "rao", "wrong", None),
            Err(AccessError::TooOften(_))
        ) {
            break;
        }
    }
    let tried = sign_in(&office, "rao", "wrong", None);
    assert!(matches!(tried, Err(AccessError::TooOften(_))), "{tried:?}");
    let other = office.wait(office.desk.sign_in("rao", proof("wrong", None), elsewhere));
    assert!(matches!(other, Err(AccessError::NotLetIn(_))), "{other:?}");
    for _ in 0..500 {
        assert!(sign_in(&office, "rao", "wrong", None).is_err());
        assert!(sign_in(&office, "a secret typed as a name", "wrong", None).is_err());
    }
    let told = office.told();
    assert!(told.len() < 40, "{}", told.len());
    assert!(told.iter().all(|line| !line.contains("secret")), "{told:?}");
}
