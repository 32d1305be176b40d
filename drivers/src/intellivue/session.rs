//! The session with one monitor, whatever the line: what is sent when, and who reads what comes.
//!
//! - S1: Nothing is read outside a session that the monitor has accepted and opened: data of an old one may still arrive.
//! - S2: A session in which nothing is heard for [`SILENCE`] is over; it is ended and begun anew.
//! - S3: A monitor in demonstration, service or configuration mode is heard, and nothing that it says is used.
//! - S4: What is asked for is asked again before it runs out, and when it does not come.

use std::time::Duration;

use vitals::{Code, MonoTime};

use super::alarms::Alarms;
use super::asks::{Ask, Asks};
use super::association::{self, ABORTED, ACCEPTED, DATA, Grant, REFUSED, RELEASE, RELEASE_ASKED, RELEASED};
use super::attributes::{Curve, OPERATING_MODE};
use super::clock::MonitorClock;
use super::numerics::{Circumstances, Numerics};
use super::poll::{self, Attributes, Message, Poll};
use super::requests::{self, CLASS_ALARMS, CLASS_MDS, CLASS_NUMERICS, CLASS_WAVES};
use super::unknown::Unknown;
use super::waves::Waves;
use crate::dialogue::{LineFault, Step};
use crate::steps::Steps;

/// A monitor answers our first word within this, if it was in a session that we have forgotten.
const CLEARED_AFTER: Duration = Duration::from_secs(1);

/// How long a question for a session waits, and how often it is asked before all begins anew.
const ANSWER_WAIT: Duration = Duration::from_secs(4);
const QUESTIONS_MAX: u32 = 3;

/// How long after its answer a monitor may take to open the session. It tells so three times in about ten seconds.
const OPENING_WAIT: Duration = Duration::from_secs(10);

/// After a refusal (another computer has the session, another interface the numerics) and after a session that was cut off.
const REFUSED_WAIT: Duration = Duration::from_secs(10);
const CUT_OFF_WAIT: Duration = Duration::from_secs(2);

/// A session in which nothing is heard for this long is over; results come every second.
pub(super) const SILENCE: Duration = Duration::from_secs(10);

/// After a pause of this length in numerics or alarms the alarms are told anew: their list lasts as long as the device is
/// heard.
const PAUSE: Duration = Duration::from_secs(5);

/// Operating modes in which no patient is monitored: demonstration, service, configuration.
const MODES_WITHOUT_PATIENT: u16 = 0x2000 | 0x1000 | 0x0001;

/// What we may ask when the monitor's answer has a form that we do not know: the shortest of all time-outs.
const GRANT_UNKNOWN: Grant = Grant {
    timeout: Duration::from_secs(10),
    numerics: true,
    waves: false,
};

/// Which curves are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Those that the monitor exports already: nothing is set.
    AsExported,
    /// Exactly these: the monitor is told to export them. None: it is not asked for curves.
    These(Vec<Curve>),
}

#[derive(Debug)]
enum State {
    Begin,
    /// An old session is being ended.
    Clearing {
        until: MonoTime,
    },
    /// A session was asked for, so many times.
    Asking {
        times: u32,
        until: MonoTime,
    },
    /// It was accepted; the monitor has not opened it yet.
    Opening {
        grant: Grant,
        until: MonoTime,
    },
    Open(Asks),
    /// Nothing is tried before this.
    Waiting {
        until: MonoTime,
    },
}

/// The session.
#[derive(Debug)]
pub(super) struct Session {
    mtu: u32,
    wanted: Wanted,
    state: State,
    last_heard: MonoTime,
    /// When numerics and alarms were used last.
    numerics_at: MonoTime,
    alarms_at: MonoTime,
    invoke: u16,
    mode: u16,
    clock: MonitorClock,
    numerics: Numerics,
    alarms: Alarms,
    waves: Waves,
    unknown: Unknown,
    /// What is to be sent or told. What is sent here are user data: the line puts them into frames.
    pub out: Steps,
}

impl Session {
    pub(super) fn new(mtu: u32, wanted: Wanted) -> Self {
        Self {
            mtu,
            wanted,
            state: State::Begin,
            last_heard: MonoTime::BOOT,
            numerics_at: MonoTime::BOOT,
            alarms_at: MonoTime::BOOT,
            invoke: 0,
            mode: 0,
            clock: MonitorClock::default(),
            numerics: Numerics::default(),
            alarms: Alarms::default(),
            waves: Waves::default(),
            unknown: Unknown::default(),
            out: Steps::default(),
        }
    }

    /// One message, whole.
    pub(super) fn message(&mut self, now: MonoTime, bytes: &[u8]) {
        match (bytes.first().copied(), &self.state) {
            (Some(ACCEPTED), State::Asking { .. }) => self.accepted(now, bytes),
            (Some(REFUSED), State::Asking { times, .. }) => {
                let may_be_ours = *times > 1;
                self.out.fault(LineFault::Refused { code: REFUSED });
                if may_be_ours {
                    // An earlier question was heard and its answer lost: that session is in the way.
                    self.begin(now);
                } else {
                    self.wait(now, REFUSED_WAIT);
                }
            }
            (Some(RELEASED), State::Clearing { .. }) => self.ask(now, 1),
            (Some(ABORTED | RELEASED | RELEASE_ASKED), State::Opening { .. } | State::Open(_)) => {
                self.out.fault(LineFault::Refused { code: ABORTED });
                self.wait(now, CUT_OFF_WAIT);
            }
            (Some(DATA), State::Opening { .. } | State::Open(_)) => self.data(now, bytes),
            // S1; late answers, connect indications.
            _ => {}
        }
    }

    fn accepted(&mut self, now: MonoTime, bytes: &[u8]) {
        let grant = association::grant(bytes).unwrap_or_else(|| {
            self.out.fault(LineFault::WrongAnswer);
            GRANT_UNKNOWN
        });
        self.state = State::Opening {
            grant,
            until: now + OPENING_WAIT,
        };
    }

    fn data(&mut self, now: MonoTime, bytes: &[u8]) {
        let Some(message) = poll::read(bytes) else {
            return self.out.fault(LineFault::WrongAnswer);
        };
        self.last_heard = now;
        match message {
            Message::MdsCreated {
                invoke,
                head,
                attributes,
            } => self.created(now, invoke, head, &attributes),
            Message::Poll(poll) => self.poll(now, &poll),
            Message::Error { invoke, code } => {
                let code = u8::try_from(code).unwrap_or(u8::MAX);
                self.out.fault(LineFault::Refused { code });
                if let State::Open(asks) = &mut self.state {
                    asks.refused(now, invoke, code);
                }
            }
            Message::Other => {}
        }
    }

    fn created(&mut self, now: MonoTime, invoke: u16, head: &[u8], attributes: &Attributes<'_>) {
        self.send(requests::mds_created(invoke, head));
        if let State::Opening { grant, .. } = self.state {
            self.forget();
            self.state = State::Open(Asks::new(now, grant, self.wanted != Wanted::These(Vec::new())));
            if let Wanted::These(curves) = &self.wanted
                && !curves.is_empty()
                && grant.waves
            {
                let labels: Vec<u32> = curves.iter().map(|curve| curve.label()).collect();
                let invoke = self.next_invoke();
                self.send(requests::select_waves(invoke, &labels));
            }
        }
        self.of_the_monitor(attributes);
    }

    /// Clocks and mode.
    fn of_the_monitor(&mut self, attributes: &Attributes<'_>) {
        self.clock.hear(attributes);
        if let Some(mode) = attributes.get(OPERATING_MODE).and_then(|mut reader| reader.u16()) {
            self.mode = mode;
        }
    }

    fn poll(&mut self, now: MonoTime, poll: &Poll<'_>) {
        let State::Open(asks) = &mut self.state else {
            // S1: the session is not open yet.
            return;
        };
        asks.answered(now, poll.class, poll.group);
        if poll.class == CLASS_MDS {
            for object in &poll.objects {
                self.of_the_monitor(&object.attributes);
            }
            return;
        }
        if self.mode & MODES_WITHOUT_PATIENT != 0 {
            return self.out.fault(LineFault::NotAPatient);
        }
        let last = match poll.class {
            CLASS_NUMERICS => &mut self.numerics_at,
            CLASS_ALARMS => &mut self.alarms_at,
            CLASS_WAVES => return self.waves.hear(now, poll, &mut self.unknown, &mut self.out),
            // Nobody asked for it.
            _ => return,
        };
        if now.since(std::mem::replace(last, now)) > PAUSE {
            self.alarms.tell_again();
        }
        if poll.class == CLASS_ALARMS {
            return self.alarms.hear(poll, &mut self.out);
        }
        let around = Circumstances {
            now,
            clock: &self.clock,
            sensors: &self.alarms.sensors,
        };
        self.numerics
            .hear(&around, poll, &mut self.unknown, &mut self.out);
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: MonoTime) {
        match &mut self.state {
            State::Begin => self.begin(now),
            State::Clearing { until } | State::Waiting { until } if now >= *until => self.ask(now, 1),
            State::Asking { times, until } if now >= *until => {
                let times = *times + 1;
                self.out.fault(LineFault::NoAnswer);
                if times > QUESTIONS_MAX {
                    self.begin(now);
                } else {
                    self.ask(now, times);
                }
            }
            State::Opening { until, .. } if now >= *until => {
                self.out.fault(LineFault::NoAnswer);
                self.begin(now);
            }
            State::Open(_) if now >= self.last_heard + SILENCE => {
                self.out.fault(LineFault::NoAnswer);
                self.begin(now);
            }
            State::Open(_) => self.ask_what_is_due(now),
            _ => {}
        }
    }

    /// The next time at which something is due.
    pub(super) fn deadline(&self, now: MonoTime) -> MonoTime {
        match &self.state {
            State::Begin => now,
            State::Clearing { until }
            | State::Asking { until, .. }
            | State::Opening { until, .. }
            | State::Waiting { until } => *until,
            State::Open(asks) => asks.deadline().min(self.last_heard + SILENCE),
        }
    }

    fn begin(&mut self, now: MonoTime) {
        self.send(RELEASE.to_vec());
        self.state = State::Clearing {
            until: now + CLEARED_AFTER,
        };
    }

    fn ask(&mut self, now: MonoTime, times: u32) {
        let waves = self.wanted != Wanted::These(Vec::new());
        self.send(association::request(self.mtu, waves));
        self.state = State::Asking {
            times,
            until: now + ANSWER_WAIT,
        };
    }

    fn wait(&mut self, now: MonoTime, wait: Duration) {
        self.state = State::Waiting { until: now + wait };
    }

    fn ask_what_is_due(&mut self, now: MonoTime) {
        let State::Open(asks) = &mut self.state else {
            return;
        };
        let mut requests = Vec::new();
        for ask in asks.due(now) {
            self.invoke = self.invoke.checked_add(1).unwrap_or(1);
            if ask.is_unanswered() {
                self.out.fault(LineFault::NoAnswer);
            }
            requests.push(Ask::request(ask, now, self.invoke));
        }
        requests.into_iter().for_each(|request| self.send(request));
    }

    fn next_invoke(&mut self) -> u16 {
        self.invoke = self.invoke.checked_add(1).unwrap_or(1);
        self.invoke
    }

    fn send(&mut self, user_data: Vec<u8>) {
        self.out.push(Step::Send(user_data));
    }

    /// A new session: what belonged to the old one means nothing.
    fn forget(&mut self) {
        self.mode = 0;
        self.clock = MonitorClock::default();
        self.numerics.forget();
        self.alarms.forget();
        self.waves.forget();
    }
}

/// The curves of these codes; the first that the family does not have.
pub(super) fn wanted(codes: Option<&[Code]>) -> Result<Wanted, Code> {
    let Some(codes) = codes else {
        return Ok(Wanted::AsExported);
    };
    let curve = |code: &Code| {
        let mut all = super::attributes::CURVES.into_iter();
        all.find(|curve| curve.code == *code).ok_or(*code)
    };
    codes
        .iter()
        .map(curve)
        .collect::<Result<_, _>>()
        .map(Wanted::These)
}
