use super::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Duty {
    Nurse,
    SeniorNurse,
    Doctor,
}

impl Role for Duty {
    fn manages_people(self) -> bool {
        self == Duty::SeniorNurse
    }

    fn needs_second_factor(self) -> bool {
        self == Duty::Doctor
    }
}

const PASSWORD: &str = "seven green mangoes";

fn id(text: &str) -> PersonId {
    PersonId::try_from(text.to_owned()).unwrap()
}

fn at(hours: i64) -> WallTime {
    WallTime::from_unix_ms(1_790_000_000_000 + hours * 3_600_000)
}

fn code(text: &str) -> Begin {
    Begin {
        code: text.to_owned(),
        salt: [3; 16],
        now: at(0),
    }
}

fn own(password: &str, pin: Option<&str>, second: Option<TotpSecret>) -> Own {
    Own {
        password: Masked::new(password.to_owned()),
        pin: pin.map(|pin| Masked::new(pin.to_owned())),
        second,
        salts: [[1; 16], [2; 16]],
    }
}

fn password(password: &str, code: Option<&str>) -> Proof {
    Proof::Password {
        password: Masked::new(password.to_owned()),
        code: code.map(str::to_owned),
    }
}

/// Grace, who answers for the ward, and John, who is what is said.
fn two(roles: &[Duty]) -> People<Duty> {
    let mut people = People::default();
    people
        .add(id("grace"), "Grace O.", &[Duty::SeniorNurse], code("AAAA"))
        .unwrap();
    people.add(id("john"), "John K.", roles, code("BBBB")).unwrap();
    people
}

#[test]
fn i9_a_person_begins_with_a_code_that_is_good_once_and_for_a_day() {
    let mut people = two(&[Duty::Nurse]);
    assert!(people.may_begin(&id("john"), "bb bb", at(23)));
    assert!(
        !people.may_begin(&id("john"), "AAAA", at(0)),
        "that is the code of another"
    );
    assert!(!people.may_begin(&id("john"), "BBBB", at(24)));
    people
        .begin(&id("john"), own(PASSWORD, Some("472913"), None), "demo")
        .unwrap();
    assert!(!people.may_begin(&id("john"), "BBBB", at(0)));
    assert_eq!(
        people.sign_in(&id("john"), &password(PASSWORD, None), at(1)),
        Ok(())
    );
    assert_eq!(
        people.sign_in(&id("john"), &Proof::Pin(Masked::new("472913".to_owned())), at(1)),
        Ok(())
    );
}

#[test]
fn i9_nobody_is_let_in_who_does_not_prove_who_they_are() {
    let mut people = two(&[Duty::Nurse]);
    people
        .begin(&id("john"), own(PASSWORD, None, None), "demo")
        .unwrap();
    let wrong = Err(NotLetIn::Wrong);
    assert_eq!(
        people.sign_in(&id("john"), &password("seven green mango", None), at(1)),
        wrong
    );
    assert_eq!(
        people.sign_in(&id("john"), &Proof::Pin(Masked::new(String::new())), at(1)),
        wrong,
        "no PIN was set"
    );
    assert_eq!(
        people.sign_in(&id("grace"), &password("", None), at(1)),
        wrong,
        "she has not begun"
    );
    assert_eq!(
        people.sign_in(&id("nobody"), &password(PASSWORD, None), at(1)),
        wrong
    );
    people.set_disabled(&id("john"), true).unwrap();
    assert_eq!(
        people.sign_in(&id("john"), &password(PASSWORD, None), at(1)),
        wrong
    );
}

#[test]
fn i9_a_doctor_proves_it_twice_and_a_code_of_the_app_is_good_once() {
    let secret = TotpSecret::new(*b"12345678901234567890");
    let mut people = two(&[Duty::Doctor]);
    people
        .begin(&id("john"), own(PASSWORD, None, None), "demo")
        .unwrap();
    assert!(!people.get(&id("john")).unwrap().has_begun());
    assert_eq!(
        people.sign_in(&id("john"), &password(PASSWORD, Some("287082")), at(0)),
        Err(NotLetIn::Wrong)
    );
    people
        .begin(&id("john"), own(PASSWORD, None, Some(secret)), "demo")
        .unwrap();
    assert_eq!(
        people.sign_in(&id("john"), &password(PASSWORD, None), at(0)),
        Err(NotLetIn::SecondFactor)
    );
    assert_eq!(
        people.sign_in(&id("john"), &password("wrong", None), at(0)),
        Err(NotLetIn::Wrong),
        "says nothing of digits"
    );
    let early = WallTime::from_unix_ms(59_000);
    let with_digits = password(PASSWORD, Some(" 287082 "));
    assert_eq!(people.sign_in(&id("john"), &with_digits, early), Ok(()));
    assert_eq!(
        people.sign_in(&id("john"), &with_digits, early),
        Err(NotLetIn::Wrong)
    );
}

#[test]
fn a_second_person_resets_and_everything_of_before_is_gone() {
    let mut people = two(&[Duty::Nurse]);
    people
        .begin(&id("john"), own(PASSWORD, Some("472913"), None), "demo")
        .unwrap();
    assert_eq!(
        people.reset(&id("john"), Some(&id("john")), code("CCCC")),
        Err(PeopleError::Oneself)
    );
    people
        .reset(&id("john"), Some(&id("grace")), code("CCCC"))
        .unwrap();
    assert_eq!(
        people.sign_in(&id("john"), &password(PASSWORD, None), at(1)),
        Err(NotLetIn::Wrong)
    );
    assert_eq!(
        people.sign_in(&id("john"), &Proof::Pin(Masked::new("472913".to_owned())), at(1)),
        Err(NotLetIn::Wrong)
    );
    assert!(people.may_begin(&id("john"), "CCCC", at(1)));
    assert!(!people.may_begin(&id("john"), "BBBB", at(1)));
}

#[test]
fn somebody_can_always_manage_people() {
    let mut people = two(&[Duty::Nurse]);
    assert!(People::<Duty>::default().is_unclaimed() && !people.is_unclaimed());
    assert_eq!(
        people.set_disabled(&id("grace"), true),
        Err(PeopleError::LastManager)
    );
    assert_eq!(
        people.set_roles(&id("grace"), &[Duty::Nurse]),
        Err(PeopleError::LastManager)
    );
    people.set_roles(&id("john"), &[Duty::SeniorNurse]).unwrap();
    people.set_disabled(&id("grace"), true).unwrap();
    assert_eq!(
        people.set_disabled(&id("john"), true),
        Err(PeopleError::LastManager)
    );
}

#[test]
fn accounts_are_bounded_and_their_names_never_used_again() {
    let mut people = two(&[Duty::Nurse]);
    assert_eq!(
        people.add(id("john"), "Another John", &[Duty::Nurse], code("D")),
        Err(PeopleError::Taken)
    );
    assert_eq!(
        people.add(id("x-1"), " ", &[Duty::Nurse], code("D")),
        Err(PeopleError::BadName)
    );
    assert_eq!(
        people.add(id("x-1"), "X", &[], code("D")),
        Err(PeopleError::NoRole)
    );
    let template = people.get(&id("john")).unwrap().clone();
    for number in 2..PEOPLE_MAX {
        people.people.insert(id(&format!("p-{number}")), template.clone());
    }
    assert_eq!(
        people.add(id("x-1"), "X", &[Duty::Nurse], code("D")),
        Err(PeopleError::TooMany)
    );
    for bad in ["", "a", "two words", "é", &"x".repeat(33)] {
        assert_eq!(
            PersonId::try_from(bad.to_owned()),
            Err(PeopleError::BadId),
            "{bad:?}"
        );
    }
    assert_eq!(id(" Grace.O ").as_str(), "grace.o");
}

#[test]
fn what_is_kept_comes_back_and_nothing_secret_is_printed() {
    let mut people = two(&[Duty::Doctor]);
    people
        .begin(
            &id("john"),
            own(
                PASSWORD,
                Some("472913"),
                Some(TotpSecret::new(*b"12345678901234567890")),
            ),
            "demo",
        )
        .unwrap();
    let kept = serde_json::to_string(&people).unwrap();
    assert_eq!(serde_json::from_str::<People<Duty>>(&kept).unwrap(), people);
    assert!(!kept.contains(PASSWORD) && !kept.contains("472913"));
    let printed = format!("{people:?}");
    assert!(
        !printed.contains("John") && !printed.contains("[49, 50, 51"),
        "{printed}"
    );
}
