//! One question and its answer through tokio-modbus, made safe.
//!
//! What that crate does not do, and what is done here about it:
//! - It has no time-out: [`ask`] has one. The exchange runs in a task of its own, so that nothing but the time-out ever
//!   ends it, and so that a panic in the crate (its debug assertions meet hostile bytes) costs one answer and one
//!   reopening of the port, not the line.
//! - It checks unit and function, but not the length of an answer: [`judge`] does.
//! - It keeps the port to itself: [`Wire`] lends it, so that the owner can listen between the exchanges.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context as TaskContext, Poll, ready};

use drivers::modbus_map::{Answer, Request, Table};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::error::Elapsed;
use tokio_modbus::client::{Client, Context};
use tokio_modbus::prelude::SlaveContext;
use tokio_modbus::{Response, Slave};
use tokio_util::task::AbortOnDropHandle;

use super::port::Port;

/// Why a question has no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing, or not all of it, came in time.
    Timeout,
    /// What came was no frame.
    BadFrame,
    /// A good frame, but from another unit, for another function, or of another length.
    WrongAnswer,
    /// The unit refuses, with a Modbus exception code.
    Refused(u8),
    /// The port is gone.
    Lost(io::Error),
    /// tokio-modbus panicked; the context is gone with it.
    Panicked,
}

/// A port that tokio-modbus uses during an exchange and its owner uses in between.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    port: Port,
    /// The adapter sends back what we send.
    echoes: bool,
    /// What was sent and has not come back yet.
    echo_due: VecDeque<u8>,
    /// Bytes read since [`Wire::begin`].
    read_bytes: usize,
}

impl Wire {
    /// Takes the port.
    pub(super) fn new(port: Port, echoes: bool) -> Self {
        Self {
            inner: Arc::new(Mutex::new(Inner {
                port,
                echoes,
                echo_due: VecDeque::new(),
                read_bytes: 0,
            })),
        }
    }

    /// A new exchange begins.
    pub(super) fn begin(&self) {
        let mut inner = self.lock();
        inner.echo_due.clear();
        inner.read_bytes = 0;
    }

    /// How many bytes were read since [`Wire::begin`], without the echo.
    pub(super) fn read_bytes(&self) -> usize {
        self.lock().read_bytes
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks, and waits for the answer for as long as the request says. Gives the context back unless it panicked.
pub(super) async fn ask(
    mut context: Context,
    request: Request,
) -> (Option<Context>, Result<Answer, Failure>) {
    contained(async move {
        context.set_slave(Slave(request.unit));
        let answer = tokio::time::timeout(request.timeout, context.call(question(&request))).await;
        (context, judge(&request, answer))
    })
    .await
}

/// Runs an exchange where its panic does no harm, and where dropping whoever waits for it ends it with the port.
async fn contained<C: Send + 'static>(
    exchange: impl Future<Output = (C, Result<Answer, Failure>)> + Send + 'static,
) -> (Option<C>, Result<Answer, Failure>) {
    match AbortOnDropHandle::new(tokio::spawn(exchange)).await {
        Ok((context, answer)) => (Some(context), answer),
        Err(_panicked) => (None, Err(Failure::Panicked)),
    }
}

/// Reads only: there is no way to write a register from here (I10).
fn question(request: &Request) -> tokio_modbus::Request<'static> {
    let (addr, count) = (request.addr, request.count);
    match request.table {
        Table::Coil => tokio_modbus::Request::ReadCoils(addr, count),
        Table::Discrete => tokio_modbus::Request::ReadDiscreteInputs(addr, count),
        Table::Holding => tokio_modbus::Request::ReadHoldingRegisters(addr, count),
        Table::Input => tokio_modbus::Request::ReadInputRegisters(addr, count),
    }
}

fn judge(
    request: &Request,
    answer: Result<tokio_modbus::Result<Response>, Elapsed>,
) -> Result<Answer, Failure> {
    let response = match answer {
        Err(_elapsed) => return Err(Failure::Timeout),
        Ok(Err(tokio_modbus::Error::Protocol(_))) => return Err(Failure::WrongAnswer),
        Ok(Err(tokio_modbus::Error::Transport(error))) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(Failure::BadFrame);
        }
        Ok(Err(tokio_modbus::Error::Transport(error))) => return Err(Failure::Lost(error)),
        Ok(Ok(Err(exception))) => return Err(Failure::Refused(exception.into())),
        Ok(Ok(Ok(response))) => response,
    };
    let count = usize::from(request.count);
    match (request.table, response) {
        (Table::Holding, Response::ReadHoldingRegisters(words))
        | (Table::Input, Response::ReadInputRegisters(words))
            if words.len() == count =>
        {
            Ok(Answer::Words(words))
        }
        // Bits come in whole bytes.
        (Table::Coil, Response::ReadCoils(mut bits))
        | (Table::Discrete, Response::ReadDiscreteInputs(mut bits))
            if bits.len() == count.next_multiple_of(8) =>
        {
            bits.truncate(count);
            Ok(Answer::Bits(bits))
        }
        _ => Err(Failure::WrongAnswer),
    }
}

/// Bytes of a whole answer to this request on a serial line: unit, function, length, data, checksum.
pub(super) fn answer_bytes(request: &Request) -> usize {
    let count = usize::from(request.count);
    5 + match request.table {
        Table::Coil | Table::Discrete => count.div_ceil(8),
        Table::Holding | Table::Input => 2 * count,
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut inner = self.lock();
        let mut chunk = [0; 256];
        loop {
            let room = buffer.remaining().min(chunk.len());
            let mut read = ReadBuf::new(&mut chunk[..room]);
            ready!(Pin::new(&mut inner.port).poll_read(context, &mut read))?;
            let heard = read.filled();
            let own = heard.len().min(inner.echo_due.len());
            let sent = inner.echo_due.drain(..own);
            if !sent.eq(heard[..own].iter().copied()) {
                inner.echo_due.clear();
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "somebody else sent at the same time",
                )));
            }
            inner.read_bytes += heard.len() - own;
            // An empty read means the end, so one that held nothing but the echo must not be passed on.
            if own == 0 || own < heard.len() {
                buffer.put_slice(&heard[own..]);
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut inner = self.lock();
        let written = ready!(Pin::new(&mut inner.port).poll_write(context, bytes))?;
        if inner.echoes {
            inner.echo_due.extend(&bytes[..written]);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.lock().port).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.lock().port).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn request(table: Table, count: u16) -> Request {
        Request {
            unit: 1,
            table,
            addr: 0,
            count,
            timeout: Duration::from_millis(300),
        }
    }

    fn judged(table: Table, count: u16, response: Response) -> Result<Answer, Failure> {
        judge(&request(table, count), Ok(Ok(Ok(response))))
    }

    #[test]
    fn an_answer_of_another_length_is_never_a_value() {
        let words = |count| Response::ReadInputRegisters(vec![7; count]);
        assert_eq!(
            judged(Table::Input, 2, words(2)).unwrap(),
            Answer::Words(vec![7, 7])
        );
        for count in [0, 1, 3] {
            assert!(matches!(
                judged(Table::Input, 2, words(count)),
                Err(Failure::WrongAnswer)
            ));
        }
        assert!(matches!(
            judged(Table::Holding, 2, words(2)),
            Err(Failure::WrongAnswer)
        ));
        let bits = |count| Response::ReadCoils(vec![true; count]);
        assert_eq!(
            judged(Table::Coil, 3, bits(8)).unwrap(),
            Answer::Bits(vec![true; 3])
        );
        assert!(matches!(
            judged(Table::Coil, 3, bits(16)),
            Err(Failure::WrongAnswer)
        ));
    }

    #[test]
    fn i10_every_question_is_a_read() {
        for (table, code) in [
            (Table::Coil, 1),
            (Table::Discrete, 2),
            (Table::Holding, 3),
            (Table::Input, 4),
        ] {
            assert_eq!(question(&request(table, 1)).function_code().value(), code);
        }
    }

    #[tokio::test]
    async fn a_panic_inside_an_exchange_is_one_failed_answer() {
        let (context, answer) =
            contained::<()>(async { panic!("as a debug assertion of the crate would") }).await;
        assert!(context.is_none());
        assert!(matches!(answer, Err(Failure::Panicked)));
    }
}
