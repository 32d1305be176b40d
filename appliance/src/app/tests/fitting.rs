//! The fitter with real connections and a real folder: a port is tried, a line is added, heard, recorded and taken away.

use std::sync::{Arc, Mutex};

use simulators::nonin::{Format, Sim};
use simulators::patient::{Generator, Scenario};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::super::fitter::Fitting;
use super::*;
use crate::access::By;
use crate::config::{self, Config};
use crate::web::{Adding, DeviceRequest, FittingError, FittingRequest, Request, TrialShown};
use health::Health;

const PATIENCE: Duration = Duration::from_secs(30);

/// An oximeter behind a serial server: each connection hears it from its first frame on.
struct Oximeter {
    address: String,
    /// Connections that are open now, and bytes that came back.
    open: Arc<Mutex<(usize, usize)>>,
}

impl Oximeter {
    async fn start() -> Oximeter {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let open = Arc::new(Mutex::new((0, 0)));
        let count = Arc::clone(&open);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let count = Arc::clone(&count);
                tokio::spawn(play(stream, count));
            }
        });
        Oximeter { address, open }
    }

    fn connections(&self) -> usize {
        self.open.lock().unwrap().0
    }
}

async fn play(stream: tokio::net::TcpStream, count: Arc<Mutex<(usize, usize)>>) {
    count.lock().unwrap().0 += 1;
    let (mut reads, mut writes) = stream.into_split();
    let send = async {
        let patient = Box::new(Generator::new(7, Scenario::Stable));
        let mut last = Duration::ZERO;
        for chunk in Sim::new(Format::Seven, patient) {
            tokio::time::sleep(chunk.at - last).await;
            last = chunk.at;
            if writes.write_all(&chunk.bytes).await.is_err() {
                return;
            }
        }
    };
    let heard = Arc::clone(&count);
    let hear = async {
        use tokio::io::AsyncReadExt;
        let mut buffer = [0; 64];
        while let Ok(n @ 1..) = reads.read(&mut buffer).await {
            heard.lock().unwrap().1 += n;
        }
    };
    tokio::select! { () = send => {}, () = hear => {} }
    count.lock().unwrap().0 -= 1;
}

struct Bench {
    folder: tempfile::TempDir,
    wishes: mpsc::Sender<FittingRequest>,
    events: mpsc::Receiver<LineEvent>,
    /// `add_line Done line:oxi-1 device:oxi-1`
    told: Arc<Mutex<Vec<String>>>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

const BED: &str = "post = \"p\"\nname = \"P\"\n[store]\npath = \"store.redb\"\n[web]\nlisten = \"127.0.0.1:0\"\n[[bed]]\nid = \"1\"\n";

impl Bench {
    fn start(folder: tempfile::TempDir, text: &str) -> Bench {
        let file = folder.path().join("vitalpost.toml");
        std::fs::write(&file, text).unwrap();
        let config: Config = config::load(&file).unwrap();
        let (core, requests) = mpsc::channel(64);
        let (config, fitting) = Fitting::of(config, core);
        let (heard, events) = mpsc::channel(4_096);
        let stop = CancellationToken::new();
        let told = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(answer(requests, Arc::clone(&told)));
        let wishes = fitting.wishes();
        let clock = Clock::system().unwrap();
        let task = fitting.start(&config, clock, heard, &Health::default(), &stop);
        Bench {
            folder,
            wishes,
            events,
            told,
            stop,
            task,
        }
    }

    async fn stop(self) -> tempfile::TempDir {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
        self.folder
    }

    async fn ask<T>(
        &self,
        wish: impl FnOnce(oneshot::Sender<Result<T, FittingError>>) -> FittingRequest,
    ) -> Result<T, FittingError> {
        let (answer, answered) = oneshot::channel();
        self.wishes.send(wish(answer)).await.unwrap();
        answered.await.unwrap()
    }

    async fn try_port(&self, port: &str, by: By) -> Result<u64, FittingError> {
        let port = Some((port.to_owned(), Some("nonin".to_owned())));
        self.ask(|answer| FittingRequest::Try { port, by, answer }).await
    }

    async fn look(&self) -> Result<TrialShown, FittingError> {
        let by = yaw();
        self.ask(|answer| FittingRequest::Look { by, answer }).await
    }

    /// Looks until the device is understood.
    async fn understood(&self) -> TrialShown {
        let look = async {
            loop {
                let shown = self.look().await.unwrap();
                if shown.state == "hearing" && shown.heard.iter().any(|heard| heard.verdict == "understood") {
                    return shown;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(PATIENCE, look)
            .await
            .expect("nobody was understood")
    }

    async fn add(&self, number: u64, device: &str) -> Result<String, FittingError> {
        let adding = Adding {
            number,
            device: device.parse().unwrap(),
            bed: Some("1".parse().unwrap()),
        };
        let by = yaw();
        let added = self
            .ask(|answer| FittingRequest::Add { adding, by, answer })
            .await;
        added.map(|added| added.line)
    }

    /// Waits until this device says a value.
    async fn hears(&mut self, device: &str) {
        let hear = async {
            loop {
                let event = self.events.recv().await.unwrap();
                if event.device.as_str() == device
                    && matches!(event.what, Heard::Seen(drivers::Seen::Vital(_)))
                {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, hear)
            .await
            .expect("nothing is heard")
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

/// The core's end: everything that the fitter asks is done, and written down.
async fn answer(mut requests: mpsc::Receiver<Request>, told: Arc<Mutex<Vec<String>>>) {
    while let Some(request) = requests.recv().await {
        let words = match request {
            Request::Audit(telling) => {
                format!("{} {:?} {}", telling.action, telling.outcome, telling.subject)
            }
            Request::OfDevices(DeviceRequest::Join {
                setup,
                line,
                by,
                answer,
                ..
            }) => {
                answer.send(Ok(())).unwrap();
                format!("join {} {} {}", setup.id, line.id, by.name())
            }
            Request::OfDevices(DeviceRequest::Part {
                device,
                line,
                by,
                answer,
                ..
            }) => {
                answer.send(Ok(())).unwrap();
                format!("part {device} {} {}", line.id, by.name())
            }
            other => panic!("{other:?}"),
        };
        told.lock().unwrap().push(words);
    }
}

fn yaw() -> By {
    By::named("Yaw")
}

#[tokio::test]
async fn f4_i10_a_device_is_tried_added_heard_and_still_there_after_a_restart() {
    let oximeter = Oximeter::start().await;
    let mut bench = Bench::start(tempfile::tempdir().unwrap(), BED);
    let number = bench.try_port(&oximeter.address, yaw()).await.unwrap();
    let shown = bench.understood().await;
    let heard = shown.heard.iter().find(|heard| heard.family == "nonin").unwrap();
    assert!(
        heard
            .values
            .iter()
            .any(|value| value.label == "SpO2" && value.value.is_some()),
        "{heard:?}"
    );
    assert_eq!(shown.found.unwrap().device, "nonin-1", "a free name is offered");
    assert_eq!(bench.add(number + 1, "oxi-9").await, Err(FittingError::NoTrial));
    assert_eq!(bench.add(number, "oxi-9").await.unwrap(), "oxi-9");
    bench.hears("oxi-9").await;
    assert_eq!(
        oximeter.connections(),
        1,
        "the trial has left the port to the line"
    );
    assert_eq!(oximeter.open.lock().unwrap().1, 0, "I10: something was sent");
    let told = bench.told();
    assert_eq!(told[0], format!("try_port Done port:{}", oximeter.address));
    assert!(told.contains(&"join oxi-9 oxi-9 Yaw".to_owned()), "{told:?}");
    assert!(
        told.contains(&"add_line Refused device:oxi-9".to_owned()),
        "{told:?}"
    );

    let folder = bench.stop().await;
    let mut bench = Bench::start(folder, BED);
    bench.hears("oxi-9").await;
    let by = yaw();
    let line = "oxi-9".to_owned();
    bench
        .ask(|answer| FittingRequest::Remove { line, by, answer })
        .await
        .unwrap();
    assert!(
        bench.told().contains(&"part oxi-9 oxi-9 Yaw".to_owned()),
        "{:?}",
        bench.told()
    );
    let gone = async {
        while oximeter.connections() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone)
        .await
        .expect("the line still has the port");
    // The same again: nothing of it was left behind.
    let number = bench.try_port(&oximeter.address, yaw()).await.unwrap();
    bench.understood().await;
    assert_eq!(bench.add(number, "oxi-9").await.unwrap(), "oxi-9");
    bench.hears("oxi-9").await;
    let (line, by) = ("oxi-9".to_owned(), yaw());
    bench
        .ask(|answer| FittingRequest::Remove { line, by, answer })
        .await
        .unwrap();
    let folder = bench.stop().await;
    assert!(
        !std::fs::read_to_string(folder.path().join("added-lines.toml"))
            .unwrap()
            .contains("oxi-9")
    );
}

#[tokio::test]
async fn f2_a_port_that_a_line_has_is_not_tried_and_what_the_file_sets_up_is_not_removed() {
    let oximeter = Oximeter::start().await;
    let line = format!(
        "[[line]]\nid = \"wall\"\ntcp = {:?}\nfamily = \"nonin\"\ndevice = \"wall-1\"\n",
        oximeter.address
    );
    let mut bench = Bench::start(tempfile::tempdir().unwrap(), &format!("{BED}{line}"));
    bench.hears("wall-1").await;
    let error = bench.try_port(&oximeter.address, yaw()).await.unwrap_err();
    assert!(
        matches!(&error, FittingError::InUse { line, .. } if line == "wall"),
        "{error}"
    );
    assert_eq!(oximeter.connections(), 1);
    let (line, by) = ("wall".to_owned(), yaw());
    let error = bench
        .ask(|answer| FittingRequest::Remove { line, by, answer })
        .await;
    assert_eq!(error, Err(FittingError::NotAdded("wall".to_owned())));
    let told = bench.told();
    assert!(
        told.iter().all(|deed| deed.contains(" Refused ")) && told.len() == 2,
        "{told:?}"
    );
}

#[tokio::test]
async fn f1_one_trial_at_a_time_and_it_ends_when_nobody_looks_at_it() {
    let oximeter = Oximeter::start().await;
    let bench = Bench::start(tempfile::tempdir().unwrap(), BED);
    bench.try_port(&oximeter.address, yaw()).await.unwrap();
    bench.understood().await;
    let other = bench.try_port(&oximeter.address, By::named("Grace")).await;
    assert_eq!(other, Err(FittingError::Busy("Yaw".to_owned())));
    assert_eq!(oximeter.connections(), 1);
    let gone = async {
        while oximeter.connections() > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone)
        .await
        .expect("it goes on without anybody");
    assert_eq!(bench.look().await.unwrap_err(), FittingError::NoTrial);
    bench
        .try_port(&oximeter.address, By::named("Grace"))
        .await
        .unwrap();
}

#[tokio::test]
async fn r1_what_is_recorded_is_a_capture_that_a_test_can_run() {
    let oximeter = Oximeter::start().await;
    let line = format!(
        "[[line]]\nid = \"wall\"\ntcp = {:?}\nfamily = \"nonin\"\ndevice = \"wall-1\"\n",
        oximeter.address
    );
    let mut bench = Bench::start(tempfile::tempdir().unwrap(), &format!("{BED}{line}"));
    bench.hears("wall-1").await;
    let record = |seconds| {
        let (line, by) = ("wall".to_owned(), yaw());
        move |answer| FittingRequest::Record {
            line,
            seconds,
            by,
            answer,
        }
    };
    bench.ask(record(Some(300))).await.unwrap();
    let take = || {
        let (line, by) = ("wall".to_owned(), yaw());
        bench.ask(|answer| FittingRequest::Recorded { line, by, answer })
    };
    assert_eq!(
        take().await,
        Err(FittingError::NoRecording("wall".to_owned())),
        "it goes on still"
    );
    tokio::time::sleep(Duration::from_secs(4)).await;
    bench.ask(record(None)).await.unwrap();
    let text = take().await.unwrap();
    let capture = drivers::capture::Capture::parse(&text).unwrap();
    let family = drivers::catalog::family(capture.directive("family").unwrap()).unwrap();
    let said = drivers::capture::replay(family, &capture, |bytes| vec![bytes]).unwrap();
    assert!(said.contains("spo2 "), "{said}");
    let told = bench.told();
    assert_eq!(
        told.iter()
            .filter(|deed| deed.ends_with("Done line:wall device:wall-1"))
            .count(),
        3,
        "recorded, ended, taken along: {told:?}"
    );
}
