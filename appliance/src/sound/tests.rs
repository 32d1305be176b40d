//! The player on an output that writes down what it is told, by a clock that the test turns.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use vitals::MonoTime;

use super::pattern::{Burst, Tone};
use super::*;

/// What an output was told, and whether it works.
#[derive(Debug, Default)]
struct Told {
    now: Duration,
    /// Since when it sounds.
    on: Option<Duration>,
    /// From when to when something was heard.
    pulses: Vec<(Duration, Duration)>,
    begun: Vec<Duration>,
    broken: Option<&'static str>,
    checks: usize,
}

impl Told {
    fn set(&mut self, on: bool) {
        match (self.on, on) {
            (None, true) => self.on = Some(self.now),
            (Some(since), false) => {
                self.pulses.push((since, self.now));
                self.on = None;
            }
            _ => {}
        }
    }

    fn works(&self) -> Result<(), String> {
        self.broken.map_or(Ok(()), |reason| Err(reason.to_owned()))
    }
}

#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Told>>);

impl Output for Fake {
    fn check(&mut self) -> Result<(), String> {
        let mut told = self.0.lock().unwrap();
        told.checks += 1;
        told.works()
    }

    fn begin(&mut self) -> Result<(), String> {
        let mut told = self.0.lock().unwrap();
        let now = told.now;
        told.begun.push(now);
        told.works()
    }

    fn go(&mut self, burst: &Burst, at: Duration) -> Result<(), String> {
        let mut told = self.0.lock().unwrap();
        told.works()?;
        told.set(burst.is_on(at));
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let mut told = self.0.lock().unwrap();
        told.set(false);
        told.works()
    }

    fn hush(&mut self) {
        self.0.lock().unwrap().set(false);
    }
}

struct Rig {
    fake: Fake,
    player: Player,
    state: watch::Receiver<State>,
    sounding: Sounding,
    now: Duration,
}

impl Rig {
    fn new() -> Rig {
        let (sender, state) = watch::channel(State::None);
        let fake = Fake::default();
        Rig {
            player: Player::new(Box::new(fake.clone()), sender),
            fake,
            state,
            sounding: Sounding::default(),
            now: Duration::ZERO,
        }
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.fake.0.lock().unwrap()
    }

    /// This is the most urgent alarm from now on; `new`: one more has begun.
    fn set(&mut self, priority: Option<Priority>, new: bool) {
        self.sounding.priority = priority;
        self.sounding.begun += u64::from(new);
    }

    fn pass(&mut self, ms: u64) {
        let until = self.now + Duration::from_millis(ms);
        while self.now < until {
            self.told().now = self.now;
            self.now += self.player.step(self.sounding, MonoTime::BOOT + self.now);
        }
    }

    /// When each burst began, in tenths of a second.
    fn begun(&self) -> Vec<u128> {
        let told = self.told();
        told.begun.iter().map(|at| (at.as_millis() + 50) / 100).collect()
    }
}

const HIGH: Option<Priority> = Some(Priority::High);
const MEDIUM: Option<Priority> = Some(Priority::Medium);
const LOW: Option<Priority> = Some(Priority::Low);

#[test]
fn a_burst_of_high_has_ten_pulses_with_the_gaps_of_the_standard_and_is_repeated() {
    let mut rig = Rig::new();
    rig.pass(100);
    rig.set(HIGH, true);
    rig.pass(7_000);
    let pulses = rig.told().pulses.clone();
    assert_eq!(pulses.len(), 10);
    let near =
        |what: Duration, ms: u128| assert!(what.as_millis().abs_diff(ms) <= 10, "{what:?}, not {ms} ms");
    for (from, to) in &pulses {
        near(*to - *from, 150);
    }
    let gaps = pulses.windows(2).map(|pair| pair[1].0 - pair[0].1);
    for (gap, ms) in gaps.zip([90, 90, 330, 90, 600, 90, 90, 330, 90]) {
        near(gap, ms);
    }
    rig.pass(2_000);
    let again = rig.told().begun[1] - pulses[9].1;
    assert!((2_500..=15_000).contains(&again.as_millis()), "{again:?}");
}

#[test]
fn t3_silence_comes_with_the_acknowledgement_in_the_middle_of_a_pulse() {
    let mut rig = Rig::new();
    rig.set(HIGH, true);
    rig.pass(1_040);
    assert!(rig.told().on.is_some(), "within the fourth pulse");
    rig.set(None, false);
    let acknowledged = rig.now;
    rig.pass(20);
    let last = rig.told().pulses.last().copied().unwrap();
    assert!(
        rig.told().on.is_none() && last.1 <= acknowledged + Duration::from_millis(10),
        "{last:?}"
    );
    rig.pass(60_000);
    assert_eq!(rig.begun().len(), 1);
}

#[test]
fn t2_a_new_alarm_is_heard_at_once_in_a_pause_and_over_a_lower_one() {
    let mut rig = Rig::new();
    rig.set(MEDIUM, true);
    rig.pass(5_000);
    rig.set(MEDIUM, true);
    rig.pass(300);
    rig.set(HIGH, true);
    rig.pass(1_000);
    assert_eq!(rig.begun(), [1, 50, 53]);
    rig.pass(4_000);
    rig.set(HIGH, true);
    rig.pass(1_000);
    assert_eq!(rig.begun()[3], 103, "in the pause");
}

#[test]
fn t1_what_else_sounds_follows_the_alarm_that_is_over_and_low_is_heard_once() {
    let mut rig = Rig::new();
    rig.set(HIGH, true);
    rig.pass(1_000);
    rig.set(MEDIUM, false);
    rig.pass(3_000);
    assert_eq!(rig.begun(), [1, 35]);
    rig.set(None, false);
    rig.set(LOW, true);
    rig.pass(120_000);
    assert_eq!(rig.begun().len(), 3);
}

#[test]
fn t5_that_sound_is_off_is_heard_every_two_minutes_and_every_alarm_goes_before_it() {
    let mut rig = Rig::new();
    rig.sounding.is_off_somewhere = true;
    rig.set(LOW, true);
    rig.pass(245_000);
    assert_eq!(
        rig.begun(),
        [1, 1_207, 2_407],
        "the old LOW alarm does not hide it"
    );
    let reminder = *rig.told().pulses.last().unwrap();
    assert_eq!((reminder.1 - reminder.0).as_millis(), 200);
    rig.set(MEDIUM, true);
    rig.pass(130_000);
    assert!(
        rig.begun()[3..]
            .windows(2)
            .all(|pair| (109..=111).contains(&(pair[1] - pair[0])))
    );
    let before = rig.begun().len();
    rig.set(None, false);
    rig.pass(3_000);
    assert_eq!(rig.begun().len(), before + 1, "it was due, and follows");
    rig.pass(116_950);
    rig.set(LOW, true);
    rig.pass(500);
    assert_eq!(rig.begun().len(), before + 2, "an alarm goes before it");
    rig.pass(3_000);
    assert_eq!(rig.begun().len(), before + 3);
    rig.sounding.is_off_somewhere = false;
    rig.pass(300_000);
    assert_eq!(rig.begun().len(), before + 3);
}

#[test]
fn u3_an_output_that_fails_is_said_and_tried_again_and_what_sounds_is_heard_when_it_works() {
    let mut rig = Rig::new();
    rig.told().broken = Some("no card");
    rig.set(HIGH, true);
    rig.pass(12_000);
    let failed = State::Failed {
        reason: "no card".to_owned(),
    };
    assert_eq!(*rig.state.borrow(), failed);
    assert_eq!(rig.told().checks, 3);
    assert_eq!(rig.begun().len(), 0);
    rig.told().broken = None;
    rig.pass(6_000);
    assert_eq!((rig.state.borrow().clone(), rig.begun().len()), (State::On, 1));
    rig.told().broken = Some("pulled out");
    rig.pass(50);
    assert!(matches!(&*rig.state.borrow(), State::Failed { reason } if reason == "pulled out"));
    assert!(rig.told().on.is_none());
    rig.told().broken = None;
    rig.pass(6_000);
    assert_eq!(rig.begun().len(), 2, "it goes on");
}

#[test]
fn an_output_that_nobody_needs_is_tried_without_a_sound() {
    let mut rig = Rig::new();
    rig.pass(1_000);
    assert_eq!((rig.state.borrow().clone(), rig.told().checks), (State::On, 1));
    rig.pass(300_000);
    assert_eq!(rig.told().checks, 2);
    assert_eq!(rig.begun().len(), 0);
    rig.told().broken = Some("pulled out");
    rig.pass(300_000);
    assert!(matches!(*rig.state.borrow(), State::Failed { .. }));
}

#[test]
fn after_a_restart_what_sounds_is_heard_at_once() {
    let mut rig = Rig::new();
    rig.sounding = Sounding {
        priority: HIGH,
        begun: 7,
        ..Sounding::default()
    };
    rig.pass(500);
    assert_eq!(rig.begun(), [1]);
}

#[test]
fn t6_a_test_tone_is_played_once_and_never_into_an_alarm() {
    let mut rig = Rig::new();
    rig.sounding.tests = 4;
    rig.pass(1_000);
    assert_eq!(
        rig.begun().len(),
        0,
        "what was asked for before the start is over"
    );
    rig.sounding.tests = 5;
    rig.pass(9_000);
    assert_eq!((rig.begun(), rig.told().pulses.len()), (vec![10], 10));
    rig.sounding.tests = 6;
    rig.pass(200);
    rig.set(LOW, true);
    rig.pass(200);
    assert_eq!(rig.begun().len(), 3, "an alarm cuts it off at once");
    rig.set(None, false);
    rig.set(HIGH, true);
    rig.pass(1_000);
    let before = rig.begun().len();
    rig.sounding.tests = 7;
    rig.pass(1_000);
    rig.set(None, false);
    rig.pass(9_000);
    assert_eq!(rig.begun().len(), before, "an alarm was test enough");
}

#[test]
fn a_test_tone_is_not_owed_by_an_output_that_comes_back() {
    let mut rig = Rig::new();
    rig.pass(1_000);
    rig.told().broken = Some("pulled out");
    rig.sounding.tests = 1;
    rig.pass(2_000);
    rig.told().broken = None;
    let begun = rig.begun().len();
    rig.pass(20_000);
    assert_eq!(
        (rig.state.borrow().clone(), rig.begun().len()),
        (State::On, begun)
    );
}

#[test]
fn u3_without_its_program_or_its_card_the_output_says_what_is_missing() {
    let burst = Burst::of(Tone::Alarm(Priority::High));
    let mut missing = alsa::Alsa::new("/nowhere/aplay", "default".to_owned());
    let said = missing.check().unwrap_err();
    assert!(said.contains("install alsa-utils"), "{said}");
    assert!(missing.begin().is_err() && missing.go(&burst, Duration::ZERO).is_ok());
    let mut buzzer = gpio::Gpio::new("/nowhere/gpiochip0".into(), 17, false);
    let said = buzzer.check().unwrap_err();
    assert!(said.contains("line 17 of /nowhere/gpiochip0"), "{said}");
}

/// A program in the place of `aplay`, which takes the same words.
fn stand_in(folder: &std::path::Path, script: &str) -> &'static str {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("aplay");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    Box::leak(path.into_os_string().into_string().unwrap().into_boxed_str())
}

#[test]
fn the_sound_card_gets_the_whole_burst_and_silence_ends_its_program() {
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard");
    let program = stand_in(folder.path(), &format!("exec cat >> {}", heard.display()));
    let mut card = alsa::Alsa::new(program, "default".to_owned());
    card.check().unwrap();
    std::fs::remove_file(&heard).unwrap();
    let burst = Burst::of(Tone::Alarm(Priority::Medium));
    card.begin().unwrap();
    let all = (burst.length.as_secs_f64() * 48_000.0) as usize * 2;
    // A busy machine may let the program wait.
    let wait_for = |count: usize| {
        for _ in 0..1_000 {
            if std::fs::read(&heard).map_or(0, |bytes| bytes.len()) >= count {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    for ms in (0..=900).step_by(10) {
        card.go(&burst, Duration::from_millis(ms)).unwrap();
        wait_for(usize::try_from(ms * 96).unwrap().min(all));
    }
    card.end().unwrap();
    wait_for(all);
    let samples = std::fs::read(&heard).unwrap();
    assert_eq!(samples.len(), all);
    assert!(samples.iter().any(|byte| *byte != 0));
    card.begin().unwrap();
    card.hush();
    card.go(&burst, Duration::from_secs(1)).unwrap();
    assert_eq!(
        std::fs::read(&heard).unwrap().len(),
        all,
        "nothing more after silence"
    );
}

#[test]
fn a_sound_card_that_refuses_is_told_in_its_own_words_and_one_that_hangs_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let program = stand_in(
        folder.path(),
        "cat > /dev/null; echo 'aplay: main:831: audio open error: No such device' >&2; exit 1",
    );
    let said = alsa::Alsa::new(program, "hw:9".to_owned()).check().unwrap_err();
    assert!(
        said.contains("\"hw:9\"") && said.contains("No such device"),
        "{said}"
    );
    let other = tempfile::tempdir().unwrap();
    let mut hangs = alsa::Alsa::new(stand_in(other.path(), "exec sleep 60"), "default".to_owned());
    hangs.begin().unwrap();
    let burst = Burst::of(Tone::Alarm(Priority::High));
    let refused = (0..400).find_map(|n| hangs.go(&burst, Duration::from_millis(10 * n)).err());
    assert!(refused.is_some_and(|said| said.contains("hangs")));
}
