mod flood;
mod outside;
mod signing;

use std::net::Ipv4Addr;
use std::sync::mpsc;
use std::time::Duration;

use accounts::attempts::FREE_TRIES;
use accounts::people::{NotLetIn, PeopleError, Proof};
use accounts::session::Token;
use tokio_util::sync::CancellationToken;
use vitals::{BootId, WallTime};

use super::*;
use crate::clock::{Clock, SimulatedTime};

const PASSWORD: &str = "seven green mangoes";
const PIN: &str = "472913";

struct Rig {
    folder: tempfile::TempDir,
    time: SimulatedTime,
    clock: Clock,
    runtime: tokio::runtime::Runtime,
    told: mpsc::Receiver<Telling>,
    stop: CancellationToken,
    thread: Option<std::thread::JoinHandle<()>>,
    desk: Desk,
    claim: Option<String>,
}

fn wall() -> WallTime {
    WallTime::from_unix_ms(1_800_000_000_000)
}

impl Rig {
    fn new() -> Rig {
        Rig::in_folder(tempfile::tempdir().unwrap())
    }

    fn in_folder(folder: tempfile::TempDir) -> Rig {
        let time = SimulatedTime::new(BootId([7; 16]), wall());
        let clock = Clock::simulated(&time, wall());
        let stop = CancellationToken::new();
        let (tell, told) = mpsc::channel();
        let tell: Tell = Box::new(move |telling| tell.send(telling.clone()).is_ok());
        let options = DeskOptions {
            networks: vec!["192.0.2.0/24".parse().unwrap()],
            folder: folder.path().to_owned(),
            seal: None,
            place: "Demo".to_owned(),
        };
        let (desk, thread, claim) = Desk::open_quietly(options, clock, tell, stop.clone()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Rig {
            folder,
            time,
            clock,
            runtime,
            told,
            stop,
            thread: Some(thread),
            desk,
            claim,
        }
    }

    /// With a senior nurse, john, who has claimed it.
    fn claimed() -> (Rig, Token, Signed) {
        let rig = Rig::new();
        let (token, john) = rig.claim(rig.claim.as_deref().unwrap(), "john").unwrap();
        (rig, token, john)
    }

    fn restarted(mut self) -> Rig {
        self.end();
        Rig::in_folder(std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap()))
    }

    fn end(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    fn claim(&self, code: &str, id: &str) -> Result<(Token, Signed), SignInError> {
        let claiming = Claiming {
            code: code.to_owned(),
            id: person(id),
            name: "John Mensah".to_owned(),
            chosen: chosen(PASSWORD),
        };
        self.runtime.block_on(self.desk.claim(claiming, &SEAT))
    }

    fn sign_in(&self, id: &str, proof: Proof, seat: &Seat) -> Result<(Token, Signed), SignInError> {
        self.runtime.block_on(self.desk.sign_in(person(id), proof, seat))
    }

    /// Grace, who has begun as this.
    fn grace(&self, role: Role) {
        let by = By::system("root".to_owned());
        let added = self
            .desk
            .add(person("grace"), "Grace Otieno".to_owned(), vec![role], by);
        let code = self.runtime.block_on(added).unwrap();
        let begun = self.desk.begin(person("grace"), code, chosen(PASSWORD), &SEAT);
        self.runtime.block_on(begun).unwrap();
    }

    fn told(&self) -> Vec<String> {
        let words = |telling: Telling| {
            let who = match &telling.who {
                Actor::Person { id, .. } => id.clone(),
                Actor::System { user } => user.clone(),
                _ => "nobody".to_owned(),
            };
            format!(
                "{who} {} {} {:?}",
                telling.action, telling.subject, telling.outcome
            )
        };
        self.told.try_iter().map(words).collect()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.end();
    }
}

fn person(id: &str) -> PersonId {
    PersonId::try_from(id.to_owned()).unwrap()
}

static SEAT: Seat = Seat {
    address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
    screen: None,
};

fn chosen(password: &str) -> Chosen {
    Chosen {
        password: Masked::new(password.to_owned()),
        pin: Some(Masked::new(PIN.to_owned())),
        digits: None,
    }
}

fn password(password: &str) -> Proof {
    Proof::Password {
        password: Masked::new(password.to_owned()),
        code: None,
    }
}

fn pin() -> Proof {
    Proof::Pin(Masked::new(PIN.to_owned()))
}

#[test]
fn i9_the_code_of_the_first_start_makes_one_account_and_is_used_up() {
    let rig = Rig::new();
    let code = rig.claim.clone().unwrap();
    assert!(!rig.desk.is_claimed());
    assert_eq!(
        rig.claim("ABCD-ABCD-ABCD-ABCD", "john").unwrap_err(),
        SignInError::WrongCode
    );
    let (_, john) = rig.claim(&code.replace('-', " ").to_lowercase(), "john").unwrap();
    assert_eq!(john.roles, [Role::SeniorNurse]);
    assert_eq!(rig.claim(&code, "grace").unwrap_err(), SignInError::Claimed);
    assert_eq!(
        rig.told(),
        ["nobody claim  Refused", "john claim account:john Done"]
    );
    let rig = rig.restarted();
    assert_eq!(rig.claim, None, "a claimed post prints no code");
    assert!(rig.sign_in("john", password(PASSWORD), &SEAT).is_ok());
}

#[test]
fn a_post_that_nobody_claimed_prints_another_code_at_each_start() {
    let rig = Rig::new();
    let first = rig.claim.clone().unwrap();
    let rig = rig.restarted();
    assert_ne!(rig.claim.as_ref(), Some(&first));
    assert_eq!(rig.claim(&first, "john").unwrap_err(), SignInError::WrongCode);
}

#[test]
fn a_weak_password_does_not_use_up_the_code() {
    let rig = Rig::new();
    let claiming = |password| Claiming {
        code: rig.claim.clone().unwrap(),
        id: person("john"),
        name: "John Mensah".to_owned(),
        chosen: chosen(password),
    };
    let weak = rig
        .runtime
        .block_on(rig.desk.claim(claiming("password1234"), &SEAT));
    assert!(
        matches!(weak, Err(SignInError::Own(PeopleError::Weak(_)))),
        "{weak:?}"
    );
    assert!(
        rig.runtime
            .block_on(rig.desk.claim(claiming(PASSWORD), &SEAT))
            .is_ok()
    );
}

#[test]
fn i9_a_pin_is_refused_on_a_screen_that_nobody_registered() {
    let (rig, _, john) = Rig::claimed();
    assert_eq!(
        rig.sign_in("john", pin(), &SEAT).unwrap_err(),
        SignInError::PinNotHere
    );
    let by = By::person(&john, &SEAT);
    let registered = rig.desk.register_screen("Ward wall".to_owned(), by.clone());
    let (cookie, screen) = rig.runtime.block_on(registered).unwrap();
    assert_eq!(
        rig.desk.screen(&cookie).map(|screen| screen.id),
        Some(screen.id.clone())
    );
    let ward = Seat {
        screen: Some(screen.id.clone()),
        ..SEAT.clone()
    };
    let (token, signed) = rig.sign_in("john", pin(), &ward).unwrap();
    assert_eq!((signed.place, signed.idle_s), (Place::Shared, 300));
    assert!(rig.desk.signed(&token, &ward, false).is_some());
    assert!(
        rig.desk.signed(&token, &SEAT, false).is_none(),
        "A10: elsewhere it is nobody's"
    );
    rig.runtime
        .block_on(rig.desk.forget_screen(screen.id, by))
        .unwrap();
    assert!(rig.desk.signed(&token, &ward, false).is_none());
    assert_eq!(rig.desk.screen(&cookie), None);
}

#[test]
fn i9_sessions_end_after_a_pause_in_which_somebody_only_looked_on() {
    let (rig, token, _) = Rig::claimed();
    rig.time.pass(Duration::from_secs(14 * 60));
    assert_eq!(rig.desk.signed(&token, &SEAT, false).unwrap().idle_s, 60);
    assert_eq!(rig.desk.signed(&token, &SEAT, true).unwrap().idle_s, 900);
    rig.told();
    rig.time.pass(Duration::from_secs(15 * 60));
    assert!(rig.desk.signed(&token, &SEAT, true).is_none());
    let told = rig.told.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(
        (&told.who, told.action.as_str(), told.subject.as_str()),
        (&Actor::Post, "sign_out", "account:john")
    );
    assert!(told.after.unwrap().reveal().starts_with("by itself"));
}

#[test]
fn i9_whoever_is_disabled_or_is_something_else_now_is_signed_out() {
    let (rig, _, john) = Rig::claimed();
    rig.grace(Role::Nurse);
    let by = By::person(&john, &SEAT);
    let (token, _) = rig.sign_in("grace", password(PASSWORD), &SEAT).unwrap();
    let changed = rig
        .desk
        .set_roles(person("grace"), vec![Role::Viewer], by.clone());
    rig.runtime.block_on(changed).unwrap();
    assert!(rig.desk.signed(&token, &SEAT, false).is_none());
    let (token, _) = rig.sign_in("grace", password(PASSWORD), &SEAT).unwrap();
    rig.runtime
        .block_on(rig.desk.set_disabled(person("grace"), true, by.clone()))
        .unwrap();
    assert!(rig.desk.signed(&token, &SEAT, false).is_none());
    let oneself = rig
        .desk
        .set_roles(person("john"), vec![Role::Auditor, Role::SeniorNurse], by);
    assert_eq!(
        rig.runtime.block_on(oneself),
        Err(PeopleError::Oneself.into()),
        "nobody gives themselves rights"
    );
}

#[test]
fn whoever_guesses_waits_and_the_right_password_waits_with_them_but_only_there() {
    let (rig, ..) = Rig::claimed();
    for _ in 0..FREE_TRIES {
        let wrong = rig.sign_in("john", password("not the right one"), &SEAT);
        assert_eq!(wrong.unwrap_err(), NotLetIn::Wrong.into());
    }
    assert!(matches!(
        rig.sign_in("john", password(PASSWORD), &SEAT),
        Err(SignInError::TooOften(_))
    ));
    let elsewhere = Seat {
        address: Ipv4Addr::new(192, 0, 2, 8).into(),
        screen: None,
    };
    assert!(rig.sign_in("john", password(PASSWORD), &elsewhere).is_ok());
    rig.time.pass(Duration::from_secs(10));
    assert!(rig.sign_in("john", password(PASSWORD), &SEAT).is_ok());
}

#[test]
fn what_is_typed_as_a_name_that_nobody_has_is_not_told() {
    let (rig, ..) = Rig::claimed();
    rig.told();
    let _ = rig.sign_in("seven-green-mangoes", password("grace"), &SEAT);
    let _ = rig.sign_in("john", password("wrong wrong wrong"), &SEAT);
    assert_eq!(
        rig.told(),
        ["nobody sign_in  Refused", "nobody sign_in account:john Refused"]
    );
}

#[test]
fn doctors_need_their_digits_each_time_and_each_once() {
    let (rig, ..) = Rig::claimed();
    let added = rig.desk.add(
        person("grace"),
        "Grace Otieno".to_owned(),
        vec![Role::Doctor],
        By::system("root".to_owned()),
    );
    let code = rig.runtime.block_on(added).unwrap();
    let begin = |digits: Option<String>| {
        let chosen = Chosen {
            digits,
            ..chosen(PASSWORD)
        };
        let begun = rig.desk.begin(person("grace"), code.clone(), chosen, &SEAT);
        rig.runtime.block_on(begun)
    };
    assert_eq!(
        begin(None).unwrap_err(),
        SignInError::TooLate,
        "no secret was shown yet"
    );
    let check = || {
        let check = rig.desk.begin_check(person("grace"), code.clone(), &SEAT);
        rig.runtime.block_on(check).unwrap().second.unwrap().typing
    };
    let typing = check();
    assert_eq!(check(), typing, "the same for whoever reloads the page");
    assert_eq!(
        begin(Some("000000".to_owned())).unwrap_err(),
        SignInError::WrongDigits
    );
    begin(Some(digits(typing.reveal(), rig.clock.wall().0))).unwrap();

    let sign_in = |code: Option<String>| {
        let proof = Proof::Password {
            password: Masked::new(PASSWORD.to_owned()),
            code,
        };
        rig.sign_in("grace", proof, &SEAT)
    };
    rig.time.pass(Duration::from_secs(90));
    assert_eq!(sign_in(None).unwrap_err(), NotLetIn::SecondFactor.into());
    let now = digits(typing.reveal(), rig.clock.wall().0);
    assert!(sign_in(Some(now.clone())).is_ok());
    assert_eq!(sign_in(Some(now)).unwrap_err(), NotLetIn::Wrong.into());
}

/// The digits that an app shows after this was typed into it (RFC 4648, 4226 and 6238).
fn digits(typing: &str, now: WallTime) -> String {
    let (mut bits, mut count, mut key) = (0u64, 0, Vec::new());
    for letter in typing.bytes().filter(|byte| *byte != b' ') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            _ => letter - b'2' + 26,
        };
        bits = bits << 5 | u64::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            key.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let step = u64::try_from(now.as_unix_ms() / 30_000).unwrap();
    let tag = ring::hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let place = usize::from(tag[19] & 0x0f);
    let number = u32::from_be_bytes(tag[place..place + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[test]
fn a_reset_lets_nobody_in_until_the_person_has_begun_again() {
    let (rig, _, john) = Rig::claimed();
    rig.grace(Role::Nurse);
    let by = By::person(&john, &SEAT);
    let code = rig.runtime.block_on(rig.desk.reset(person("grace"), by)).unwrap();
    assert!(rig.sign_in("grace", password(PASSWORD), &SEAT).is_err());
    let late = Duration::from_secs(24 * 3600 + 1);
    let begin = |code: &str| {
        let begun = rig
            .desk
            .begin(person("grace"), code.to_owned(), chosen(PASSWORD), &SEAT);
        rig.runtime.block_on(begun)
    };
    rig.time.pass(late);
    assert_eq!(begin(&code).unwrap_err(), SignInError::WrongCode, "a day is over");
    let again = rig.desk.reset(person("grace"), By::system("root".to_owned()));
    let code = rig.runtime.block_on(again).unwrap();
    assert!(begin(&code).is_ok());
    assert_eq!(begin(&code).unwrap_err(), SignInError::WrongCode, "good once");
}

#[test]
fn an_emergency_opens_one_chart_for_an_hour_and_another_person_reviews_it() {
    let (rig, ..) = Rig::claimed();
    rig.grace(Role::Technician);
    let (token, grace) = rig.sign_in("grace", password(PASSWORD), &SEAT).unwrap();
    let (bed, other): (BedId, BedId) = ("1".parse().unwrap(), "2".parse().unwrap());
    assert!(!grace.may(Action::SeeChart, Some(&bed)));
    let by = By::person(&grace, &SEAT);
    let open = |reason: &str| {
        let reason = Masked::new(reason.to_owned());
        let opened = rig.desk.emergency(grace.clone(), bed.clone(), reason, by.clone());
        rig.runtime.block_on(opened)
    };
    assert_eq!(open("   because  "), Err(DeskError::BadReason));
    assert_eq!(open("no nurse here, patient is blue"), Ok(EMERGENCY_LASTS));
    let grace_now = rig.desk.signed(&token, &SEAT, true).unwrap();
    assert!(grace_now.may(Action::SeeChart, Some(&bed)));
    assert!(!grace_now.may(Action::SeeChart, Some(&other)) && !grace_now.may(Action::SeeChart, None));
    assert!(
        !grace_now.may(Action::Admit, Some(&bed)),
        "looking is all it opens"
    );
    for _ in 0..6 {
        rig.time.pass(Duration::from_secs(600));
        rig.desk.signed(&token, &SEAT, true);
    }
    let grace_later = rig.desk.signed(&token, &SEAT, true).unwrap();
    assert!(!grace_later.may(Action::SeeChart, Some(&bed)));
    let id = rig.desk.emergencies()[0].id;
    assert_eq!(
        rig.runtime.block_on(rig.desk.review(id, by)),
        Err(DeskError::OwnEmergency)
    );
    rig.runtime
        .block_on(rig.desk.review(id, By::system("root".to_owned())))
        .unwrap();
    let told = rig.told();
    assert!(
        told.contains(&"grace open_emergency bed:1 Done".to_owned()),
        "{told:?}"
    );
    let rig = rig.restarted();
    let kept = rig.desk.emergencies();
    assert_eq!(kept[0].reviewed_by.as_ref().unwrap().reveal(), "root");
}

#[test]
fn a5_one_place_does_not_fill_the_inbox_and_outsiders_leave_place_for_the_ward() {
    let outside = |number: u8| Seat {
        address: Ipv4Addr::new(192, 0, 2, number).into(),
        screen: None,
    };
    let mut doors = doors::Doors::default();
    let now = vitals::MonoTime::from_ms(0);
    let mut places = 0;
    for seat in (0..=255).map(outside) {
        for _ in 0..10 {
            places += usize::from(doors.may_wait("john", &seat, now).is_ok());
        }
        assert!(places <= doors::WAITING_FROM_ONE_MAX * (usize::from(seat == outside(0)) + 255));
    }
    assert_eq!(places, doors::WAITING_FROM_OUTSIDE_MAX);
    let ward = Seat {
        screen: Some(ScreenId::named("screen-1")),
        ..outside(1)
    };
    assert!(doors.may_wait("john", &ward, now).is_ok());
    doors.let_go(&outside(0));
    assert!(doors.may_wait("john", &outside(9), now).is_ok());
}

#[test]
fn a_machine_with_a_whole_network_of_addresses_is_one_place() {
    let at = |text: &str| Seat {
        address: text.parse().unwrap(),
        screen: None,
    };
    assert_eq!(at("2001:db8::1").key(), at("2001:db8::ffff:1").key());
    assert_ne!(at("2001:db8::1").key(), at("2001:db8:0:1::1").key());
    assert_ne!(at("fe80::1").key(), at("fe80::2").key());
    assert_eq!(at("::ffff:192.0.2.1").key(), at("192.0.2.1").key());
}
