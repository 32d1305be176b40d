//! A TCP proxy between relay and broker that counts what passes, and can make the link thin and far.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use appliance::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use vitals::MonoTime;

/// What one segment carries at most.
const CHUNK_BYTES_MAX: usize = 1_400;
/// Chunks that may be on their way at once in one direction.
const CHUNKS_MAX: usize = 256;

/// How thin and how far.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// In each direction.
    pub bytes_per_s: u64,
    /// From one end to the other; a round trip takes two.
    pub delay: Duration,
}

/// What has passed in one direction since the start.
#[derive(Debug, Default)]
pub struct Passed {
    bytes: AtomicU64,
    chunks: AtomicU64,
}

impl Passed {
    /// Bytes of TLS.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Chunks of at most 1400 bytes in which they came.
    pub fn chunks(&self) -> u64 {
        self.chunks.load(Ordering::Relaxed)
    }
}

/// A running proxy; it ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens, on loopback.
    pub port: u16,
    /// From post to broker.
    pub up: Arc<Passed>,
    /// From broker to post.
    pub down: Arc<Passed>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Bytes and chunks in both directions so far.
    pub fn passed(&self) -> (u64, u64) {
        let chunks = self.up.chunks() + self.down.chunks();
        (self.up.bytes() + self.down.bytes(), chunks)
    }

    /// Listens on a free port and passes everything to `to`.
    ///
    /// # Errors
    /// There is no port.
    pub async fn start(to: u16, shape: Option<Shape>, clock: Clock) -> io::Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (up, down) = (Arc::new(Passed::default()), Arc::new(Passed::default()));
        let (counts_up, counts_down) = (up.clone(), down.clone());
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await {
                    // Small messages leave at once, as on the real way.
                    let _ = near.set_nodelay(true).and(far.set_nodelay(true));
                    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                    pass(near_in, far_out, shape, counts_up.clone(), clock);
                    pass(far_in, near_out, shape, counts_down.clone(), clock);
                }
            }
        });
        Ok(Proxy { port, up, down, task })
    }
}

/// One direction: a chunk leaves when the line has sent all before it, and arrives after the delay.
fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    shape: Option<Shape>,
    passed: Arc<Passed>,
    clock: Clock,
) {
    let (sent, mut arriving) = mpsc::channel::<(MonoTime, Vec<u8>)>(CHUNKS_MAX);
    tokio::spawn(async move {
        let mut line_free = clock.now();
        let mut chunk = vec![0; CHUNK_BYTES_MAX];
        while let Ok(length @ 1..) = from.read(&mut chunk).await {
            passed.bytes.fetch_add(length as u64, Ordering::Relaxed);
            passed.chunks.fetch_add(1, Ordering::Relaxed);
            let mut arrives = clock.now();
            if let Some(shape) = shape {
                let takes = Duration::from_secs_f64(length as f64 / shape.bytes_per_s as f64);
                line_free = line_free.max(arrives) + takes;
                sleep(line_free.since(arrives)).await;
                arrives = line_free + shape.delay;
            }
            if sent.send((arrives, chunk[..length].to_vec())).await.is_err() {
                break;
            }
        }
    });
    tokio::spawn(async move {
        while let Some((at, chunk)) = arriving.recv().await {
            let early = at.since(clock.now());
            if !early.is_zero() {
                sleep(early).await;
            }
            if to.write_all(&chunk).await.is_err() {
                break;
            }
        }
    });
}
