//! Whether anybody at the centre sees this post (I6), and what time it is there. Pure; time is an argument.

use std::time::Duration;

use vitals::wire::{CentreHeartbeat, OnDuty};
use vitals::{Lane, MonoTime, WallTime};

use super::{CentreLink, CentreState};
use crate::store::Cursor;

/// Longest name of a centre that is kept, in characters.
const NAME_CHARS_MAX: usize = 64;

/// How records flow, for [`CentreWatch::link`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    /// Records that the centre has not confirmed.
    pub(super) waiting: u64,
    /// Up to where the broker has acknowledged the alerts.
    pub(super) alerts_sent: Cursor,
    /// A lane whose records the centre does not confirm although it says that it works.
    pub(super) stuck: Option<Lane>,
    /// Records that the centre could not take (R12).
    pub(super) quarantined: u64,
}

#[derive(Debug)]
pub(super) struct CentreWatch {
    silence_max: Duration,
    started: MonoTime,
    state: CentreState,
    since: MonoTime,
    last_heartbeat: Option<MonoTime>,
    /// The centre's wall clock in that heartbeat.
    heartbeat_wall: WallTime,
    /// Whether somebody is on duty there, as that heartbeat said.
    duty: OnDuty,
    centre: Option<String>,
    linked: bool,
    error: Option<String>,
}

impl CentreWatch {
    /// `silence_max`: after this without a heartbeat the centre counts as unreachable.
    pub(super) fn new(silence_max: Duration, now: MonoTime) -> CentreWatch {
        CentreWatch {
            silence_max,
            started: now,
            state: CentreState::Connecting,
            since: now,
            last_heartbeat: None,
            heartbeat_wall: WallTime::from_unix_ns(0),
            duty: OnDuty::NoRoster,
            centre: None,
            linked: false,
            error: None,
        }
    }

    /// The centre says that it works. Returns whether it is back after a silence.
    pub(super) fn heartbeat(&mut self, heartbeat: &CentreHeartbeat, now: MonoTime) -> bool {
        let before = self.judge(now);
        self.last_heartbeat = Some(now);
        (self.heartbeat_wall, self.duty) = (heartbeat.wall, heartbeat.duty);
        self.centre = Some(heartbeat.centre.chars().take(NAME_CHARS_MAX).collect());
        self.judge(now);
        before == CentreState::Unreachable
    }

    /// The centre's wall clock now, by its last heartbeat and the time since; `None` before the first.
    pub(super) fn wall(&self, now: MonoTime) -> Option<WallTime> {
        let since = i64::try_from(now.since(self.last_heartbeat?).as_nanos()).unwrap_or(i64::MAX);
        let wall = self.heartbeat_wall.as_unix_ns().saturating_add(since);
        Some(WallTime::from_unix_ns(wall))
    }

    pub(super) fn linked(&mut self) {
        self.linked = true;
        self.error = None;
    }

    pub(super) fn unlinked(&mut self, error: String) {
        self.linked = false;
        self.error = Some(error);
    }

    fn judge(&mut self, now: MonoTime) -> CentreState {
        let heard = |since: MonoTime| now.since(since) < self.silence_max;
        let state = match self.last_heartbeat {
            Some(last) if heard(last) => CentreState::Up,
            None if heard(self.started) => CentreState::Connecting,
            _ => CentreState::Unreachable,
        };
        if state != self.state {
            self.state = state;
            self.since = now;
        }
        state
    }

    /// Why there is no link.
    pub(super) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Whether it is heard, and when it was last.
    pub(super) fn heard(&mut self, now: MonoTime) -> (CentreState, Option<MonoTime>) {
        (self.judge(now), self.last_heartbeat)
    }

    /// Its wall clock as it said last, and when that was heard; none where it knows no time.
    pub(super) fn clock(&self) -> Option<(MonoTime, WallTime)> {
        let known = self.heartbeat_wall > WallTime::from_unix_ns(0);
        self.last_heartbeat
            .filter(|_| known)
            .map(|at| (at, self.heartbeat_wall))
    }

    /// How it stands.
    pub(super) fn link(&mut self, flow: Flow, now: MonoTime) -> CentreLink {
        let state = self.judge(now);
        let problem = match (&self.error, state, flow.stuck) {
            (Some(error), _, _) => Some(error.clone()),
            (None, CentreState::Unreachable, _) => Some(
                "the broker is connected, but the centre's program is silent: is it running, and connected to the same broker?"
                    .to_owned(),
            ),
            (None, _, Some(lane)) => Some(format!(
                "the centre does not confirm {lane}: its log says why, a newer version of it may be needed"
            )),
            (None, _, None) if flow.quarantined > 0 => Some(format!(
                "{} records could not be taken by the centre and are kept in the folder \"quarantine\" beside the store: send them to whoever maintains the centre",
                flow.quarantined
            )),
            (None, _, None) => None,
        };
        CentreLink {
            state,
            since: self.since,
            waiting: flow.waiting,
            alerts_sent: flow.alerts_sent,
            centre: self.centre.clone(),
            duty: self.duty,
            problem,
            last_heartbeat: self.last_heartbeat,
            certificate_expires: None,
            outage: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use vitals::wire::{Command, CommandKind};

    use super::super::down::expired;
    use super::*;

    fn at(s: u64) -> MonoTime {
        MonoTime::from_ms(s * 1_000)
    }

    fn beat(name: &str) -> CentreHeartbeat {
        CentreHeartbeat {
            centre: name.to_owned(),
            wall: WallTime::from_unix_ms(1_800_000_000_000),
            duty: OnDuty::NoRoster,
        }
    }

    const FLOWS: Flow = Flow {
        waiting: 0,
        alerts_sent: Cursor::START,
        stuck: None,
        quarantined: 0,
    };

    fn state(watch: &mut CentreWatch, s: u64) -> (CentreState, u64) {
        let link = watch.link(FLOWS, at(s));
        (link.state, link.since.as_ms() / 1_000)
    }

    #[test]
    fn i6_a_centre_that_is_not_heard_for_thirty_seconds_is_unreachable_and_a_heartbeat_brings_it_back() {
        let mut watch = CentreWatch::new(Duration::from_secs(30), at(100));
        assert_eq!(state(&mut watch, 129), (CentreState::Connecting, 100));
        assert_eq!(state(&mut watch, 130), (CentreState::Unreachable, 130));
        assert!(
            watch.heartbeat(&beat("District"), at(140)),
            "back after a silence"
        );
        assert_eq!(state(&mut watch, 169), (CentreState::Up, 140));
        assert!(!watch.heartbeat(&beat("District"), at(169)), "no silence");
        assert_eq!(state(&mut watch, 198), (CentreState::Up, 140));
        assert_eq!(state(&mut watch, 199), (CentreState::Unreachable, 199));
    }

    #[test]
    fn a_link_that_breaks_for_a_moment_does_not_make_the_centre_unreachable() {
        let mut watch = CentreWatch::new(Duration::from_secs(30), at(0));
        watch.linked();
        watch.heartbeat(&beat("District"), at(1));
        watch.unlinked("connection refused".to_owned());
        let link = watch.link(FLOWS, at(20));
        assert_eq!(
            (link.state, link.problem.as_deref()),
            (CentreState::Up, Some("connection refused"))
        );
        watch.linked();
        assert_eq!(watch.link(FLOWS, at(21)).problem, None);
    }

    #[test]
    fn a_broker_without_a_centre_is_named_as_the_problem() {
        let mut watch = CentreWatch::new(Duration::from_secs(30), at(0));
        watch.linked();
        let problem = watch.link(FLOWS, at(31)).problem.unwrap();
        assert!(problem.contains("centre's program is silent"), "{problem}");
    }

    #[test]
    fn a_hostile_name_is_cut() {
        let mut watch = CentreWatch::new(Duration::from_secs(30), at(0));
        watch.heartbeat(&beat(&"ü".repeat(100_000)), at(1));
        let name = watch.link(FLOWS, at(2)).centre.unwrap();
        assert_eq!(name.chars().count(), NAME_CHARS_MAX);
    }

    #[test]
    fn a_command_expires_by_the_centres_clock_whatever_this_box_believes() {
        let command = |expires_ms| Command {
            id: 1,
            issued: WallTime::from_unix_ms(0),
            expires: WallTime::from_unix_ms(expires_ms),
            kind: CommandKind::Seen {
                alarm: "00000001aabbccdd-3".parse().unwrap(),
                by: "Dr A".to_owned(),
                by_id: Some("dr-a".to_owned()),
            },
        };
        let mut watch = CentreWatch::new(Duration::from_secs(30), at(0));
        assert!(
            !expired(&command(0), watch.wall(at(1_000_000))),
            "nobody can tell"
        );
        watch.heartbeat(&beat("District"), at(100));
        // Two minutes from the heartbeat on.
        let command = command(1_800_000_120_000);
        assert!(!expired(&command, watch.wall(at(100))));
        assert!(!expired(&command, watch.wall(at(220))));
        assert!(
            expired(&command, watch.wall(at(221))),
            "the centre's clock goes on"
        );
        watch.heartbeat(
            &CentreHeartbeat {
                wall: WallTime::from_unix_ns(i64::MAX),
                ..beat("Hostile")
            },
            at(300),
        );
        assert!(expired(&command, watch.wall(at(301))), "and ends nothing");
    }
}
