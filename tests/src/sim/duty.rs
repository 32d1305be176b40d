//! A patient whose oxygen stays low, a centre that keeps a duty roster, and what the nurse is told of it (I6). The centre restarts
//! in between. All of it in simulated time.

use std::time::Duration;

use central::duty::Change;
use vitals::delivery::{Act, Deed};
use vitals::wire::CommandKind;
use vitals::{Condition, MonoTime};

use super::centre::true_wall;
use super::net::Quality;
use super::plan::{Mishap, Plan};
use super::{World, memory};

/// The first doctor takes duty at this second, for [`ON_DUTY_S`].
const TAKEN_AT_S: u64 = 5;
/// So long, in seconds.
pub const ON_DUTY_S: u64 = 480;
/// The second doctor takes duty at this second.
pub const TAKEN_AGAIN_AT_S: u64 = 700;
const MINUTES: u64 = 15;

/// What the nurse's page told.
#[derive(Debug, Default)]
pub struct Nurse {
    /// Each call beside the alarm: whom (empty = every doctor), and at which second it stood there first.
    pub calls: Vec<(String, u64)>,
    /// Who answered for it in the end.
    pub responsible: Option<String>,
    /// The seconds at which "nobody on duty" alarmed first and last.
    pub nobody: Option<(u64, u64)>,
    /// What the ledger of the simulation says.
    pub wrong: Vec<String>,
}

/// Runs it; the first doctor accepts the alarm at this second, or nobody does.
pub fn duty(seed: u64, accepts_at_s: Option<u64>) -> Nurse {
    let folder = tempfile::tempdir_in(memory()).expect("a folder for the centre's store");
    let at = |s: u64| MonoTime::from_ms(s * 1_000);
    let plan = Plan {
        trouble_until: at(60 * MINUTES),
        quality: Quality {
            delay: Duration::from_millis(80),
            bytes_per_s: None,
        },
        beds: 1,
        mishaps: vec![(at(200), Mishap::CentreStops), (at(230), Mishap::CentreStarts)],
    };
    let mut world = World::planned(seed, plan, folder.path());
    world.post.low();
    let doctors = ["rao", "sen"].map(|id| (id.to_owned(), format!("Dr {id}")));
    world.centre.doctors = doctors.into();
    let (mut nurse, mut second) = (Nurse::default(), 0);
    world.run_with(|world| {
        let now_s = world.now.as_ms() / 1_000;
        if now_s == second {
            return;
        }
        for due in second + 1..=now_s {
            world.somebody_acts(due, accepts_at_s);
        }
        second = now_s;
        if now_s < 60 * MINUTES {
            nurse.looks(world, now_s);
        }
    });
    let (at_post, open) = (world.post.open_alarms(), world.open_at_centre());
    nurse.wrong = world.ledger.settle(&at_post, &open);
    nurse
}

impl World {
    fn somebody_acts(&mut self, second: u64, accepts_at_s: Option<u64>) {
        match second {
            TAKEN_AT_S => self.takes_duty("rao", ON_DUTY_S),
            TAKEN_AGAIN_AT_S => self.takes_duty("sen", 3_600),
            _ if accepts_at_s == Some(second) => self.accepts_it("rao"),
            _ => {}
        }
    }

    fn takes_duty(&mut self, by: &str, for_s: u64) {
        let until = true_wall(self.now + Duration::from_secs(for_s));
        self.centre
            .change_duty(by, Change::Take(until), &mut self.net, self.now);
    }

    fn accepts_it(&mut self, by: &str) {
        let post = self.post.id().clone();
        let mut alerts = self.centre.view.alerts.iter();
        let alarm = alerts.find(|alert| alert.condition == Condition::Desaturation);
        let deed = Deed {
            alarm: alarm.expect("the centre has the alarm by now").id,
            by: format!("Dr {by}"),
            by_id: by.to_owned(),
            act: Act::Accepted {
                until: true_wall(self.now + Duration::from_secs(3_600)),
            },
        };
        self.centre
            .asked(&post, CommandKind::Deed(deed), &mut self.net, self.now);
    }
}

impl Nurse {
    fn looks(&mut self, world: &World, second: u64) {
        let Some(page) = world.post.page() else {
            return;
        };
        for alarm in page.alarms.iter() {
            match alarm.condition {
                Condition::Desaturation => {
                    let called = alarm.steps.iter().filter_map(|step| step.called.as_ref());
                    for whom in called.skip(self.calls.len()) {
                        self.calls.push((whom.join(" "), second));
                    }
                    self.responsible = alarm.responsible.as_ref().map(|who| who.by.clone());
                }
                Condition::NobodyOnDuty => {
                    let (first, _) = self.nobody.unwrap_or((second, second));
                    self.nobody = Some((first, second));
                }
                _ => {}
            }
        }
    }
}
