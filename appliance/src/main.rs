//! `vitalpost`: the daemon at the health post and its tools.

use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use appliance::{app, audit, broker, export, lines, replay};
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Listens to bedside monitors, keeps every reading, alarms, and relays to doctors.
///
/// A secondary display: bedside monitor alarms stay on and within earshot.
#[derive(Parser)]
#[command(name = "vitalpost", version, about)]
struct Cli {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Run the post.
    Run {
        /// The configuration file.
        #[arg(long, default_value = "/etc/vitalpost/vitalpost.toml")]
        config: PathBuf,
        /// Serve the page from this folder instead of the built-in one.
        #[arg(long)]
        ui_dir: Option<PathBuf>,
    },
    /// Say what is wrong with a configuration file, or what it sets up.
    Check {
        /// The configuration file.
        file: PathBuf,
    },
    /// Write records of a store that no post runs on as a table (CSV) or as JSON lines; the store is never changed.
    Export(export::ExportArgs),
    /// Read the audit (who did what), and check that it holds; also while the post runs.
    Audit(audit::AuditArgs),
    /// The accounts of the post, from its own machine: as root or as the user that it runs as.
    User(app::UserArgs),
    /// Say how the post that runs is: 0 = healthy, 1 = not, 2 = it does not run.
    Health(app::HealthArgs),
    /// Ask whether the box may be updated now; for `vitalpost-update`, whose answer stands in the audit.
    AllowUpdate(app::AllowArgs),
    /// Keys that seal the store.
    Key {
        #[command(subcommand)]
        word: KeyWord,
    },
    /// Seal the store with another key. The post must be stopped.
    Rekey {
        /// The configuration file; its [store] key is the key that works now.
        #[arg(long, default_value = "/etc/vitalpost/vitalpost.toml")]
        config: PathBuf,
        /// The key that shall work from now on.
        #[arg(long)]
        new_key: PathBuf,
    },
    /// Copy the store, also while the post runs. Put in the store's place, the copy restores it.
    Backup {
        /// The configuration file.
        #[arg(long, default_value = "/etc/vitalpost/vitalpost.toml")]
        config: PathBuf,
        /// The copy; must not exist yet.
        #[arg(long)]
        to: PathBuf,
    },
    /// Print the newest layout of the store that this version reads and writes.
    StoreSchema,
    /// Put a copy of the store in its place, if a newer version has written it so that this one cannot read it.
    StoreBack {
        /// The configuration file.
        #[arg(long, default_value = "/etc/vitalpost/vitalpost.toml")]
        config: PathBuf,
        /// The copy, as `vitalpost backup` made it.
        #[arg(long)]
        copy: PathBuf,
    },
    /// Find out what talks on a serial port or at an address, and which line to write into the configuration.
    Probe(lines::ProbeArgs),
    /// Say what a capture of a line tells, or with --alarms which alarms a recording of a patient would raise.
    Replay(ReplayArgs),
    /// Play the tone of each priority once on the box's own output.
    SoundTest {
        /// The configuration file.
        #[arg(long, default_value = "/etc/vitalpost/vitalpost.toml")]
        config: PathBuf,
    },
    /// Run the local MQTT broker behind TLS and access rules; always a process of its own.
    Broker(broker::BrokerArgs),
}

#[derive(Subcommand)]
enum KeyWord {
    /// Make a key file that only its owner may read.
    New {
        /// The file; must not exist yet.
        file: PathBuf,
    },
}

#[derive(Args)]
struct ReplayArgs {
    /// The capture of a line. With --alarms: a CSV file of numbers (BIDMC), a WFDB record, or a folder of them.
    file: PathBuf,
    /// How the device talks, for a capture that does not say so itself.
    #[arg(long, conflicts_with = "alarms")]
    family: Option<String>,
    /// Tell every alarm that the recording would raise with the present rules.
    #[arg(long)]
    alarms: bool,
    #[command(flatten)]
    recording: replay::RecordingArgs,
}

fn replayed(args: &ReplayArgs) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.alarms {
        let told = replay::replay(&args.file, &args.recording, &mut out);
        out.flush()?;
        return told.map_err(Into::into);
    }
    lines::replay(&args.file, args.family.as_deref(), &mut out)?;
    out.flush().map_err(Into::into)
}

fn run(options: app::RunOptions) -> ExitCode {
    match app::run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vitalpost: {error}");
            ExitCode::from(error.exit_status())
        }
    }
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("VITALPOST_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,rumqttd=off,tokio_modbus=off"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .with_target(false)
        .init();
    let result: anyhow::Result<()> = match Cli::parse().word {
        Word::Run { config, ui_dir } => return run(app::RunOptions { config, ui_dir }),
        Word::Check { file } => return app::check(&file),
        Word::Export(args) => export::run(&args).map_err(Into::into),
        Word::Audit(args) => audit::run(&args, &mut std::io::stdout().lock()).map_err(Into::into),
        Word::Key {
            word: KeyWord::New { file },
        } => app::new_key(&file).map_err(Into::into),
        Word::User(args) => app::user(args).map_err(Into::into),
        Word::Health(args) => return app::health(&args),
        Word::AllowUpdate(args) => app::allow_update(args).map_err(Into::into),
        Word::Rekey { config, new_key } => app::rekey(&config, &new_key).map_err(Into::into),
        Word::Backup { config, to } => app::backup(&config, &to).map_err(Into::into),
        Word::StoreSchema => {
            app::store_schema();
            Ok(())
        }
        Word::StoreBack { config, copy } => app::store_back(&config, &copy).map_err(Into::into),
        Word::Probe(args) => match lines::probe(&args, &mut std::io::stdout().lock()) {
            Ok(true) => Ok(()),
            // Nothing was recognised, and that was said.
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => Err(error.into()),
        },
        Word::Replay(args) => replayed(&args),
        Word::SoundTest { config } => app::sound_test(&config).map_err(Into::into),
        Word::Broker(args) => broker::run(&args).map_err(Into::into),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vitalpost: {error:#}");
            ExitCode::FAILURE
        }
    }
}
