//! A post that runs as it does in a ward, with a gateway that tells it values and one page that is open and signed in: the
//! way of an alarm from bytes at the post's port to the page.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::post::program;
use crate::clock::{boot_ns, wait_for};
use crate::pages::Site;
use crate::process::Process;
use crate::scene::{START_WITHIN, free_port, text};

/// What a gateway says of one patient.
#[derive(Clone, Copy)]
struct Says {
    spo2: u32,
    nibp_sys: u32,
}

/// Nothing alarms.
const WELL: Says = Says {
    spo2: 98,
    nibp_sys: 120,
};

/// Two alarms without any delay of their own, in turns: an alarm is over only when its value has been back for 5 s, which
/// is longer than sixteen beds take in a storm.
const ILL: [(&str, Says); 2] = [
    ("desaturation", Says { spo2: 70, ..WELL }),
    ("limit.nibp_s.low", Says { nibp_sys: 60, ..WELL }),
];

/// An alarm that takes longer is lost.
const ALARM_MAX: Duration = Duration::from_secs(20);

/// A post with its gateway and one open page.
pub(super) struct Ward {
    /// The post.
    pub post: Process,
    /// Its page.
    pub site: Site,
    page: Page,
    gateway: TcpStream,
    messages: u64,
    known: BTreeSet<String>,
    beds: usize,
    alarms: usize,
}

impl Ward {
    /// It runs with so many beds, and one page is open.
    pub fn start(folder: &Path, beds: usize) -> Result<Ward> {
        let (page_port, gateway_port) = (free_port(), free_port());
        let mut config = format!(
            "post = \"bench\"\nname = \"Bench\"\n[store]\npath = {:?}\n[web]\nlisten = \"127.0.0.1:{page_port}\"\n\
             [[line]]\nid = \"gateway\"\nlisten = \"127.0.0.1:{gateway_port}\"\nsenders = [\"127.0.0.1\"]\nfamily = \"hl7\"\n",
            folder.join("bench.redb")
        );
        for bed in 1..=beds {
            config += &format!(
                "[[line.source]]\nlocation = \"ICU^^{bed}\"\ndevice = \"monitor-{bed}\"\nbed = \"{bed}\"\n"
            );
        }
        for bed in 1..=beds {
            config += &format!("[[bed]]\nid = \"{bed}\"\n");
        }
        let file = folder.join("vitalpost.toml");
        std::fs::write(&file, config).context("the post's configuration")?;
        let args = ["run", "--config", text(&file)];
        let post = Process::start_system("post", &program("vitalpost")?, &args, folder);
        let site = Site::at(page_port).with_person(folder.join("post.log"));
        wait_for("the post's page answers", START_WITHIN, || site.ward());
        let gateway =
            TcpStream::connect(("127.0.0.1", gateway_port)).context("the post's port for gateways")?;
        gateway.set_nodelay(true)?;
        let mut answers = gateway.try_clone()?;
        // Nobody needs the acknowledgements, but they have to go somewhere.
        thread::spawn(move || while matches!(answers.read(&mut [0; 4_096]), Ok(1..)) {});
        let page = Page::open(page_port, &site)?;
        Ok(Ward {
            post,
            site,
            page,
            gateway,
            messages: 0,
            known: BTreeSet::new(),
            beds,
            alarms: 0,
        })
    }

    /// Milliseconds that each alarm took, one after the other, one every `every`, for so long.
    ///
    /// # Errors
    /// An alarm did not come: it is lost.
    pub fn alarms(&mut self, every: Duration, lasts: Duration) -> Result<Vec<f64>> {
        let mut ms = Vec::new();
        let (start, pace) = (boot_ns(), u64::try_from(every.as_nanos())?);
        for round in 1.. {
            let due = start + round * pace;
            thread::sleep(Duration::from_nanos(due.saturating_sub(boot_ns())));
            if due > start + u64::try_from(lasts.as_nanos())? {
                break;
            }
            for bed in 1..=self.beds {
                self.say(bed, WELL)?;
            }
            // Both sides are at rest when it begins.
            thread::sleep(every / 5);
            let turn = self.alarms;
            self.alarms += 1;
            let (condition, ill) = ILL[turn / self.beds % ILL.len()];
            ms.push(self.alarm(turn % self.beds + 1, condition, ill)?);
        }
        Ok(ms)
    }

    fn alarm(&mut self, bed: usize, condition: &str, ill: Says) -> Result<f64> {
        self.page.take_all()?;
        let start = boot_ns();
        self.say(bed, ill)?;
        let (id, shown) = loop {
            ensure!(
                boot_ns() - start < u64::try_from(ALARM_MAX.as_nanos())?,
                "no alarm at bed {bed}"
            );
            let (told, at) = self.page.next()?;
            let alarms = told["alarms"].as_array().cloned().unwrap_or_default();
            let found = alarms.iter().find(|alarm| {
                alarm["condition"] == condition
                    && alarm["bed"] == bed.to_string().as_str()
                    && !self.known.contains(alarm["id"].as_str().unwrap_or_default())
            });
            if let Some(found) = found {
                break (found["id"].as_str().unwrap_or_default().to_owned(), at);
            }
        };
        let (status, answer) = self
            .site
            .post(&format!("/api/v1/alarms/{id}/acknowledge"), &json!({}));
        ensure!(status == 200, "acknowledging: {status} {answer}");
        self.known.insert(id);
        self.say(bed, WELL)?;
        Ok((shown - start) as f64 / 1e6)
    }

    fn say(&mut self, bed: usize, Says { spo2, nibp_sys }: Says) -> Result<()> {
        self.messages += 1;
        let (number, time) = (self.messages, clock());
        let message = format!(
            "\x0bMSH|^~\\&|GATE|SIM|VITALPOST|POST|{time}||ORU^R01^ORU_R01|{number}|P|2.6|||AL|NE||UNICODE UTF-8\r\
             PID|||SIM{bed}^^^SIM^PI||Nobody^{bed}\rPV1|1|I|ICU^^{bed}\r\
             OBR|1|||196616^MDC_OBS^MDC|||{time}\r\
             OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X\r\
             OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.1|{spo2}|262688^MDC_DIM_PERCENT^MDC|||||F\r\
             OBX|3|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1.2.1.1|{nibp_sys}|266016^MDC_DIM_MMHG^MDC|||||F\r\x1c\r"
        );
        Ok(self.gateway.write_all(message.as_bytes())?)
    }

    /// Resident memory of the post, KiB.
    pub fn memory(&self) -> Result<u64> {
        memory_kib(self.post.id()).context("the post's memory")
    }
}

/// The gateway's clock: an invented day. A clock that stands still would say that every message was late.
fn clock() -> String {
    let seconds = boot_ns() / 1_000_000_000 % 86_400;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("20260912{hours:02}{minutes:02}{:02}+0000", seconds % 60)
}

/// Resident memory of a process.
pub(super) fn memory_kib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The live view of one browser.
struct Page {
    stream: TcpStream,
    waiting: Vec<u8>,
}

impl Page {
    fn open(port: u16, site: &Site) -> Result<Page> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(ALARM_MAX))?;
        write!(
            stream,
            "GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            site.cookies()
        )?;
        let mut page = Page {
            stream,
            waiting: Vec::new(),
        };
        while page.waiting.windows(4).all(|part| part != b"\r\n\r\n") {
            page.read()?;
        }
        let end = page.waiting.windows(4).position(|part| part == b"\r\n\r\n");
        let head: Vec<u8> = page.waiting.drain(..end.unwrap_or_default() + 4).collect();
        ensure!(
            head.starts_with(b"HTTP/1.1 101"),
            "{}",
            String::from_utf8_lossy(&head)
        );
        Ok(page)
    }

    fn read(&mut self) -> Result<()> {
        let mut chunk = [0; 65_536];
        match self.stream.read(&mut chunk) {
            Ok(0) => bail!("the page's connection ended"),
            Ok(length) => self.waiting.extend_from_slice(&chunk[..length]),
            Err(error) => return Err(error).context("the page hears nothing"),
        }
        Ok(())
    }

    /// The next message, and when it was there.
    fn next(&mut self) -> Result<(Value, u64)> {
        loop {
            if let Some(text) = self.take() {
                return Ok((serde_json::from_slice(&text)?, boot_ns()));
            }
            self.read()?;
        }
    }

    /// A whole frame of a server, which is never masked.
    fn take(&mut self) -> Option<Vec<u8>> {
        let (short, more) = (self.waiting.get(1)? & 0x7f, self.waiting.get(2..10));
        let (head, length) = match short {
            126 => (
                4,
                u64::from(u16::from_be_bytes(self.waiting.get(2..4)?.try_into().ok()?)),
            ),
            127 => (10, u64::from_be_bytes(more?.try_into().ok()?)),
            short => (2, u64::from(short)),
        };
        let whole = head + usize::try_from(length).ok()?;
        let frame: Vec<u8> = (self.waiting.len() >= whole).then(|| self.waiting.drain(..whole).collect())?;
        Some(frame[head..].to_vec())
    }

    /// What came so far is not looked at.
    fn take_all(&mut self) -> Result<()> {
        self.stream.set_nonblocking(true)?;
        while self.read().is_ok() {}
        self.stream.set_nonblocking(false)?;
        while self.take().is_some() {}
        Ok(())
    }
}
