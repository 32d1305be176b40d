//! The way between post and centre: two MQTT connections at one broker, each with its delay, speed and faults. Pure.
//!
//! What a real broker does and no more: it acknowledges what has arrived, forwards it to who is connected at that
//! moment, keeps the last retained state, publishes the will of a post that is gone, may send a message twice, and
//! forgets everything when it restarts. A PUBACK proves nothing about the centre.

use std::collections::BTreeMap;
use std::time::Duration;

use link::Message;
use vitals::MonoTime;

use crate::chance::Chance;

/// Who hangs on the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// The appliance.
    Post,
    /// The doctors' side.
    Centre,
}

/// What a client learns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The connection stands.
    Linked,
    /// It broke, or never came to be.
    Unlinked,
    /// The broker has this publish.
    Acked(u64),
    /// A message came.
    Heard(Message),
}

/// How good the post's way to the broker is.
#[derive(Clone, Copy, Debug)]
pub struct Quality {
    /// One way.
    pub delay: Duration,
    /// Each way; `None` = no limit worth counting.
    pub bytes_per_s: Option<u64>,
}

/// A delivery that the broker makes a second time, in percent.
const TWICE_PERCENT: u64 = 2;
/// One way between broker and centre, which stand in the same building.
const NEAR: Duration = Duration::from_millis(5);
/// What TCP, TLS and MQTT add to each message, roughly.
const OVERHEAD_BYTES: u64 = 90;
/// After so long without a sign of life a half-open connection is given up: two keep-alives and some.
const NOTICED_WITHIN: Duration = Duration::from_secs(25);
/// An attempt on a way that is cut fails after at most this.
const REFUSED_WITHIN: Duration = Duration::from_secs(15);

#[derive(Debug, Default)]
struct Port {
    /// Counts connections: what belongs to an older one is gone.
    generation: u64,
    linked: bool,
    reachable: bool,
    up_busy_until: MonoTime,
    down_busy_until: MonoTime,
    will: Option<Message>,
}

#[derive(Debug)]
enum Flight {
    AtBroker { from: Client, id: u64, message: Message },
    AtClient(Told),
    BrokerNoticed,
    Signed { will: Option<Message> },
}

/// Broker and wires.
#[derive(Debug)]
pub struct Net {
    chance: Chance,
    quality: Quality,
    post: Port,
    centre: Port,
    state: Option<Message>,
    flights: BTreeMap<(MonoTime, u64), (Client, u64, Flight)>,
    flown: u64,
}

impl Net {
    /// Both ways are open, nobody is connected.
    pub fn new(chance: Chance, quality: Quality) -> Net {
        let port = || Port {
            reachable: true,
            ..Port::default()
        };
        Net {
            chance,
            quality,
            post: port(),
            centre: port(),
            state: None,
            flights: BTreeMap::new(),
            flown: 0,
        }
    }

    fn port(&mut self, client: Client) -> &mut Port {
        match client {
            Client::Post => &mut self.post,
            Client::Centre => &mut self.centre,
        }
    }

    /// Whether a message of one client would reach the other now.
    pub fn is_through(&self) -> bool {
        [&self.post, &self.centre]
            .iter()
            .all(|port| port.linked && port.reachable)
    }

    fn launch(&mut self, at: MonoTime, client: Client, flight: Flight) {
        self.flown += 1;
        let generation = self.port(client).generation;
        self.flights
            .insert((at, self.flown), (client, generation, flight));
    }

    /// When a message leaves now, when does it arrive at the other end of this client's wire?
    fn crossing(&mut self, client: Client, up: bool, bytes: usize, now: MonoTime) -> MonoTime {
        if client == Client::Centre {
            return now + NEAR;
        }
        let Quality { delay, bytes_per_s } = self.quality;
        let cost = bytes_per_s.map_or(Duration::ZERO, |rate| {
            Duration::from_nanos((bytes as u64 + OVERHEAD_BYTES) * 1_000_000_000 / rate.max(1))
        });
        let busy = if up {
            &mut self.post.up_busy_until
        } else {
            &mut self.post.down_busy_until
        };
        *busy = (*busy).max(now) + cost;
        *busy + delay
    }

    /// A client wants to connect: it is told when it is, or that it failed.
    pub fn connect(&mut self, client: Client, will: Option<Message>, now: MonoTime) {
        let port = self.port(client);
        port.generation += 1;
        port.linked = false;
        if port.reachable {
            // TCP, TLS and MQTT take about three times there and back.
            let at = now + self.quality.delay * 6 + NEAR;
            self.launch(at, client, Flight::Signed { will });
        } else {
            let at = now + self.chance.between(Duration::from_millis(1), REFUSED_WITHIN);
            self.launch(at, client, Flight::AtClient(Told::Unlinked));
        }
    }

    /// A client publishes; `id` comes back in [`Told::Acked`].
    pub fn publish(&mut self, from: Client, id: u64, message: Message, now: MonoTime) {
        let at = self.crossing(from, true, message.payload.len(), now);
        if self.port(from).reachable {
            self.launch(at, from, Flight::AtBroker { from, id, message });
        }
    }

    /// A client's process is gone, and its socket with it: the broker sees that at once.
    pub fn hang_up(&mut self, client: Client, now: MonoTime) {
        let port = self.port(client);
        port.generation += 1;
        let was_linked = std::mem::take(&mut port.linked);
        let will = port.will.take();
        if was_linked && let Some(will) = will {
            self.at_broker(client, 0, will, now);
        }
    }

    /// The way of a client is cut. Half open: nobody is told, both sides notice by silence.
    pub fn cut(&mut self, client: Client, half_open: bool, now: MonoTime) {
        self.port(client).reachable = false;
        if self.fails_to_sign(client, now) || !self.port(client).linked {
            return;
        }
        // What is under way is lost; the generation stays, so that both sides still believe in their connection.
        self.flights
            .retain(|_, (of, _, flight)| *of != client || matches!(flight, Flight::BrokerNoticed));
        let mut noticed = || {
            if half_open {
                self.chance.between(Duration::from_secs(10), NOTICED_WITHIN)
            } else {
                Duration::from_millis(1)
            }
        };
        let (at_client, at_broker) = (now + noticed(), now + noticed());
        self.launch(at_client, client, Flight::AtClient(Told::Unlinked));
        self.launch(at_broker, client, Flight::BrokerNoticed);
    }

    /// The way of a client is open again.
    pub fn mend(&mut self, client: Client) {
        self.port(client).reachable = true;
    }

    /// The broker restarts and remembers nothing.
    pub fn restart_broker(&mut self, now: MonoTime) {
        self.state = None;
        for client in [Client::Post, Client::Centre] {
            let port = self.port(client);
            let was_linked = std::mem::take(&mut port.linked);
            port.will = None;
            let was_signing = self.fails_to_sign(client, now);
            self.flights.retain(|_, (of, _, flight)| {
                *of != client || matches!(flight, Flight::AtClient(Told::Unlinked))
            });
            if was_linked && !was_signing {
                self.launch(now + NEAR, client, Flight::AtClient(Told::Unlinked));
            }
        }
    }

    /// A client that is just signing on never gets there, and is told so.
    fn fails_to_sign(&mut self, client: Client, now: MonoTime) -> bool {
        let before = self.flights.len();
        self.flights
            .retain(|_, (of, _, flight)| *of != client || !matches!(flight, Flight::Signed { .. }));
        let was_signing = self.flights.len() < before;
        if was_signing {
            let at = now + self.chance.between(Duration::from_millis(1), REFUSED_WITHIN);
            self.launch(at, client, Flight::AtClient(Told::Unlinked));
        }
        was_signing
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<MonoTime> {
        self.flights.first_key_value().map(|((at, _), _)| *at)
    }

    /// What happens at `now`, for whom.
    pub fn step(&mut self, now: MonoTime) -> Option<(Client, Told)> {
        loop {
            let due = self.flights.first_entry().filter(|entry| entry.key().0 <= now)?;
            let (client, generation, flight) = due.remove();
            if generation != self.port(client).generation {
                continue;
            }
            match flight {
                Flight::AtClient(told) => {
                    if told == Told::Unlinked {
                        let port = self.port(client);
                        port.generation += 1;
                        port.linked = false;
                    }
                    return Some((client, told));
                }
                Flight::AtBroker { from, id, message } => self.at_broker(from, id, message, now),
                Flight::BrokerNoticed => {
                    let will = self.port(client).will.take();
                    if let Some(will) = will {
                        self.at_broker(client, 0, will, now);
                    }
                }
                Flight::Signed { will } => {
                    let port = self.port(client);
                    port.linked = true;
                    port.will = will;
                    if client == Client::Centre
                        && let Some(state) = self.state.clone()
                    {
                        let kept = Message {
                            retain: true,
                            ..state
                        };
                        self.launch(now + NEAR, client, Flight::AtClient(Told::Heard(kept)));
                    }
                    return Some((client, Told::Linked));
                }
            }
        }
    }

    fn at_broker(&mut self, from: Client, id: u64, message: Message, now: MonoTime) {
        if message.retain {
            self.state = Some(message.clone());
        }
        if id > 0 {
            let at = self.crossing(from, false, 4, now);
            self.launch(at, from, Flight::AtClient(Told::Acked(id)));
        }
        let to = match from {
            Client::Post => Client::Centre,
            Client::Centre => Client::Post,
        };
        let port = self.port(to);
        if !(port.linked && port.reachable) {
            return;
        }
        let times = 1 + u64::from(self.chance.percent(TWICE_PERCENT));
        for _ in 0..times {
            let at = self.crossing(to, false, message.payload.len(), now);
            let live = Message {
                retain: false,
                ..message.clone()
            };
            self.launch(at, to, Flight::AtClient(Told::Heard(live)));
        }
    }
}
