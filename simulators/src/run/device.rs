//! A device of [`simulators::device`] in real time: on a pseudo-terminal, behind a TCP port, on a UDP port, or dialling out.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use simulators::clock;
use simulators::device::{Device, Options, family};
use simulators::pty::Pty;
use simulators::truth::Log;

use super::{Stop, say};
use crate::args::{DeviceArgs, PortArgs};

/// How often the device looks at its line and its clock.
const LOOK_EVERY: Duration = Duration::from_millis(4);

/// A machine that slept does not make the device catch up.
const LAG_MAX: Duration = Duration::from_secs(1);

/// Between two tries to dial.
const DIAL_EVERY: Duration = Duration::from_secs(1);

/// Runs until SIGTERM or SIGINT.
pub fn run(args: &DeviceArgs) -> Result<()> {
    let stop = Stop::catch()?;
    let family = family(&args.family).context("the command line knows the families")?;
    let options = Options(args.options.clone());
    if let Some((key, _)) = options
        .0
        .iter()
        .find(|(key, _)| family.options.iter().all(|(known, _)| known != key))
    {
        let known: Vec<_> = family
            .options
            .iter()
            .map(|(key, what)| format!("{key} ({what})"))
            .collect();
        bail!(
            "{} has no option {key:?}; it has: {}",
            family.name,
            known.join(", ")
        );
    }
    let make = || -> Result<Box<dyn Device>> {
        (family.make)(args.common.patient(&args.patient)?, &options).map_err(anyhow::Error::msg)
    };
    let mut device = make()?;
    let mut log = Log::open(args.common.truth.as_deref())?;
    let mut faults = args.common.faults();
    let mut line = Line::open(&args.port)?;
    say(&format!("ready: {} at {}", family.name, line.place()?));
    let name = args.name.as_deref().unwrap_or(family.name);
    let (mut begun, mut looked) = (clock::now(), clock::now());
    let (mut chunks, mut heard) = (0_u64, 0_u64);
    let mut buffer = [0; 4096];
    while !stop.came() {
        let lag = clock::now().saturating_sub(looked);
        if lag > LAG_MAX {
            begun += lag;
        }
        looked = clock::now();
        let at = looked.saturating_sub(begun);
        loop {
            match line.hear(&mut buffer)? {
                Heard::Nothing => break,
                // Whoever comes next meets a device that was just switched on.
                Heard::Gone => {
                    device = make()?;
                    begun = clock::now();
                    break;
                }
                Heard::Bytes(count) => {
                    heard += count as u64;
                    device.hear(at, &buffer[..count]);
                }
            }
        }
        while let Some(chunk) = device.next(at) {
            let damaged = faults.damage(at, &chunk.bytes);
            let sent_at = clock::now();
            if !line.send(&damaged.bytes) || damaged.bytes.is_empty() {
                continue;
            }
            chunks += 1;
            if let Some(values) = chunk.truth {
                log.add(sent_at, name, &values, damaged.corrupted)?;
            }
        }
        std::thread::sleep(LOOK_EVERY);
    }
    say(&format!("stopped: chunks={chunks} bytes_heard={heard}"));
    Ok(())
}

enum Heard {
    Nothing,
    Bytes(usize),
    /// The other end has gone.
    Gone,
}

/// What the device hangs on.
enum Line {
    Serial(Pty, String),
    Listening(TcpListener, Option<TcpStream>),
    Dialling {
        to: SocketAddr,
        stream: Option<TcpStream>,
        tried: Option<Duration>,
    },
    Datagrams(UdpSocket, Option<SocketAddr>),
}

impl Line {
    fn open(port: &PortArgs) -> Result<Line> {
        let busy = |address| move || format!("cannot listen on {address}; choose another address");
        Ok(match (&port.link, port.listen, port.udp, port.dial) {
            (Some(link), ..) => Line::Serial(Pty::open(link)?, link.display().to_string()),
            (_, Some(address), ..) => {
                let listener = TcpListener::bind(address).with_context(busy(address))?;
                listener.set_nonblocking(true)?;
                Line::Listening(listener, None)
            }
            (_, _, Some(address), _) => {
                let socket = UdpSocket::bind(address).with_context(busy(address))?;
                socket.set_nonblocking(true)?;
                Line::Datagrams(socket, None)
            }
            (_, _, _, Some(to)) => Line::Dialling {
                to,
                stream: None,
                tried: None,
            },
            _ => bail!("say where the line is: --link, --listen, --udp or --dial"),
        })
    }

    fn place(&self) -> Result<String> {
        Ok(match self {
            Line::Serial(_, link) => link.clone(),
            Line::Listening(listener, _) => listener.local_addr()?.to_string(),
            Line::Dialling { to, .. } => format!("dialling {to}"),
            Line::Datagrams(socket, _) => socket.local_addr()?.to_string(),
        })
    }

    fn hear(&mut self, buffer: &mut [u8]) -> Result<Heard> {
        Ok(match self {
            Line::Serial(pty, _) => match pty.hear(buffer)? {
                0 => Heard::Nothing,
                count => Heard::Bytes(count),
            },
            Line::Listening(listener, stream) => {
                if stream.is_none()
                    && let Ok((accepted, _)) = listener.accept()
                {
                    accepted.set_nonblocking(true)?;
                    accepted.set_nodelay(true)?;
                    *stream = Some(accepted);
                }
                read(stream, buffer)
            }
            Line::Dialling { to, stream, tried } => {
                let now = clock::now();
                if stream.is_none() && tried.is_none_or(|at| now.saturating_sub(at) >= DIAL_EVERY) {
                    *tried = Some(now);
                    if let Ok(dialled) = TcpStream::connect_timeout(to, DIAL_EVERY) {
                        dialled.set_nonblocking(true)?;
                        dialled.set_nodelay(true)?;
                        *stream = Some(dialled);
                    }
                }
                read(stream, buffer)
            }
            Line::Datagrams(socket, peer) => match socket.recv_from(buffer) {
                Ok((count, from)) => {
                    *peer = Some(from);
                    Heard::Bytes(count)
                }
                // Nothing there, or nobody there to whom the last one went.
                Err(_) => Heard::Nothing,
            },
        })
    }

    /// False: nobody is there.
    fn send(&mut self, bytes: &[u8]) -> bool {
        match self {
            Line::Serial(pty, _) => {
                pty.send(bytes);
                pty.is_open()
            }
            Line::Listening(_, stream) | Line::Dialling { stream, .. } => match stream {
                Some(open) => {
                    let sent = open.write_all(bytes).is_ok();
                    if !sent {
                        *stream = None;
                    }
                    sent
                }
                None => false,
            },
            Line::Datagrams(socket, peer) => peer.is_some_and(|to| socket.send_to(bytes, to).is_ok()),
        }
    }
}

fn read(stream: &mut Option<TcpStream>, buffer: &mut [u8]) -> Heard {
    let Some(open) = stream else {
        return Heard::Nothing;
    };
    match open.read(buffer) {
        Ok(count) if count > 0 => Heard::Bytes(count),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
            Heard::Nothing
        }
        _ended => {
            *stream = None;
            Heard::Gone
        }
    }
}
