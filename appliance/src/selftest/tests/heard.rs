//! Who hears the alarms, and which device is heard.

use super::*;

#[test]
fn only_a_person_can_say_that_the_tone_was_heard() {
    let output = |output, played, heard, expected| {
        let change = |found: &mut Measured| {
            (found.sound.output, found.sound.played) = (output, played);
            found.said.heard = heard;
        };
        check(change, Part::Output, &[expected]);
    };
    output(Output::On, true, None, (State::NotMeasured, Found::OutputUnasked));
    output(
        Output::On,
        true,
        Some(false),
        (State::Failed, Found::OutputUnheard),
    );
    output(
        Output::On,
        false,
        Some(true),
        (State::NotMeasured, Found::OutputUntried),
    );
    output(
        Output::None,
        false,
        Some(true),
        (State::NotMeasured, Found::OutputNone),
    );
    output(
        Output::Failed("no cable".to_owned()),
        true,
        Some(true),
        (State::Failed, Found::OutputFailed),
    );
    check(
        |found| found.sound.screens.clear(),
        Part::Screen,
        &[(State::Look, Found::ScreensNone)],
    );
    let screens = |found: &mut Measured| {
        found.sound.screens = vec![screen(ScreenSound::Blocked), screen(ScreenSound::Away)]
    };
    check(
        screens,
        Part::Screen,
        &[
            (State::Failed, Found::ScreenBlocked),
            (State::Look, Found::ScreenAway),
        ],
    );
}

#[test]
fn a_device_is_judged_by_how_often_it_must_be_heard() {
    let device = |change: fn(&mut DeviceFound), expected| {
        check(|found| change(&mut found.devices[0]), Part::Device, &[expected]);
    };
    device(
        |device| device.closed = Some("not there".to_owned()),
        (State::Failed, Found::DeviceClosed),
    );
    device(
        |device| device.heard_ago = Some(s(10)),
        (State::Ok, Found::DeviceGood),
    );
    device(
        |device| device.heard_ago = Some(ms(10_001)),
        (State::Failed, Found::DeviceSilent),
    );
    device(
        |device| device.heard_ago = None,
        (State::Failed, Found::DeviceSilent),
    );
    device(
        |device| (device.heard_ago, device.every) = (None, None),
        (State::NotMeasured, Found::DeviceQuiet),
    );
    device(
        |device| (device.heard_ago, device.every) = (Some(s(9_000)), None),
        (State::Ok, Found::DeviceGood),
    );
    device(
        |device| (device.faults, device.counted) = (6, s(60)),
        (State::Ok, Found::DeviceGood),
    );
    device(
        |device| (device.faults, device.counted) = (7, s(60)),
        (State::Look, Found::DeviceFaulty),
    );
    device(
        |device| (device.faults, device.counted) = (1, s(5)),
        (State::Ok, Found::DeviceGood),
    );
    check(
        |found| found.devices.clear(),
        Part::Device,
        &[(State::Look, Found::DevicesNone)],
    );
    let mut young = good();
    young.devices[0].counted = s(4);
    assert_eq!(
        figure(&young, Part::Device, What::SeenPerS),
        None,
        "too short a time for a rate"
    );
}
