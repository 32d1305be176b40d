//! The core without ports, page and tasks, for simulations: whoever holds it says what happens and when. The code inside
//! is the product's own; only what drives it is not.

use std::path::Path;

use tokio::sync::{oneshot, watch};
use vitals::AlarmId;
use vitals::wire::OpenAlarms;

use super::post::{Hearing, Post, Start};
use super::view;
use crate::access::By;
use crate::audit::BoxKey;
use crate::clock::Clock;
use crate::config::{self, ConfigErrors};
use crate::lines::LineEvent;
use crate::relay::{CentreLink, Given};
use crate::sound::{Sounding, State};
use crate::store::{OpenReport, Store};
use crate::web::{self, live};
use alarms::AcknowledgeError;

/// The core of one post.
pub struct SimulatedPost {
    post: Post,
    pages: live::Feed,
    clock: Clock,
    open_alarms: watch::Sender<OpenAlarms>,
    screens: watch::Sender<usize>,
    output: watch::Sender<State>,
    sounding: watch::Sender<Sounding>,
}

impl SimulatedPost {
    /// Starts as the program does, from a configuration text and what the store was opened with. `centre` is how the
    /// relay says that it stands with the centre; see [`no_centre`].
    ///
    /// # Errors
    /// All that is wrong with the configuration.
    pub fn start(
        config: &str,
        clock: Clock,
        store: Store,
        report: &OpenReport,
        centre: watch::Receiver<CentreLink>,
    ) -> Result<SimulatedPost, ConfigErrors> {
        let config = config::parse(Path::new("simulated.toml"), Path::new(""), config)?;
        let open_alarms = watch::Sender::new(OpenAlarms::default());
        let screens = watch::Sender::new(1);
        let output = watch::Sender::new(State::None);
        let sounding = watch::Sender::default();
        let start = Start {
            config: &config,
            clock,
            store,
            report,
            centre,
            open_alarms: open_alarms.clone(),
            hearing: Hearing {
                screens: screens.subscribe(),
                output: output.subscribe(),
                sounding: sounding.clone(),
            },
            box_key: BoxKey::of(&[7; 32]),
        };
        let (post, pages) = Post::begin(start);
        Ok(SimulatedPost {
            post,
            pages,
            clock,
            open_alarms,
            screens,
            output,
            sounding,
        })
    }

    /// Something happened on a line.
    pub fn line(&mut self, event: LineEvent) {
        self.post.line(event, self.clock.now());
        self.post.publish(self.clock.now());
    }

    /// Time has passed; the program does this ten times a second.
    pub fn tick(&mut self) {
        self.post.tick(self.clock.now(), self.clock.wall());
        self.post.publish(self.clock.now());
    }

    /// The kernel said that the wall clock was set.
    pub fn clock_set(&mut self) {
        self.post.clock_set(self.clock.now(), self.clock.wall());
        self.post.publish(self.clock.now());
    }

    /// The centre asks for something, in time or too late.
    pub fn command(&mut self, given: Given) {
        self.post.command(given, self.clock.now());
        self.post.publish(self.clock.now());
    }

    /// A person at the post acknowledges an alarm.
    ///
    /// # Errors
    /// As the page is told.
    pub fn acknowledge(&mut self, alarm: AlarmId, by: &str) -> Result<(), AcknowledgeError> {
        let (answer, mut answered) = oneshot::channel();
        let request = web::Request::Acknowledge {
            alarm,
            by: By::named(by),
            answer,
        };
        self.post.request(request, self.clock.now());
        self.post.publish(self.clock.now());
        answered.try_recv().expect("the core answers at once")
    }

    /// A person at the post has read a message of the centre.
    ///
    /// # Errors
    /// As the page is told.
    pub fn read(&mut self, message: u128, by: &str) -> Result<(), web::ReadError> {
        let (answer, mut answered) = oneshot::channel();
        let by = By::named(by);
        self.post
            .request(web::Request::Read { message, by, answer }, self.clock.now());
        self.post.publish(self.clock.now());
        answered.try_recv().expect("the core answers at once")
    }

    /// A person at the post says or asks something about patients, specimens or laboratory results.
    ///
    /// # Errors
    /// As the page is told.
    pub fn of_patients<T>(
        &mut self,
        request: impl FnOnce(oneshot::Sender<Result<T, web::PatientError>>) -> web::PatientRequest,
    ) -> Result<T, web::PatientError> {
        let (answer, mut answered) = oneshot::channel();
        self.post
            .request(web::Request::OfPatients(request(answer)), self.clock.now());
        self.post.publish(self.clock.now());
        answered.try_recv().expect("the core answers at once")
    }

    /// A person at the post says or asks something about alarm signals and limits.
    ///
    /// # Errors
    /// As the page is told.
    pub fn of_signals<T, E>(
        &mut self,
        request: impl FnOnce(oneshot::Sender<Result<T, E>>) -> web::SignalRequest,
    ) -> Result<T, E> {
        let (answer, mut answered) = oneshot::channel();
        self.post
            .request(web::Request::OfSignals(request(answer)), self.clock.now());
        self.post.publish(self.clock.now());
        answered.try_recv().expect("the core answers at once")
    }

    /// A person at the post enters what was found, or says what decides which score counts.
    ///
    /// # Errors
    /// As the page is told.
    pub fn of_scores<T>(
        &mut self,
        request: impl FnOnce(oneshot::Sender<Result<T, web::PatientError>>) -> web::ScoreRequest,
    ) -> Result<T, web::PatientError> {
        let (answer, mut answered) = oneshot::channel();
        self.post
            .request(web::Request::OfScores(request(answer)), self.clock.now());
        self.post.publish(self.clock.now());
        answered.try_recv().expect("the core answers at once")
    }

    /// A person at the post writes a note, or hands over.
    ///
    /// # Errors
    /// As the page is told.
    pub fn of_nursing<T, E>(
        &mut self,
        request: impl FnOnce(oneshot::Sender<Result<T, E>>) -> web::NursingRequest,
    ) -> Result<T, E> {
        let (answer, mut answered) = oneshot::channel();
        self.post
            .request(web::Request::OfNursing(request(answer)), self.clock.now());
        self.post.publish(self.clock.now());
        answered.try_recv().expect("the core answers at once")
    }

    /// A person at the post says or asks something about devices.
    ///
    /// # Errors
    /// As the page is told.
    pub fn of_devices<T>(
        &mut self,
        request: impl FnOnce(oneshot::Sender<Result<T, web::DeviceError>>) -> web::DeviceRequest,
    ) -> Result<T, web::DeviceError> {
        let (answer, mut answered) = oneshot::channel();
        self.post
            .request(web::Request::OfDevices(request(answer)), self.clock.now());
        self.post.publish(self.clock.now());
        answered.try_recv().expect("the core answers at once")
    }

    /// The store was set aside while the post ran: what a new file is told of devices.
    #[cfg(test)]
    pub fn tell_bindings_again(&mut self) {
        self.post.tell_bindings_again(self.clock.now());
    }

    /// An orderly stop, before the store is closed.
    pub fn finish(mut self) {
        self.post.finish();
    }

    /// The alarms that are open, as the relay tells the centre.
    pub fn open_alarms(&self) -> watch::Receiver<OpenAlarms> {
        self.open_alarms.subscribe()
    }

    /// How many pages can be heard from now on; one, until this says otherwise.
    pub fn heard_by(&self, screens: usize) {
        self.screens.send_replace(screens);
    }

    /// How the box's own sound is from now on; there is none until this says otherwise.
    pub fn output(&self, state: State) {
        self.output.send_replace(state);
    }

    /// What the box is told to make heard.
    pub fn sounding(&self) -> Sounding {
        *self.sounding.borrow()
    }

    /// Everything that the nurse's page shows.
    pub fn page(&self) -> live::Snapshot {
        self.pages.snapshot()
    }
}

/// How a post that works alone stands with the centre, from now on.
pub fn no_centre(clock: Clock) -> CentreLink {
    view::no_centre(clock.now())
}
