//! `cargo xtask demo`: a whole health post and its centre on one machine, with simulated bedside devices that speak
//! their real protocols. Ctrl-C stops everything.

pub mod app;
mod beds;
pub mod child;
mod children;
mod doctor;
mod folder;
mod mixed;
mod people;
mod port;
mod sensors;
mod setup;
mod signals;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use self::children::{Children, Fallen, Program};
use self::folder::Folder;
use self::sensors::Hub;
use self::setup::Ports;
use self::signals::Asked;
use crate::clock::Stopwatch;
use crate::{ui, workspace};

/// Longest wait for both pages.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// How often the programs are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Which ward is played.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum WardChoice {
    /// Six beds: oximeters, monitors on Modbus, a vaccine fridge.
    Usual,
    /// One bed of each device family, and sensors of the post's own.
    Mixed,
}

/// How the demo is set up.
#[derive(Args)]
pub struct DemoArgs {
    /// Which ward is played.
    #[arg(long, value_enum, default_value = "usual")]
    ward: WardChoice,
    /// Folder of recordings (BIDMC numerics); without it a generator plays the patients.
    #[arg(long, value_name = "DIR")]
    recordings: Option<PathBuf>,
    /// Seed of the generator: the same seed, the same patients.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=u64::from(u32::MAX)))]
    seed: u64,
    /// Port of the nurse's page.
    #[arg(long, default_value_t = 8080)]
    port_nurse: u16,
    /// Port of the doctor's page.
    #[arg(long, default_value_t = 8081)]
    port_doctor: u16,
    /// Work folder; target/demo when left out.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Keeps certificates and stores of the last run.
    #[arg(long)]
    keep: bool,
}

/// Sets up, starts, waits for Ctrl-C, stops.
pub fn run(args: &DemoArgs) -> Result<()> {
    let ward = Ward::choose(args)?;
    if args.port_nurse == args.port_doctor {
        bail!(
            "--port-nurse and --port-doctor are both {}; they must differ",
            args.port_nurse
        );
    }
    port::must_be_free(args.port_nurse, "--port-nurse")?;
    port::must_be_free(args.port_doctor, "--port-doctor")?;
    let target = workspace::metadata()?.target_directory;
    let work = args.dir.clone().unwrap_or_else(|| target.join("demo"));
    let folder = Folder::prepare(&work, args.keep)?;
    ui::build_if_stale()?;
    let binaries = setup::build(&target)?;
    setup::certificates(&binaries, &folder)?;
    let ports = Ports {
        nurse: args.port_nurse,
        doctor: args.port_doctor,
        broker: port::any_free()?,
    };
    let asked = signals::listen()?;
    let mut children = Children::new(&folder.logs());
    for program in setup::programs(&binaries, &folder, &ports, &ward)? {
        children.start(program)?;
    }
    if wait_until_up(&mut children, &ports, &asked)? {
        let password = people::sign_up(&folder, ports.nurse)?;
        doctor::make(&binaries, &folder, ports.doctor)?;
        println!("{}", invitation(&children, &ports, &folder, &password));
        watch(&mut children, &asked)?;
    }
    println!("stopping");
    children.stop_all();
    Ok(())
}

/// The beds that are played.
enum Ward {
    Usual {
        patients: beds::Patients,
        modbus_tcp: u16,
    },
    Mixed {
        beds: mixed::Mixed,
        seed: u64,
    },
}

impl Ward {
    fn choose(args: &DemoArgs) -> Result<Ward> {
        let recordings = args.recordings.as_deref();
        match args.ward {
            WardChoice::Usual => Ok(Ward::Usual {
                patients: beds::Patients::choose(recordings, args.seed)?,
                modbus_tcp: port::any_free()?,
            }),
            WardChoice::Mixed if recordings.is_some() => {
                bail!("--recordings goes with --ward usual: the mixed ward plays the generator's patients")
            }
            WardChoice::Mixed => Ok(Ward::Mixed {
                beds: mixed::Mixed::new()?,
                seed: args.seed,
            }),
        }
    }

    fn simulators(&self, binary: &Path, cables: &Path, hub: &Hub) -> Vec<Program> {
        match self {
            Ward::Usual { patients, modbus_tcp } => beds::simulators(binary, cables, *modbus_tcp, patients),
            Ward::Mixed { beds, seed } => {
                let mut programs = beds.simulators(binary, cables, *seed);
                programs.extend(sensors::simulators(binary, hub, *seed));
                programs
            }
        }
    }

    fn configuration(&self, cables: &Path, hub: &Hub) -> String {
        match self {
            Ward::Usual { modbus_tcp, .. } => beds::configuration(cables, *modbus_tcp),
            Ward::Mixed { beds, .. } => beds.configuration(cables) + &sensors::configuration(hub),
        }
    }
}

/// True when both pages answer; false when the person asked to stop before that.
fn wait_until_up(children: &mut Children, ports: &Ports, asked: &Receiver<Asked>) -> Result<bool> {
    let watch = Stopwatch::start();
    println!("waiting for the pages");
    loop {
        if let Some(fallen) = children.fallen()?.first() {
            bail!("{}", obituary(fallen));
        }
        let missing = [
            ("the doctor's page", port::page_answers(ports.doctor)),
            ("the nurse's page", port::page_answers(ports.nurse)),
        ];
        let Some((missing, _)) = missing.into_iter().find(|(_, up)| !up) else {
            return Ok(true);
        };
        if watch.elapsed() > START_PATIENCE {
            bail!(
                "{missing} does not answer after {} s; see the logs",
                START_PATIENCE.as_secs()
            );
        }
        match asked.recv_timeout(LOOK_EVERY) {
            Ok(Asked::Stop) => return Ok(false),
            Ok(Asked::StartAgain) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => bail!("signals can no longer be heard"),
        }
    }
}

/// Tells of every program that ends, starts them again on request, until the person asks to stop.
fn watch(children: &mut Children, asked: &Receiver<Asked>) -> Result<()> {
    loop {
        tell_fallen(children)?;
        match asked.recv_timeout(LOOK_EVERY) {
            Ok(Asked::Stop) => return Ok(()),
            Ok(Asked::StartAgain) => {
                // What has ended since the last look, too.
                tell_fallen(children)?;
                for (name, pid) in children.restart_fallen()? {
                    println!("{name} started again, process {pid}");
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => bail!("signals can no longer be heard"),
        }
    }
}

fn tell_fallen(children: &mut Children) -> Result<()> {
    for fallen in children.fallen()? {
        println!("{}", obituary(&fallen));
        println!("  start it again with: kill -USR1 {}", std::process::id());
    }
    Ok(())
}

fn obituary(fallen: &Fallen) -> String {
    let mut text = format!(
        "{} has ended ({}); the end of {}:",
        fallen.name,
        fallen.status,
        fallen.log.display()
    );
    for line in &fallen.tail {
        text += "\n  | ";
        text += line;
    }
    text
}

fn invitation(children: &Children, ports: &Ports, folder: &Folder, password: &str) -> String {
    let kill = |name: &str| {
        children
            .pid(name)
            .map_or("(not running)".to_owned(), |pid| format!("kill {pid}"))
    };
    format!(
        "\nThe demo runs. Everything in it is simulated.\n\n\
         \x20 nurse's page    http://127.0.0.1:{}/\n\
         \x20                 {}\n\
         \x20 doctor's page   http://127.0.0.1:{}/\n\
         \x20                 sign in as {}, password: {}\n\
         \x20                 its six digits of the moment: cargo xtask demo-code\n\n\
         What to try, with a second terminal:\n\
         \x20 acknowledge an alarm       on the nurse's page\n\
         \x20 say \"seen\"                 on the doctor's page; the nurse's page shows it within a second\n\
         \x20 pull the cable of bed 2    {}\n\
         \x20 stop the broker            {}    (alerts and readings wait at the post)\n\
         \x20 stop the centre            {}    (the post says that doctors do not see it)\n\
         \x20 cut the post's power       {}\n\
         \x20 start again what stopped   kill -USR1 {}\n\n\
         Logs: {}\nCtrl-C stops everything.",
        ports.nurse,
        people::told(password),
        ports.doctor,
        doctor::ID,
        doctor::PASSWORD,
        kill("bed-2"),
        kill("broker"),
        kill("centre"),
        kill("post").replace("kill ", "kill -9 "),
        std::process::id(),
        folder.logs().display(),
    )
}
