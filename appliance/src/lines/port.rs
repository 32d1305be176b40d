//! A port: how it is found, opened, shared with nobody, flushed, and how often it is tried again.
//!
//! - A serial port is found by the path in the configuration, whose links are followed anew at each try: an adapter
//!   that comes back under another number is found.
//! - Nobody else may use it meanwhile: the serial crate sets `TIOCEXCL` and takes an exclusive `flock` on the device
//!   (the second one also stops a second program of root, which `TIOCEXCL` does not). Whoever comes second gets
//!   [`PortError::InUse`].

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use drivers::catalog::{Handshake, Parity, SerialSettings};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::socket::{setsockopt, sockopt};
use nix::sys::stat::Mode;
use nix::sys::termios::{FlushArg, tcflush};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UdpSocket};
use tokio_serial::SerialStream;

use crate::config::LineConfig;

/// A device on the LAN that does not take the connection within this is not there.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(3);

/// Waits between tries to open a port; the last one stays.
const RETRY_WAITS: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// Where a line is.
#[derive(Clone, Debug)]
pub(super) enum Address {
    /// A serial port.
    Serial(SerialAddress),
    /// `host:port`, over a connection.
    Tcp(String),
    /// `host:port`, over datagrams.
    Udp(String),
}

/// A serial port and its settings.
#[derive(Clone, Debug)]
pub(super) struct SerialAddress {
    pub(super) path: PathBuf,
    pub(super) settings: SerialSettings,
}

impl Address {
    /// Where the configuration says that the line is.
    pub(super) fn of(line: &LineConfig, settings: SerialSettings) -> Address {
        match (&line.serial, &line.tcp, &line.udp) {
            (Some(path), ..) => Address::Serial(SerialAddress {
                path: path.clone(),
                settings,
            }),
            (None, Some(tcp), _) => Address::Tcp(tcp.clone()),
            (None, None, udp) => {
                Address::Udp(udp.clone().expect("config::load refuses a line without a port"))
            }
        }
    }

    /// Opens the port; a serial one with a way to its kernel buffer.
    pub(super) async fn open(&self) -> Result<(Port, Option<KernelBuffer>), PortError> {
        match self {
            Address::Serial(serial) => {
                let serial = serial.clone();
                // Opening a bad adapter may hang in the kernel: not on a thread that others need (see `super::open`).
                tokio::task::spawn_blocking(move || open_serial(&serial))
                    .await
                    .expect("opening a port does not panic and is not aborted")
            }
            Address::Tcp(address) => connect(address).await,
            Address::Udp(address) => datagrams(address).await,
        }
    }

    /// What it means that opening takes so long.
    pub(super) fn slow(&self) -> PortError {
        match self {
            Address::Serial(serial) => PortError::Stuck {
                path: serial.path.clone(),
            },
            Address::Tcp(address) | Address::Udp(address) => PortError::Tcp {
                address: address.clone(),
                source: io::ErrorKind::TimedOut.into(),
            },
        }
    }

    /// What it means that reading or writing ended like this.
    pub(super) fn lost(&self, ended: io::Result<usize>) -> PortError {
        match (self, ended) {
            // An unplugged adapter reads as end of file once, then as EIO for ever.
            (Address::Serial(serial), _) => PortError::Missing {
                path: serial.path.clone(),
            },
            (Address::Tcp(address), Ok(_)) => PortError::Hangup {
                address: address.clone(),
            },
            (Address::Tcp(address) | Address::Udp(address), Err(source)) => PortError::Tcp {
                address: address.clone(),
                source,
            },
            (Address::Udp(address), Ok(_)) => PortError::Tcp {
                address: address.clone(),
                source: io::ErrorKind::UnexpectedEof.into(),
            },
        }
    }
}

/// Why there is no port. The texts are for the technician.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// There is no connection to the broker of the sensors.
    #[error("no messages of sensors: {source}")]
    Broker {
        /// `host:port`, as configured.
        broker: String,
        /// Why not; it names the broker, or the file.
        source: link::LinkError,
    },
    /// The broker neither lets the post in nor refuses.
    #[error(
        "no messages of sensors: the broker {broker} does not answer; see whether it runs and is reached"
    )]
    BrokerHangs {
        /// `host:port`, as configured.
        broker: String,
    },
    /// No such device, or it went away.
    #[error("serial port {path} is not there: check the cable, the adapter and its power")]
    Missing {
        /// As configured.
        path: PathBuf,
    },
    /// Somebody else has it.
    #[error(
        "serial port {path} is used by another program or another line: stop that one first (`fuser {path}` names it)"
    )]
    InUse {
        /// As configured.
        path: PathBuf,
    },
    /// The service's user may not open it.
    #[error("no permission to open serial port {path}: the service's user must be in the group `dialout`")]
    Denied {
        /// As configured.
        path: PathBuf,
    },
    /// The path leads to something else.
    #[error(
        "{path} is not a serial port: correct `serial` in the configuration (`vitalpost probe` lists the ports)"
    )]
    NotSerial {
        /// As configured.
        path: PathBuf,
    },
    /// The kernel neither opens nor refuses.
    #[error(
        "serial port {path} does not open: unplug the adapter and plug it in again, or replace it; if that does not help, restart the box"
    )]
    Stuck {
        /// As configured.
        path: PathBuf,
    },
    /// The kernel refuses for another reason.
    #[error("serial port {path} cannot be opened: {source}; check `baud` and the adapter")]
    Serial {
        /// As configured.
        path: PathBuf,
        /// What the serial crate said.
        source: tokio_serial::Error,
    },
    /// Network trouble.
    #[error("no connection to {address}: {source}; check that the device is on, its cable, and its address")]
    Tcp {
        /// `host:port` as configured.
        address: String,
        /// What the network said.
        source: io::Error,
    },
    /// Nobody can connect.
    #[error(
        "cannot listen on {address}: {source}; it must be an address of this box, and no other program or line may use the port"
    )]
    Listen {
        /// As configured.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The device closed the connection.
    #[error(
        "the device at {address} closed the connection; it may accept only one: check that nobody else is connected"
    )]
    Hangup {
        /// `host:port` as configured.
        address: String,
    },
}

/// An open port.
#[derive(Debug)]
pub(super) enum Port {
    /// A serial port.
    Serial(SerialStream),
    /// A connection.
    Tcp(TcpStream),
    /// Datagrams to and from one address; those of anybody else never arrive.
    Udp(UdpSocket),
}

/// A second descriptor of a serial port: reaches the kernel's buffers while somebody else owns the port itself.
#[derive(Debug)]
pub(super) struct KernelBuffer(OwnedFd);

impl KernelBuffer {
    /// Throws away what was not read, and what was written and could not leave: closing would wait for that, which a
    /// device that holds back its CTS makes half a minute.
    pub(super) fn flush(&self) -> io::Result<()> {
        Ok(tcflush(&self.0, FlushArg::TCIOFLUSH)?)
    }

    /// Throws away what has arrived and was not read.
    pub(super) fn flush_input(&self) -> io::Result<()> {
        Ok(tcflush(&self.0, FlushArg::TCIFLUSH)?)
    }
}

fn open_serial(serial: &SerialAddress) -> Result<(Port, Option<KernelBuffer>), PortError> {
    let path = &serial.path;
    let of = |errno| serial_error(path, errno);
    let device = std::fs::canonicalize(path)
        .map_err(|error| of(error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw)))?;
    // Before the port itself: once that is open, nobody can open the device again.
    let second = nix::fcntl::open(
        &device,
        OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC,
        Mode::empty(),
    )
    .map_err(of)?;
    if !nix::unistd::isatty(&second).map_err(of)? {
        return Err(PortError::NotSerial { path: path.clone() });
    }
    let settings = tokio_serial::new(device.to_string_lossy(), serial.settings.baud)
        .parity(match serial.settings.parity {
            Parity::None => tokio_serial::Parity::None,
            Parity::Even => tokio_serial::Parity::Even,
            Parity::Odd => tokio_serial::Parity::Odd,
        })
        .stop_bits(match serial.settings.stop_bits {
            2 => tokio_serial::StopBits::Two,
            _ => tokio_serial::StopBits::One,
        })
        .flow_control(match serial.settings.handshake {
            Handshake::None => tokio_serial::FlowControl::None,
            Handshake::RtsCts => tokio_serial::FlowControl::Hardware,
        });
    let stream = SerialStream::open(&settings).map_err(|source| {
        use tokio_serial::ErrorKind;
        match source.kind() {
            // The crate's word for both EBUSY and a lock that somebody else holds.
            ErrorKind::NoDevice => PortError::InUse { path: path.clone() },
            ErrorKind::Io(io::ErrorKind::NotFound) => PortError::Missing { path: path.clone() },
            _ => PortError::Serial {
                path: path.clone(),
                source,
            },
        }
    })?;
    Ok((Port::Serial(stream), Some(KernelBuffer(second))))
}

fn serial_error(path: &Path, errno: Errno) -> PortError {
    let path = path.to_owned();
    match errno {
        // What the kernel says of a device that is gone or going.
        Errno::ENOENT | Errno::ENXIO | Errno::ENODEV | Errno::EIO => PortError::Missing { path },
        Errno::EBUSY => PortError::InUse { path },
        Errno::EACCES | Errno::EPERM => PortError::Denied { path },
        other => PortError::Serial {
            path,
            source: io::Error::from(other).into(),
        },
    }
}

async fn connect(address: &str) -> Result<(Port, Option<KernelBuffer>), PortError> {
    let of = |source| PortError::Tcp {
        address: address.to_owned(),
        source,
    };
    let stream = tokio::time::timeout(CONNECT_WAIT_MAX, TcpStream::connect(address))
        .await
        .map_err(|_| of(io::Error::from(io::ErrorKind::TimedOut)))?
        .map_err(of)?;
    stream.set_nodelay(true).map_err(of)?;
    keep_alive(&stream);
    Ok((Port::Tcp(stream), None))
}

/// Lets the kernel find out within a minute and a half that the other end has gone, however little is said.
pub(super) fn keep_alive(stream: &TcpStream) {
    // Where the kernel knows none of it, a dead peer is found when something is sent to it.
    let _ = setsockopt(stream, sockopt::KeepAlive, &true);
    let _ = setsockopt(stream, sockopt::TcpKeepIdle, &60);
    let _ = setsockopt(stream, sockopt::TcpKeepInterval, &10);
    let _ = setsockopt(stream, sockopt::TcpKeepCount, &3);
}

async fn datagrams(address: &str) -> Result<(Port, Option<KernelBuffer>), PortError> {
    let open = async {
        let to = tokio::net::lookup_host(address).await?.next();
        let to = to.ok_or(io::ErrorKind::NotFound)?;
        let any: std::net::SocketAddr = if to.is_ipv4() {
            (std::net::Ipv4Addr::UNSPECIFIED, 0).into()
        } else {
            (std::net::Ipv6Addr::UNSPECIFIED, 0).into()
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(to).await?;
        Ok(socket)
    };
    let opened = tokio::time::timeout(CONNECT_WAIT_MAX, open).await;
    let socket = opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let socket = socket.map_err(|source| PortError::Tcp {
        address: address.to_owned(),
        source,
    })?;
    Ok((Port::Udp(socket), None))
}

/// How long to wait before the next try: 1 s, 2 s, then 5 s each time.
#[derive(Debug, Default)]
pub(super) struct Retry {
    tries: usize,
}

impl Retry {
    /// The next wait; never zero, so that a port that opens and dies at once does not spin.
    pub(super) fn next_wait(&mut self) -> Duration {
        let wait = RETRY_WAITS[self.tries.min(RETRY_WAITS.len() - 1)];
        self.tries += 1;
        wait
    }

    /// The port works: the next trouble begins with the short wait again.
    pub(super) fn reset(&mut self) {
        self.tries = 0;
    }
}

impl AsyncRead for Port {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Port::Serial(stream) => Pin::new(stream).poll_read(context, buffer),
            Port::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Port::Udp(socket) => loop {
                // An empty datagram says nothing, and nothing read would be the end.
                match socket.poll_recv(context, buffer) {
                    Poll::Ready(Ok(())) if buffer.filled().is_empty() => {}
                    other => return other,
                }
            },
        }
    }
}

impl AsyncWrite for Port {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Port::Serial(stream) => Pin::new(stream).poll_write(context, bytes),
            Port::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Port::Udp(socket) => socket.poll_send(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            // Its own flush is a blocking tcdrain.
            Port::Serial(_) => Poll::Ready(Ok(())),
            Port::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Port::Udp(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Port::Serial(_) | Port::Udp(_) => Poll::Ready(Ok(())),
            Port::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
