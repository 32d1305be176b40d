//! What is tried, in which order, and how long that takes at most. Pure.
//!
//! - P1 Whoever only listens comes before whoever asks: a monitor that talks by itself is found without a byte sent.
//! - P2 All that listen at one speed listen together, and a try that listens never writes, whatever a dialogue wants.
//! - P3 The usual settings of all families come before the unusual ones of any.

use std::time::Duration;

use drivers::Step;
use drivers::catalog::{Family, Handshake, Kind, Parity, SerialSettings, StreamOptions, Transport};
use vitals::MonoTime;

/// A device that sends by itself is understood within this: Nonin needs about 5 s.
const LISTEN_MAX: Duration = Duration::from_secs(8);

/// The same for a device that is asked first.
const ASK_MAX: Duration = Duration::from_secs(12);

/// Nothing at all in this time: the next try. Devices that send by themselves do so at least every 2 s.
const LISTEN_SILENT_MAX: Duration = Duration::from_secs(5);

/// The same where questions are sent: long enough for all Modbus addresses, and for a second question to each of the
/// others.
const ASK_SILENT_MAX: Duration = Duration::from_secs(7);

/// Opening a port takes no longer.
pub(super) const OPEN_MAX: Duration = Duration::from_secs(4);

/// A family that has asked nothing in this time is one that listens; what it would ask after a longer silence is not sent.
const ASKS_WITHIN: Duration = LISTEN_SILENT_MAX;

/// One try: a port opened once.
#[derive(Clone, Debug)]
pub(super) struct Try {
    /// How the port is opened.
    pub(super) over: Over,
    /// Who hears what comes: all that listen, or the one that asks.
    pub(super) families: Vec<&'static Family>,
    /// Whether questions are sent.
    pub(super) asks: bool,
}

/// How a port is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// A serial port.
    Serial(SerialSettings),
    /// A connection.
    Tcp,
    /// Datagrams.
    Udp,
}

impl Try {
    /// How long it lasts at most.
    pub(super) fn time_max(&self) -> Duration {
        if self.asks { ASK_MAX } else { LISTEN_MAX }
    }

    /// How long it lasts when nothing comes.
    pub(super) fn silent_max(&self) -> Duration {
        if self.asks {
            ASK_SILENT_MAX
        } else {
            LISTEN_SILENT_MAX
        }
    }

    /// In words.
    pub(super) fn heading(&self) -> String {
        let names: Vec<&str> = self.families.iter().map(|family| family.name).collect();
        let does = if self.asks { "asking" } else { "listening" };
        format!("{does}{} for {}", self.over.words(), names.join(", "))
    }
}

impl Over {
    pub(super) fn transport(self) -> Transport {
        match self {
            Over::Serial(_) => Transport::Serial,
            Over::Tcp => Transport::Tcp,
            Over::Udp => Transport::Udp,
        }
    }

    /// ` at 9600 8N1`, or how else.
    pub(super) fn words(self) -> String {
        match self {
            Over::Serial(settings) => format!(" at {}", settings_words(settings)),
            Over::Tcp => " on a connection".to_owned(),
            Over::Udp => " with datagrams".to_owned(),
        }
    }
}

/// `9600 8N1`, as monitors' menus write it.
pub(super) fn settings_words(settings: SerialSettings) -> String {
    let parity = match settings.parity {
        Parity::None => 'N',
        Parity::Even => 'E',
        Parity::Odd => 'O',
    };
    let handshake = match settings.handshake {
        Handshake::None => "",
        Handshake::RtsCts => " with RTS/CTS",
    };
    format!("{} 8{parity}{}{handshake}", settings.baud, settings.stop_bits)
}

/// All tries on a serial port, or on a device on the LAN.
pub(super) fn plan(serial: bool, families: &'static [Family]) -> Vec<Try> {
    let transports: &[Transport] = if serial {
        &[Transport::Serial]
    } else {
        &[Transport::Tcp, Transport::Udp]
    };
    let (mut listening, mut asking): (Vec<Try>, Vec<Try>) = (Vec::new(), Vec::new());
    let rounds = families.iter().map(|family| 1 + family.probe.len()).max();
    for round in 0..rounds.unwrap_or(0) {
        for family in families {
            for transport in transports.iter().filter(|one| family.transports.contains(one)) {
                let Some(over) = over(*transport, family, round) else {
                    continue;
                };
                let asks = asks(family, *transport);
                if !asks && let Some(same) = listening.iter_mut().find(|one| one.over == over) {
                    same.families.push(family);
                    continue;
                }
                let one = Try {
                    over,
                    families: vec![family],
                    asks,
                };
                if asks { &mut asking } else { &mut listening }.push(one);
            }
        }
    }
    listening.append(&mut asking);
    listening
}

/// How long all that takes at most.
pub(super) fn time_max(tries: &[Try]) -> Duration {
    tries.iter().map(|one| OPEN_MAX + one.time_max()).sum()
}

/// How long all that takes when nothing is there.
pub(super) fn silent_time(tries: &[Try]) -> Duration {
    tries.iter().map(Try::silent_max).sum()
}

/// How a family's port is opened in this round; a connection has no settings to vary.
fn over(transport: Transport, family: &Family, round: usize) -> Option<Over> {
    match transport {
        Transport::Serial if round == 0 => Some(Over::Serial(family.serial)),
        Transport::Serial => family
            .probe
            .get(round - 1)
            .filter(|settings| **settings != family.serial)
            .map(|settings| Over::Serial(*settings)),
        Transport::Tcp => (round == 0).then_some(Over::Tcp),
        Transport::Udp => (round == 0).then_some(Over::Udp),
        // Nobody to go to: the device comes to the post, or to a broker.
        Transport::Listen | Transport::Broker => None,
    }
}

/// Whether the family sends questions to a device that says nothing: found out in virtual time.
fn asks(family: &Family, transport: Transport) -> bool {
    let Kind::Stream(open) = family.kind else {
        return true;
    };
    let Ok(mut dialogue) = open(&StreamOptions::usual(transport)) else {
        return true;
    };
    let mut now = MonoTime::from_ms(1_000);
    let end = now + ASKS_WITHIN;
    while now < end {
        match dialogue.step(now) {
            Step::Send(_) | Step::SendWhenKept(_) => return true,
            Step::SleepUntil(until) => now = until.max(now + Duration::from_millis(1)),
            Step::Saw(_) | Step::Fault(_) => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use drivers::Dialogue;
    use drivers::catalog::FAMILIES;

    use super::*;

    struct Silent;
    impl Dialogue for Silent {
        fn heard(&mut self, _now: MonoTime, _bytes: &[u8]) {}
        fn step(&mut self, now: MonoTime) -> Step {
            Step::SleepUntil(now + Duration::from_secs(1))
        }
    }

    /// Asks after 3 s, as one that waits for the device first does.
    #[derive(Default)]
    struct Asker(Option<MonoTime>);
    impl Dialogue for Asker {
        fn heard(&mut self, _now: MonoTime, _bytes: &[u8]) {}
        fn step(&mut self, now: MonoTime) -> Step {
            let at = *self.0.get_or_insert(now + Duration::from_secs(3));
            if now >= at {
                return Step::Send(vec![1]);
            }
            Step::SleepUntil(at)
        }
    }

    const fn family(name: &'static str, asks: bool, serial: SerialSettings) -> Family {
        Family {
            name,
            title: name,
            folder: name,
            kind: if asks {
                Kind::Stream(|_| Ok(Box::new(Asker::default())))
            } else {
                Kind::Stream(|_| Ok(Box::new(Silent)))
            },
            is_laboratory: false,
            transports: &[Transport::Serial, Transport::Tcp],
            serial,
            probe: FURTHER,
            connect: None,
        }
    }

    const FURTHER: &[SerialSettings] = &[SerialSettings::new(2_400, Parity::None)];
    const SLOW: SerialSettings = SerialSettings::new(9_600, Parity::None);
    static SOME: [Family; 4] = [
        family("asker", true, SerialSettings::new(19_200, Parity::Even)),
        family("one", false, SLOW),
        family("two", false, SLOW),
        family("fast", false, SerialSettings::new(115_200, Parity::None)),
    ];

    fn headings(tries: &[Try]) -> Vec<String> {
        tries.iter().map(Try::heading).collect()
    }

    #[test]
    fn p1_p2_p3_listeners_first_and_together_and_usual_settings_first() {
        assert_eq!(
            headings(&plan(true, &SOME)),
            [
                "listening at 9600 8N1 for one, two",
                "listening at 115200 8N1 for fast",
                "listening at 2400 8N1 for one, two, fast",
                "asking at 19200 8E1 for asker",
                "asking at 2400 8N1 for asker",
            ]
        );
        assert_eq!(
            headings(&plan(false, &SOME)),
            [
                "listening on a connection for one, two, fast",
                "asking on a connection for asker"
            ]
        );
    }

    #[test]
    fn the_real_families_are_all_tried_and_in_bounded_time() {
        for serial in [true, false] {
            let tries = plan(serial, FAMILIES);
            let first_asks = tries.iter().position(|one| one.asks).unwrap_or(tries.len());
            assert!(tries.iter().skip(first_asks).all(|one| one.asks), "P1");
            for family in FAMILIES {
                // Who comes to the post or to a broker by himself cannot be tried.
                let comes = |one: &&Transport| matches!(one, Transport::Listen | Transport::Broker);
                let mut goes_to = family.transports.iter().filter(|one| !comes(one));
                let fits = goes_to.any(|one| (*one == Transport::Serial) == serial);
                let tried = tries
                    .iter()
                    .any(|one| one.families.iter().any(|other| other.name == family.name));
                assert_eq!(fits, tried, "{}", family.name);
            }
            let (most, silent) = (time_max(&tries), silent_time(&tries));
            assert!(most < Duration::from_secs(7 * 60), "{most:?}");
            assert!(silent < Duration::from_secs(3 * 60), "{silent:?}");
        }
        assert_eq!(plan(true, FAMILIES)[0].families[0].name, "nonin");
    }
}
