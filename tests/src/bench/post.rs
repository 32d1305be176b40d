//! What a measurement of the relay stands on: broker and centre as real processes of this build, and a post that is the
//! real store and the real relay in this process, without lines and page.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use appliance::clock::Clock;
use appliance::config::CentreConfig;
use appliance::relay::{self, CentreLink, CentreState, RelayOptions, Wires};
use appliance::store::{Cursor, Destination, Store, StoreOptions};
use health::Health;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vitals::wire::OpenAlarms;
use vitals::{Epoch, Lane, PostId};

use crate::clock::wait_for;
use crate::pages::Site;
use crate::process::Process;
use crate::scene::{START_WITHIN, free_port, text};

/// The program of this name, built with this one.
pub(super) fn program(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe().context("where this program lies")?;
    let file = here.with_file_name(name);
    ensure!(file.is_file(), "{} is not built", file.display());
    Ok(file)
}

/// Broker and centre with certificates.
#[derive(Debug)]
pub struct Other {
    folder: PathBuf,
    /// The broker's port.
    pub broker_port: u16,
    broker: Option<Process>,
    centre: Option<Process>,
}

impl Other {
    /// Starts the broker; `posts` get certificates.
    ///
    /// # Errors
    /// The programs are not built or do not start.
    pub fn start(folder: &Path, posts: &[&str]) -> Result<Other> {
        let mut other = Other {
            folder: folder.to_owned(),
            broker_port: free_port(),
            broker: None,
            centre: None,
        };
        let certificates = folder.join("certificates");
        let mut args = vec![
            "certificates",
            "--dir",
            text(&certificates),
            "--server-name",
            "localhost",
        ];
        args.extend(posts.iter().flat_map(|post| ["--post", post]));
        let mut made = Process::start_system("certificates", &program("vitalpost-central")?, &args, folder);
        ensure!(made.wait(START_WITHIN).success(), "{}", made.log());
        let listen = format!("127.0.0.1:{}", other.broker_port);
        let (ca, certificate, key) = (
            other.pem("ca.pem"),
            other.pem("broker.pem"),
            other.pem("broker.key"),
        );
        let args = ["broker", "--listen", &listen, "--ca", text(&ca)];
        let pair = ["--certificate", text(&certificate), "--key", text(&key)];
        let args = [args.as_slice(), &pair].concat();
        other.broker = Some(Process::start_system(
            "broker",
            &program("vitalpost")?,
            &args,
            folder,
        ));
        Ok(other)
    }

    fn pem(&self, file: &str) -> PathBuf {
        self.folder.join("certificates").join(file)
    }

    /// Starts the centre and waits until its page answers.
    ///
    /// # Errors
    /// It is not built, or its files cannot be written.
    pub fn start_centre(&mut self) -> Result<()> {
        let port = free_port();
        let config = format!(
            "name = \"Bench\"\n[store]\npath = {:?}\n[web]\nlisten = \"127.0.0.1:{port}\"\n[broker]\nhost = \"localhost\"\nport = {}\nca = {:?}\ncertificate = {:?}\nkey = {:?}\n",
            self.folder.join("central.redb"),
            self.broker_port,
            self.pem("ca.pem"),
            self.pem("centre.pem"),
            self.pem("centre.key"),
        );
        let file = self.folder.join("central.toml");
        std::fs::write(&file, config).context("the centre's configuration")?;
        let args = ["run", "--config", text(&file)];
        self.centre = Some(Process::start_system(
            "centre",
            &program("vitalpost-central")?,
            &args,
            &self.folder,
        ));
        let page = Site::at(port);
        wait_for("the centre's page answers", START_WITHIN, || {
            page.json("/api/v1/session")
        });
        Ok(())
    }

    /// Where a post connects: the broker, or a proxy before it.
    pub fn config(&self, post: &str, port: u16) -> CentreConfig {
        CentreConfig {
            host: "localhost".to_owned(),
            port,
            mqtt: link::Mqtt::V5,
            ca: self.pem("ca.pem"),
            certificate: self.pem(&format!("{post}.pem")),
            key: self.pem(&format!("{post}.key")),
            bytes_per_s_max: None,
            metered: false,
        }
    }
}

/// A post at work.
pub struct Post {
    /// Its store.
    pub store: Store,
    /// Its present run.
    pub epoch: Epoch,
    link: watch::Receiver<CentreLink>,
    stop: CancellationToken,
    relay: Vec<JoinHandle<()>>,
    // The relay's other ends: nobody reads them here.
    _commands: mpsc::Receiver<relay::Given>,
}

impl Post {
    /// Opens the store and starts the relay.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub fn start(post: &str, file: &Path, centre: CentreConfig, clock: Clock) -> Result<Post> {
        let options = StoreOptions::at(file.to_owned());
        let (store, report) = Store::open(&options, clock.boot(), clock.now(), 2)?;
        let options = RelayOptions {
            post: post.parse::<PostId>()?,
            name: post.to_owned(),
            beds: Vec::new(),
            centre,
            destinations: Vec::new(),
            quarantine: file.with_file_name("quarantine"),
        };
        let unlinked = CentreLink {
            state: CentreState::Connecting,
            since: clock.now(),
            waiting: 0,
            centre: None,
            duty: vitals::wire::OnDuty::NoRoster,
            problem: None,
            last_heartbeat: None,
            alerts_sent: Cursor::START,
            certificate_expires: None,
            outage: None,
        };
        let (told, link) = watch::channel(unlinked);
        let (commands, _commands) = mpsc::channel(16);
        let stop = CancellationToken::new();
        let (_open, open_alarms) = watch::channel(OpenAlarms::default());
        let wires = Wires {
            link: told,
            commands,
            open_alarms,
            figures: relay::LinkFigures::default(),
            health: Health::default(),
        };
        let relay = relay::spawn(options, &store, clock, report.epoch, wires, &stop);
        Ok(Post {
            store,
            epoch: report.epoch,
            link,
            stop,
            relay,
            _commands,
        })
    }

    /// Waits until the centre has been heard.
    ///
    /// # Errors
    /// It was not heard in a minute.
    pub async fn connected(&mut self) -> Result<()> {
        let up = self.link.wait_for(|link| link.state == CentreState::Up);
        let heard = tokio::time::timeout(Duration::from_secs(60), up).await;
        ensure!(
            heard.is_ok_and(|heard| heard.is_ok()),
            "the centre is not heard: {:?}",
            self.link.borrow().problem
        );
        Ok(())
    }

    /// Records that the centre has not confirmed.
    pub fn waiting(&self, lane: Lane) -> u64 {
        self.store.waiting(Destination::CENTRE, lane)
    }

    /// Stops in order.
    ///
    /// # Errors
    /// The last records could not be committed.
    pub async fn stop(self) -> Result<()> {
        self.stop.cancel();
        for task in self.relay {
            task.await.context("the relay")?;
        }
        Ok(self.store.close()?)
    }
}
