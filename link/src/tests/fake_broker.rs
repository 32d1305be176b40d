//! TLS and MQTT packets on the broker's side, without a broker: the test is the broker.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rumqttc::QoS;
use rustls::server::WebPkiClientVerifier;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::packets::{Said, Say, SignOn, bytes_of, read};
use crate::{LinkOptions, Mqtt};

pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// An authority, and what it signed.
pub(super) struct Pki {
    pub(super) dir: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Pki {
    pub(super) fn new(name: &str) -> Pki {
        let dir = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        std::fs::write(dir.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        let pki = Pki {
            dir,
            issuer: Issuer::new(params, key),
        };
        pki.issue("broker", |params| {
            params.subject_alt_names = CertificateParams::new(vec!["localhost".to_owned()])
                .unwrap()
                .subject_alt_names;
        });
        pki.issue("client", |_| ());
        pki
    }

    pub(super) fn issue(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.dir.path().join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(self.dir.path().join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    pub(super) fn options(&self, host: &str, port: u16) -> LinkOptions {
        self.options_of(Mqtt::V5, host, port)
    }

    pub(super) fn options_of(&self, mqtt: Mqtt, host: &str, port: u16) -> LinkOptions {
        LinkOptions {
            host: host.to_owned(),
            port,
            mqtt,
            client_id: "test".to_owned(),
            ca: self.dir.path().join("ca.pem"),
            certificate: self.dir.path().join("client.pem"),
            key: self.dir.path().join("client.key"),
            will: None,
            subscribe: Vec::new(),
        }
    }
}

/// Listens with the certificate of that name.
pub(super) struct FakeBroker {
    mqtt: Mqtt,
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl FakeBroker {
    pub(super) async fn listen(pki: &Pki, name: &str) -> FakeBroker {
        FakeBroker::listen_for(Mqtt::V5, pki, name).await
    }

    pub(super) async fn listen_for(mqtt: Mqtt, pki: &Pki, name: &str) -> FakeBroker {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let file = |file: &str| pki.dir.path().join(file);
        let roots = Arc::new(crate::trusted_roots(&file("ca.pem")).unwrap());
        let clients = WebPkiClientVerifier::builder_with_provider(roots, provider.clone());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_client_cert_verifier(clients.build().unwrap())
            .with_single_cert(
                crate::certificates(&file(&format!("{name}.pem"))).unwrap(),
                crate::private_key(&file(&format!("{name}.key"))).unwrap(),
            )
            .unwrap();
        FakeBroker {
            mqtt,
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    pub(super) async fn tcp(&self) -> TcpStream {
        self.listener.accept().await.unwrap().0
    }

    /// The next client after its TLS handshake; an error when it refused.
    pub(super) async fn tls(&self) -> std::io::Result<Served> {
        let stream = self.acceptor.accept(self.tcp().await).await?;
        Ok(Served {
            mqtt: self.mqtt,
            stream,
            bytes: BytesMut::new(),
        })
    }

    /// The next client, signed on with success.
    pub(super) async fn client(&self) -> (Served, SignOn) {
        let mut served = self.tls().await.unwrap();
        let Said::SignOn(sign_on) = served.read().await else {
            panic!("not CONNECT");
        };
        served.say(Say::Welcome).await;
        (served, sign_on)
    }
}

/// One client.
pub(super) struct Served {
    mqtt: Mqtt,
    pub(super) stream: TlsStream<TcpStream>,
    bytes: BytesMut,
}

impl Served {
    /// The next packet that is not a ping; pings are answered.
    pub(super) async fn read(&mut self) -> Said {
        timeout(PATIENCE, self.try_read())
            .await
            .unwrap()
            .expect("a packet")
    }

    /// `None` = the client is gone.
    pub(super) async fn try_read(&mut self) -> Option<Said> {
        loop {
            match read(self.mqtt, &mut self.bytes) {
                Some(Said::Ping) => self.say(Say::Pong).await,
                Some(said) => return Some(said),
                None => match self.stream.read_buf(&mut self.bytes).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                },
            }
        }
    }

    pub(super) async fn say(&mut self, say: Say) {
        self.write(&bytes_of(self.mqtt, say)).await;
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) {
        // A client that has had enough closes: that is for the test to notice where it reads.
        if self.stream.write_all(bytes).await.is_ok() {
            self.stream.flush().await.ok();
        }
    }

    /// Answers the next packet, a SUBSCRIBE; returns its filters.
    pub(super) async fn answer_subscribe(&mut self, grant: bool) -> Vec<String> {
        let Said::Subscribe { pkid, filters } = self.read().await else {
            panic!("not SUBSCRIBE");
        };
        let count = filters.len();
        self.say(match grant {
            true => Say::Granted { pkid, filters: count },
            false => Say::Denied { pkid, filters: count },
        })
        .await;
        filters
    }

    /// Its number, QoS and content.
    pub(super) async fn read_publish(&mut self) -> (u16, QoS, Vec<u8>) {
        match self.read().await {
            Said::Publish { pkid, qos, payload } => (pkid, qos, payload),
            other => panic!("not PUBLISH: {other:?}"),
        }
    }

    /// Reads a PUBLISH and acknowledges it.
    pub(super) async fn take_publish(&mut self) {
        let (pkid, ..) = self.read_publish().await;
        self.say(Say::PubAck(pkid)).await;
    }
}
