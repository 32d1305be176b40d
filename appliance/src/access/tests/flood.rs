//! Somebody tries and tries: they get nowhere, nobody else waits for them, and the audit is not filled.

use super::*;

#[test]
fn a3_a_flood_of_pins_is_stopped_at_the_door_and_another_screen_is_let_in_meanwhile() {
    let (rig, ..) = Rig::claimed();
    let screen = |name: &str| {
        let by = By::system("root".to_owned());
        let registered = rig.desk.register_screen(name.to_owned(), by);
        let (_, screen) = rig.runtime.block_on(registered).unwrap();
        Seat {
            screen: Some(screen.id),
            ..SEAT.clone()
        }
    };
    let (attacked, other) = (screen("Corridor"), screen("Ward"));
    rig.told();
    let wrong = || Proof::Pin(Masked::new("918273".to_owned()));
    let flood = (0..400).map(|_| rig.desk.sign_in(person("john"), wrong(), &attacked));
    let flood = futures_util::future::join_all(flood);
    let nurse = rig.desk.sign_in(person("john"), pin(), &other);
    let (flood, nurse) = rig
        .runtime
        .block_on(async { futures_util::future::join(flood, nurse).await });
    assert!(nurse.is_ok(), "{nurse:?}");
    let looked_at = flood
        .iter()
        .filter(|tried| matches!(tried, Err(SignInError::NotLetIn(_))))
        .count();
    assert!(
        looked_at <= doors::WAITING_FROM_ONE_MAX,
        "{looked_at} were looked at"
    );
    assert!(flood.iter().all(Result::is_err));
    let told = rig.told();
    assert_eq!(told.len(), looked_at + 1, "{told:?}");
    rig.time.pass(Duration::from_secs(61));
    let counted = rig.told.recv_timeout(Duration::from_secs(10)).unwrap();
    let expected = format!("{} more tries within a minute", 400 - looked_at);
    assert_eq!(counted.after.unwrap().reveal(), &expected);
}
