//! TLS and MQTT packets on the broker's side, without a broker: the test is the broker.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rumqttc::{
    ConnAck, Connect, ConnectReturnCode, LastWill, Packet, PubAck, Publish, SubAck, SubscribeReasonCode,
};
use rustls::server::WebPkiClientVerifier;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::{LinkOptions, PACKET_BYTES_MAX};

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
        LinkOptions {
            host: host.to_owned(),
            port,
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
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl FakeBroker {
    pub(super) async fn listen(pki: &Pki, name: &str) -> FakeBroker {
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
            stream,
            bytes: BytesMut::new(),
        })
    }

    /// The next client, signed on with success.
    pub(super) async fn client(&self) -> (Served, Connect, Option<LastWill>) {
        let mut served = self.tls().await.unwrap();
        let Packet::Connect(connect, will, _) = served.read().await else {
            panic!("not CONNECT");
        };
        served.connack(ConnectReturnCode::Success).await;
        (served, connect, will)
    }
}

/// One client.
pub(super) struct Served {
    pub(super) stream: TlsStream<TcpStream>,
    bytes: BytesMut,
}

impl Served {
    /// The next packet that is not a ping; pings are answered.
    pub(super) async fn read(&mut self) -> Packet {
        timeout(PATIENCE, self.try_read())
            .await
            .unwrap()
            .expect("a packet")
    }

    /// `None` = the client is gone.
    pub(super) async fn try_read(&mut self) -> Option<Packet> {
        loop {
            match Packet::read(&mut self.bytes, Some(PACKET_BYTES_MAX)) {
                Ok(Packet::PingReq) => self.write(&Packet::PingResp).await,
                Ok(packet) => return Some(packet),
                Err(rumqttc::Error::InsufficientBytes(_)) => {
                    match self.stream.read_buf(&mut self.bytes).await {
                        Ok(0) | Err(_) => return None,
                        Ok(_) => {}
                    }
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(super) async fn write(&mut self, packet: &Packet) {
        let mut bytes = BytesMut::new();
        packet.write(&mut bytes, None).unwrap();
        // A client that has had enough closes: that is for the test to notice where it reads.
        if self.stream.write_all(&bytes).await.is_ok() {
            self.stream.flush().await.ok();
        }
    }

    pub(super) async fn connack(&mut self, code: ConnectReturnCode) {
        let connack = ConnAck {
            session_present: false,
            code,
            properties: None,
        };
        self.write(&Packet::ConnAck(connack)).await;
    }

    /// Answers the next packet, a SUBSCRIBE; returns its filters.
    pub(super) async fn grant(&mut self, code: SubscribeReasonCode) -> Vec<String> {
        let Packet::Subscribe(subscribe) = self.read().await else {
            panic!("not SUBSCRIBE");
        };
        let suback = SubAck {
            pkid: subscribe.pkid,
            return_codes: vec![code; subscribe.filters.len()],
            properties: None,
        };
        self.write(&Packet::SubAck(suback)).await;
        subscribe.filters.into_iter().map(|filter| filter.path).collect()
    }

    pub(super) async fn read_publish(&mut self) -> Publish {
        match self.read().await {
            Packet::Publish(publish) => publish,
            other => panic!("not PUBLISH: {other:?}"),
        }
    }

    pub(super) async fn puback(&mut self, pkid: u16) {
        self.write(&Packet::PubAck(PubAck::new(pkid, None))).await;
    }
}
