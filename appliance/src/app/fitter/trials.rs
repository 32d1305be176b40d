//! One trial of a port at a time, for whoever looks at it (F1, F2).

use std::path::Path;

use drivers::catalog::{self, Family};
use vitals::MonoTime;

use super::super::view;
use super::{Fitter, LOOK_WITHIN, at};
use crate::access::By;
use crate::lines::{Announced, FoundDevice, SerialPortNow, ToTry, Trial, is_one_port, serial_ports};
use crate::web::{AnnouncedShown, FittingError, FoundShown, PortNow, TrialShown};

/// A trial, and who holds it.
pub(super) struct Held {
    pub number: u64,
    /// As it was named; empty = the LAN.
    pub port: String,
    pub by: By,
    pub trial: Trial,
    looked: MonoTime,
}

impl Held {
    /// Nobody has looked at it for too long.
    pub fn is_left(&self, now: MonoTime) -> bool {
        now.since(self.looked) > LOOK_WITHIN
    }
}

impl Fitter {
    /// The serial ports, each with the line that has it.
    pub(super) async fn ports(&self) -> Vec<PortNow> {
        // Files of the kernel; a box that is busy with a bad adapter may take its time.
        let ports = tokio::task::spawn_blocking(serial_ports).await;
        let ports = ports.expect("looking for ports does not panic and is not aborted");
        let shown = |port: SerialPortNow| PortNow {
            line: self.line_at(&port.device.display().to_string()),
            name: port.name.display().to_string(),
            device: port.device.display().to_string(),
            with: port.with,
            product: port.product,
            console: port.is_console,
        };
        ports.into_iter().map(shown).collect()
    }

    /// The line that has this port or address.
    fn line_at(&self, port: &str) -> Option<String> {
        let has = |line: &&crate::config::LineConfig| match &line.serial {
            Some(path) => is_one_port(path, Path::new(port)),
            None => at(line) == port,
        };
        self.crew.lines().find(has).map(|line| line.id.clone())
    }

    pub(super) async fn try_told(
        &mut self,
        port: Option<(String, Option<String>)>,
        by: By,
    ) -> Result<u64, FittingError> {
        let (name, family) = port.clone().unwrap_or_default();
        let result = self.try_port(port, &by).await;
        let subject = match name.as_str() {
            "" => "lan:announcements".to_owned(),
            name => format!("port:{name}"),
        };
        let mut telling = by.tried("try_port", subject, &result);
        if result.is_ok() {
            let family =
                family.map_or_else(|| "all families".to_owned(), |family| format!("family {family}"));
            telling.after = Some(vitals::Masked::new(family));
        }
        // The core is gone only while the program ends.
        let _stopping = self.core.send(crate::web::Request::Audit(telling)).await;
        result
    }

    async fn try_port(
        &mut self,
        port: Option<(String, Option<String>)>,
        by: &By,
    ) -> Result<u64, FittingError> {
        if let Some(held) = &self.trial
            && held.by != *by
            && !held.is_left(self.clock.now())
        {
            return Err(FittingError::Busy(held.by.name().to_owned()));
        }
        let name = port
            .as_ref()
            .map(|(port, _)| port.trim().to_owned())
            .unwrap_or_default();
        let to_try = match port {
            None => ToTry::Lan,
            Some((_, family)) => {
                if let Some(line) = self.line_at(&name) {
                    return Err(FittingError::InUse { port: name, line });
                }
                ToTry::Port {
                    port: name.clone(),
                    family: family.map(known).transpose()?,
                }
            }
        };
        // The same person begins anew: the port must be free first.
        if let Some(held) = self.trial.take() {
            held.trial.end().await;
        }
        let trial =
            Trial::begin(to_try, self.clock).map_err(|error| FittingError::Port(error.to_string()))?;
        self.trials += 1;
        self.trial = Some(Held {
            number: self.trials,
            port: name,
            by: by.clone(),
            trial,
            looked: self.clock.now(),
        });
        Ok(self.trials)
    }

    pub(super) fn look(&mut self, by: &By) -> Result<TrialShown, FittingError> {
        let now = self.clock.now();
        let held = self.trial.as_mut().ok_or(FittingError::NoTrial)?;
        if held.by != *by {
            return Err(FittingError::Busy(held.by.name().to_owned()));
        }
        held.looked = now;
        let (number, port) = (held.number, held.port.clone());
        let stands = held.trial.now();
        Ok(TrialShown {
            number,
            port,
            announced: stands.announced.iter().map(|one| self.announced(one)).collect(),
            found: stands.found.as_ref().map(|found| self.found(found)),
            ..view::trial(stands)
        })
    }

    fn announced(&self, one: &Announced) -> AnnouncedShown {
        let address = one.address.to_string();
        AnnouncedShown {
            family: one.family,
            line: self.line_at(&address),
            address,
            bed_label: one.bed_label.clone(),
        }
    }

    fn found(&self, found: &FoundDevice) -> FoundShown {
        FoundShown {
            family: found.family.name,
            port: found.port.clone(),
            stable: found.is_stable,
            device: self.free_name(found.family),
        }
    }

    /// A name that no device and no line has.
    fn free_name(&self, family: &Family) -> String {
        let lines = &self.config.lines;
        let taken = |name: &str| {
            let known = lines.iter().any(|line| line.id == name);
            known || setups_of(lines).any(|device| device == name)
        };
        let stem = family.name.replace('_', "-");
        let mut names = (1..).map(|number| format!("{stem}-{number}"));
        names.find(|name| !taken(name)).unwrap_or(stem)
    }

    pub(super) async fn end_trial(&mut self, by: &By) -> Result<(), FittingError> {
        if let Some(held) = self.trial.take_if(|held| held.by == *by) {
            held.trial.end().await;
        }
        Ok(())
    }
}

fn setups_of(lines: &[crate::config::LineConfig]) -> impl Iterator<Item = &str> {
    lines
        .iter()
        .flat_map(|line| line.devices().map(|(device, _)| device.as_str()))
}

/// A family that the page may add.
fn known(name: String) -> Result<&'static Family, FittingError> {
    let family = catalog::family(&name).filter(|family| family.connect.is_some());
    family.ok_or(FittingError::NoFamily(name))
}
