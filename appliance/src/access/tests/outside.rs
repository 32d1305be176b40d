use std::net::IpAddr;

use super::*;

#[test]
fn i9_from_another_network_nobody_signs_in_without_a_second_factor_and_only_the_right_password_learns_why() {
    let (rig, ..) = Rig::claimed();
    let far = Seat {
        address: IpAddr::from([203, 0, 113, 9]),
        screen: None,
    };
    rig.told();
    let refused = |words: &str| rig.sign_in("john", password(words), &far).unwrap_err();
    assert_eq!(
        refused("wrong wrong wrong"),
        SignInError::NotLetIn(NotLetIn::Wrong)
    );
    assert_eq!(refused(PASSWORD), SignInError::Outside);
    assert_eq!(
        rig.told(),
        [
            "nobody sign_in account:john Refused",
            "nobody sign_in account:john Refused"
        ]
    );
    assert!(rig.sign_in("john", password(PASSWORD), &SEAT).is_ok());

    let code = rig.doctor();
    let proof = |code| Proof::Password {
        password: Masked::new(PASSWORD.to_owned()),
        code,
    };
    assert_eq!(
        rig.sign_in("grace", proof(None), &far).unwrap_err(),
        SignInError::NotLetIn(NotLetIn::SecondFactor)
    );
    rig.time.pass(Duration::from_secs(30));
    let now = digits(code.reveal(), rig.clock.wall().0);
    assert!(rig.sign_in("grace", proof(Some(now)), &far).is_ok());
}

impl Rig {
    /// Grace, a doctor who has begun; the secret of her app.
    fn doctor(&self) -> Masked<String> {
        let by = By::system("root".to_owned());
        let added = self
            .desk
            .add(person("grace"), "Grace Otieno".to_owned(), vec![Role::Doctor], by);
        let code = self.runtime.block_on(added).unwrap();
        let check = self.desk.begin_check(person("grace"), code.clone(), &SEAT);
        let typing = self.runtime.block_on(check).unwrap().second.unwrap().typing;
        let chosen = Chosen {
            digits: Some(digits(typing.reveal(), self.clock.wall().0)),
            ..chosen(PASSWORD)
        };
        let begun = self.desk.begin(person("grace"), code, chosen, &SEAT);
        self.runtime.block_on(begun).unwrap();
        typing
    }
}
