//! A post's own sensor in real time: TLS to a broker, again and again.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use simulators::clock;
use simulators::random::Random;
use simulators::sensor::{Probe, Sensor, packets};
use simulators::truth::Log;

use super::{LOOK_EVERY, Stop, say, warn};
use crate::args::SensorArgs;

/// The longest wait for an answer of the broker.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(10);

/// Between two tries to connect.
const RETRY: Duration = Duration::from_secs(1);

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Runs until SIGTERM or SIGINT.
pub fn run(args: &SensorArgs) -> anyhow::Result<()> {
    let stop = Stop::catch()?;
    let probe = match &args.patient {
        Some(patient) => Probe::Band(args.common.patient(patient)?),
        None => Probe::Fridge,
    };
    let begun = clock::now();
    let run = Random::new(u64::try_from(begun.as_nanos()).unwrap_or(0)).bits();
    let mut sensor = Sensor::new(probe, format!("{run:016x}"));
    let mut log = Log::open(args.common.truth.as_deref())?;
    let config = Arc::new(tls(args)?);
    say(&format!("ready: sensor {} to {}", args.name, args.broker));
    let mut link = None;
    let mut id = 0_u16;
    let mut due = begun;
    while wait_until(due, &stop) {
        due = clock::now() + sensor.every();
        let stream = match link.take() {
            Some(stream) => Ok(stream),
            None => sign_on(args, &config),
        };
        let sent = stream.and_then(|mut stream| {
            id = id.checked_add(1).unwrap_or(1);
            let up = clock::now() - begun;
            let (message, truth) = sensor.message(up);
            let at = clock::now();
            let topic = format!("vitalpost/v1/{}/sensor/{}", args.post, args.name);
            ask(&mut stream, &packets::publish(&topic, id, message.as_bytes()))?;
            log.add(at, &args.name, &truth, false)?;
            Ok(stream)
        });
        match sent {
            Ok(stream) => link = Some(stream),
            Err(error) => {
                warn(&format!("{error:#}"));
                due = clock::now() + RETRY;
            }
        }
    }
    say("stopped");
    Ok(())
}

/// False = the program shall end.
fn wait_until(due: Duration, stop: &Stop) -> bool {
    loop {
        if stop.came() {
            return false;
        }
        let left = due.saturating_sub(clock::now());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(LOOK_EVERY));
    }
}

fn tls(args: &SensorArgs) -> anyhow::Result<ClientConfig> {
    let file = |path: &std::path::Path| format!("cannot use {}", path.display());
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(&args.ca).with_context(|| file(&args.ca))?;
    roots.add(authority)?;
    let own = CertificateDer::from_pem_file(&args.certificate).with_context(|| file(&args.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&args.key).with_context(|| file(&args.key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots);
    Ok(config.with_client_auth_cert(vec![own], key)?)
}

fn sign_on(args: &SensorArgs, config: &Arc<ClientConfig>) -> anyhow::Result<Tls> {
    let (host, _) = args
        .broker
        .rsplit_once(':')
        .ok_or_else(|| anyhow!("--broker {}: write HOST:PORT", args.broker))?;
    let name = ServerName::try_from(host.to_owned())?;
    let socket = TcpStream::connect(&args.broker).with_context(|| format!("no broker at {}", args.broker))?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(ANSWER_WAIT_MAX))?;
    socket.set_write_timeout(Some(ANSWER_WAIT_MAX))?;
    let mut stream = StreamOwned::new(ClientConnection::new(config.clone(), name)?, socket);
    ask(&mut stream, &packets::connect(&args.name))?;
    Ok(stream)
}

/// Sends a packet and takes the broker's answer to it.
fn ask(stream: &mut Tls, packet: &[u8]) -> anyhow::Result<()> {
    stream.write_all(packet)?;
    stream.flush()?;
    let mut answer = [0; 256];
    let read = stream.read(&mut answer)?;
    if read == 0 {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    packets::accepted(answer.get(..read).unwrap_or_default()).map_err(|why| anyhow!(why))
}
