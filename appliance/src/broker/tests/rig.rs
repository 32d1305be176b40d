//! A running broker with an authority of its own, for tests here and of the relay.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::ServerName;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::broker::{BrokerArgs, BrokerError, serve};

/// Generous: two cores, many programs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An authority and a folder for what it signs.
pub(crate) struct Pki {
    dir: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Pki {
    pub(crate) fn new() -> Pki {
        let dir = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "test authority");
        std::fs::write(dir.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Pki {
            dir,
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    /// The certificate with this name. A sensor's name has slashes, which no file has.
    pub(crate) fn certificate(&self, name: &str) -> PathBuf {
        self.path(&format!("{}.pem", name.replace('/', "@")))
    }

    /// Its key.
    pub(crate) fn key(&self, name: &str) -> PathBuf {
        self.certificate(name).with_extension("key")
    }

    /// Writes certificate and key, once.
    pub(crate) fn issue(&self, name: &str, unit: &str) {
        if self.certificate(name).exists() {
            return;
        }
        let hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params
            .distinguished_name
            .push(DnType::OrganizationalUnitName, unit);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.certificate(name), certificate.pem()).unwrap();
        std::fs::write(self.key(name), key.serialize_pem()).unwrap();
    }
}

/// A broker that runs.
pub(crate) struct Rig {
    pub(crate) pki: Arc<Pki>,
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<Result<(), BrokerError>>,
}

/// So often the broker is started until it stands.
const STARTS_MAX: usize = 5;

impl Rig {
    pub(crate) async fn start() -> Rig {
        Rig::start_at(Arc::new(Pki::new()), "127.0.0.1:0".parse().unwrap()).await
    }

    /// Again at the same address, as after a restart of the process.
    pub(crate) async fn start_at(pki: Arc<Pki>, listen: SocketAddr) -> Rig {
        pki.issue("broker", "broker");
        // Between choosing the inner port and using it another test may take it: the process would be started again.
        for _ in 0..STARTS_MAX {
            let args = args(&pki, listen);
            let stop = CancellationToken::new();
            let (tell, ready) = oneshot::channel();
            let token = stop.clone();
            let task = tokio::spawn(async move {
                serve(&args, token, |address| {
                    tell.send(address).unwrap();
                })
                .await
            });
            if let Ok(address) = timeout(PATIENCE, ready).await.unwrap() {
                return Rig {
                    pki,
                    address,
                    stop,
                    task,
                };
            }
        }
        panic!("the broker does not start");
    }

    pub(crate) async fn stop(self) -> (Arc<Pki>, SocketAddr) {
        self.stop.cancel();
        timeout(PATIENCE, self.task).await.unwrap().unwrap().unwrap();
        (self.pki, self.address)
    }

    /// How another broker with the same certificates is started.
    pub(crate) fn args(&self, port: u16) -> BrokerArgs {
        args(&self.pki, SocketAddr::new(self.address.ip(), port))
    }

    /// How the named certificate connects.
    pub(crate) fn options(&self, name: &str, unit: &str) -> link::LinkOptions {
        self.pki.issue(name, unit);
        link::LinkOptions {
            host: "127.0.0.1".to_owned(),
            port: self.address.port(),
            mqtt: link::Mqtt::V5,
            client_id: "test".to_owned(),
            ca: self.pki.path("ca.pem"),
            certificate: self.pki.certificate(name),
            key: self.pki.key(name),
            will: None,
            subscribe: Vec::new(),
        }
    }

    pub(crate) async fn post(&self, name: &str) -> (link::Publisher, link::Incoming) {
        let mut options = self.options(name, "post");
        options.subscribe = vec![format!("vitalpost/v1/{name}/down/+")];
        link::connect(&options).await.expect("a post connects")
    }

    pub(crate) async fn centre(&self) -> (link::Publisher, link::Incoming) {
        let mut options = self.options("district", "centre");
        options.subscribe = vec![
            vitals::wire::topic::ALL_UP.to_owned(),
            vitals::wire::topic::ALL_STATES.to_owned(),
        ];
        link::connect(&options).await.expect("a centre connects")
    }

    /// TLS with that certificate and nothing more: what comes then is up to the test.
    pub(crate) async fn raw(
        &self,
        pki: &Pki,
        name: &str,
        unit: &str,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        pki.issue(name, unit);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(link::trusted_roots(&self.pki.path("ca.pem")).unwrap())
            .with_client_auth_cert(
                link::certificates(&pki.certificate(name)).unwrap(),
                link::private_key(&pki.key(name)).unwrap(),
            )
            .unwrap();
        let stream = TcpStream::connect(self.address).await?;
        let host = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(host, stream).await
    }

    /// The proof that the broker serves: a message from a post that nobody attacks reaches the centre and back.
    pub(crate) async fn must_serve(&self) {
        let serve = async {
            let (centre, mut at_centre) = self.centre().await;
            let (post, mut at_post) = self.post("healthy").await;
            let up = message("vitalpost/v1/healthy/up/alerts", b"help");
            post.publish(up.clone()).await.unwrap().await.unwrap();
            assert_eq!(at_centre.next().await.unwrap(), up);
            let down = message("vitalpost/v1/healthy/down/receipt", b"seen");
            centre.publish(down.clone()).await.unwrap().await.unwrap();
            assert_eq!(at_post.next().await.unwrap(), down);
        };
        timeout(PATIENCE, serve).await.expect("the broker serves");
    }
}

pub(crate) fn message(topic: &str, payload: &[u8]) -> link::Message {
    link::Message {
        topic: topic.to_owned(),
        payload: payload.to_vec(),
        retain: false,
    }
}

fn args(pki: &Pki, listen: SocketAddr) -> BrokerArgs {
    BrokerArgs {
        listen,
        ca: pki.path("ca.pem"),
        certificate: pki.path("broker.pem"),
        key: pki.path("broker.key"),
    }
}
