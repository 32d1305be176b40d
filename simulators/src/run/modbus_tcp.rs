//! Modbus units in real time behind a TCP port.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use simulators::clock;
use simulators::modbus::TCP_BYTES_MAX;
use simulators::truth::Log;

use super::{LOOK_EVERY, Stop, Units, say, warn};
use crate::args::ModbusTcpArgs;

/// A real device takes few masters; one more is closed at once.
const CONNECTIONS_MAX: usize = 16;
/// Transaction, protocol and length, before the unit.
const HEADER_BYTES: usize = 6;

/// Runs until SIGTERM or SIGINT.
pub fn run(args: &ModbusTcpArgs) -> anyhow::Result<()> {
    let stop = Stop::catch()?;
    let listener = TcpListener::bind(args.listen).map_err(|error| {
        anyhow::anyhow!(
            "cannot listen on {}: {error}; choose another --listen",
            args.listen
        )
    })?;
    listener.set_nonblocking(true)?;
    let device = Arc::new(Device {
        units: Mutex::new(Units {
            server: args.units.server()?,
            faults: args.units.common.faults(),
            log: Log::open(args.units.common.truth.as_deref())?,
            writes_reported: 0,
        }),
        begun: clock::now(),
        delay: args.units.delay(),
        connections: AtomicUsize::new(0),
    });
    device.units().refresh(Duration::ZERO)?;
    say(&format!("ready: modbus-tcp at {}", listener.local_addr()?));

    while !stop.came() {
        device.units().refresh(device.now())?;
        match listener.accept() {
            Ok((stream, _)) => connect(&device, stream),
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(LOOK_EVERY),
            // A master that has gone before it was accepted.
            Err(_) => {}
        }
    }
    say(&device.units().stopped());
    Ok(())
}

struct Device {
    units: Mutex<Units>,
    begun: Duration,
    delay: Duration,
    connections: AtomicUsize,
}

impl Device {
    fn units(&self) -> MutexGuard<'_, Units> {
        self.units.lock().expect("nobody panics while holding the units")
    }

    fn now(&self) -> Duration {
        clock::now() - self.begun
    }
}

fn connect(device: &Arc<Device>, stream: TcpStream) {
    if device.connections.fetch_add(1, Ordering::SeqCst) >= CONNECTIONS_MAX {
        device.connections.fetch_sub(1, Ordering::SeqCst);
        return;
    }
    let device = Arc::clone(device);
    std::thread::spawn(move || {
        if let Err(error) = serve(&device, stream) {
            warn(&format!("connection ended: {error}"));
        }
        device.connections.fetch_sub(1, Ordering::SeqCst);
    });
}

/// Answers one master until it goes or says something that is not Modbus.
fn serve(device: &Device, mut stream: TcpStream) -> anyhow::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    let mut message = [0; TCP_BYTES_MAX];
    loop {
        match stream.read_exact(&mut message[..HEADER_BYTES]) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            other => other?,
        }
        let length = usize::from(u16::from_be_bytes([message[4], message[5]]));
        let end = HEADER_BYTES + length;
        anyhow::ensure!(
            (8..=TCP_BYTES_MAX).contains(&end),
            "a message of {end} bytes is not Modbus"
        );
        stream.read_exact(&mut message[HEADER_BYTES..end])?;
        let answer = {
            let mut units = device.units();
            let answer = units.server.answer_tcp(&message[..end]);
            units.report_writes();
            answer
        };
        if let Some(answer) = answer {
            std::thread::sleep(device.delay);
            let unit = message[HEADER_BYTES];
            let bytes = device.units().send(device.now(), unit, &answer)?;
            stream.write_all(&bytes)?;
        }
    }
}
