//! How the post is, as its own watchdog sees it, for whoever administers the box and for the gate of an update.

use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Looks at the post now.
pub type CheckupNow = Arc<dyn Fn() -> Checkup + Send + Sync>;

/// How the post is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkup {
    /// The version of the program.
    pub version: String,
    /// Store, configuration and listeners stand: systemd was told READY.
    pub ready: bool,
    /// Every task that must make rounds.
    pub tasks: Vec<TaskSeen>,
    /// Why records do not reach the card; none = they do.
    pub store_failing: Option<String>,
    /// What became of the store in this run; none = it is the one that was there before.
    pub store_set_aside: Option<String>,
    /// Every line of the configuration.
    pub lines: Vec<LineSeen>,
    /// Where the page is.
    pub page: SocketAddr,
    /// It is served with TLS.
    pub page_encrypted: bool,
    /// Alarms of high priority that are not over.
    pub high_alarms: usize,
}

/// A task as the watchdog sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSeen {
    /// Its name.
    pub name: String,
    /// How long it has made no round, in milliseconds.
    pub silent_ms: u64,
    /// Beyond this it is stalled, in milliseconds.
    pub silent_ms_max: u64,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineSeen {
    /// Its id.
    pub line: String,
    /// Its first try to open its port has ended.
    pub tried: bool,
    /// Why its port is closed; none = it is open, or not tried yet.
    pub closed: Option<String>,
    /// How long ago bytes came, in milliseconds; none = never in this run.
    pub heard_ms_ago: Option<u64>,
}

impl Checkup {
    /// What keeps the post from being called healthy, each in words. A line without a device is no fault: a ward may be
    /// empty, and a line that says why it hears nothing is at work.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !self.ready {
            faults.push("it is still starting".to_owned());
        }
        for task in self
            .tasks
            .iter()
            .filter(|task| task.silent_ms > task.silent_ms_max)
        {
            let TaskSeen {
                name,
                silent_ms,
                silent_ms_max,
            } = task;
            faults.push(format!(
                "the task {name} has made no round for {silent_ms} ms, at most {silent_ms_max}"
            ));
        }
        if let Some(reason) = &self.store_failing {
            faults.push(format!("records do not reach the card: {reason}"));
        }
        if let Some(fate) = &self.store_set_aside {
            faults.push(fate.clone());
        }
        for line in self.lines.iter().filter(|line| !line.tried) {
            faults.push(format!("the line {} has not opened its port yet", line.line));
        }
        faults
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn healthy() -> Checkup {
        Checkup {
            version: "1.0.0".to_owned(),
            ready: true,
            tasks: vec![TaskSeen {
                name: "core".to_owned(),
                silent_ms: 5_000,
                silent_ms_max: 5_000,
            }],
            store_failing: None,
            store_set_aside: None,
            lines: vec![LineSeen {
                line: "oxi".to_owned(),
                tried: true,
                closed: Some("there is no such port".to_owned()),
                heard_ms_ago: None,
            }],
            page: ([127, 0, 0, 1], 8080).into(),
            page_encrypted: false,
            high_alarms: 2,
        }
    }

    #[test]
    fn alarms_and_absent_devices_are_no_fault_of_the_post_and_everything_else_is() {
        assert_eq!(healthy().faults(), Vec::<String>::new());
        type Break = fn(&mut Checkup);
        let broken: [(Break, &str); 5] = [
            (|it| it.ready = false, "still starting"),
            (
                |it| it.tasks[0].silent_ms += 1,
                "core has made no round for 5001 ms",
            ),
            (
                |it| it.store_failing = Some("the card is full".to_owned()),
                "the card is full",
            ),
            (
                |it| it.store_set_aside = Some("store.damaged-1".to_owned()),
                "store.damaged-1",
            ),
            (|it| it.lines[0].tried = false, "oxi has not opened"),
        ];
        for (break_it, words) in broken {
            let mut checkup = healthy();
            break_it(&mut checkup);
            let faults = checkup.faults();
            assert!(
                faults.len() == 1 && faults[0].contains(words),
                "{words}: {faults:?}"
            );
        }
    }
}
