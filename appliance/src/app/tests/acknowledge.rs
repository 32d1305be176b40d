//! I1: a gateway is told that the post has its message when the message is on the card, and not before.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::config;
use crate::lines;
use crate::store::simulated::{self, Disk};
use health::Health;

const PATIENCE: Duration = Duration::from_secs(30);

fn config_of(port: u16) -> String {
    format!(
        "post = \"kolo\"\nname = \"Kolo\"\n[web]\nlisten = \"127.0.0.1:0\"\n[store]\npath = \"unused.redb\"\n\
         [[bed]]\nid = \"1\"\n[[bed]]\nid = \"2\"\n[[line]]\nid = \"gate\"\nlisten = \"127.0.0.1:{port}\"\n\
         senders = [\"127.0.0.1\"]\nfamily = \"hl7\"\n\
         [[line.source]]\nlocation = \"ICU^^3\"\ndevice = \"m3\"\nbed = \"1\"\n\
         [[line.source]]\nlocation = \"ICU^^4\"\ndevice = \"m4\"\nbed = \"2\"\n"
    )
}

const MESSAGE: &str = "\x0bMSH|^~\\&|GW|H|VP|POST|20270115080000||ORU^R01^ORU_R01|77|P|2.6|||AL|NE\r\
    PV1|1|I|ICU^R^4\r\
    OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1|97|262688^MDC_DIM_PERCENT^MDC|||||F\r\x1c\r";

/// What has come within this time.
async fn heard(gate: &mut TcpStream, time: Duration) -> String {
    let mut buffer = [0; 1024];
    match tokio::time::timeout(time, gate.read(&mut buffer)).await {
        Ok(count) => String::from_utf8(buffer[..count.unwrap()].to_vec()).unwrap(),
        Err(_nothing) => String::new(),
    }
}

#[tokio::test]
async fn i1_a_message_is_shown_at_once_and_acknowledged_when_it_is_on_the_card() {
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let text = config_of(port);
    let config = config::parse(Path::new("f.toml"), Path::new(""), &text).unwrap();
    let clock = Clock::system().unwrap();
    let disk = Disk::new(70);
    let options = StoreOptions::at("unused.redb".into());
    let (store, mut stepper, report) =
        simulated::open(&disk, &options, clock.boot(), clock.now(), 5).unwrap();
    let (_link, centre) = watch::channel(no_centre(clock));
    let mut post = SimulatedPost::start(&text, clock, store.clone(), &report, centre).unwrap();
    stepper.round(clock.now());

    let (out, mut events) = mpsc::channel(64);
    let stop = CancellationToken::new();
    let counters = lines::Counters::default();
    let mut crew = lines::Crew::new(
        config.post.clone(),
        clock,
        out,
        &counters,
        &Health::default(),
        &stop,
    );
    config.lines.iter().for_each(|line| crew.add(line));
    let mut gate = loop {
        match TcpStream::connect(("127.0.0.1", port)).await {
            Ok(gate) => break gate,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    gate.write_all(MESSAGE.as_bytes()).await.unwrap();
    loop {
        let event = tokio::time::timeout(PATIENCE, events.recv())
            .await
            .unwrap()
            .unwrap();
        let last = matches!(event.what, Heard::Receipt(_));
        post.line(event);
        if last {
            break;
        }
    }
    post.tick();
    let vitals = |store: &Store| store.read(Lane::Vitals, Cursor::START, 10).unwrap();
    let batch = vitals(&store).expect("the relay may have it before the card");
    assert!(matches!(&batch.records[0], Record::Reading(reading)
        if reading.bed == Some("2".parse().unwrap()) && reading.seen.code == Code::Spo2
            && reading.seen.measured.value() == Some(Decimal::whole(97))));

    // The card does not answer, then it fails, then it works.
    assert_eq!(heard(&mut gate, Duration::from_millis(300)).await, "");
    disk.fail_writes(Some(5));
    assert!(!stepper.round(clock.now()));
    assert_eq!(heard(&mut gate, Duration::from_millis(300)).await, "");
    disk.fail_writes(None);
    assert!(stepper.is_due(clock.now() + Duration::from_secs(60)));
    assert!(stepper.round(clock.now() + Duration::from_secs(60)));
    let answer = heard(&mut gate, PATIENCE).await;
    assert!(answer.contains("MSA|CA|77"), "{answer:?}");

    stop.cancel();
    crew.ended().await;
}
