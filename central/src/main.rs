//! `vitalpost-central`: the doctors' side.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use central::access::direct;
use central::access::local::Asked;
use central::access::manage::Order as UserOrder;
use central::access::policy::Role;
use central::certificates::{self, Order, Sensor};
use central::clock::Clock;
use central::config::{Config, ConfigError};
use central::store::{CentreStore, Next, Query, RedbStore};
use central::{app, dump};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use vitals::{Lane, PostId};

/// The doctors' side of Vitalpost: receives what the health posts send, keeps it, shows it.
#[derive(Parser)]
#[command(name = "vitalpost-central", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the centre until it is told to stop.
    Run {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        /// Serve the page from this dist folder instead of the built-in one.
        #[arg(long)]
        ui_dir: Option<PathBuf>,
    },
    /// Make the certificates of authority, broker, centre, posts and their sensors; existing files are kept.
    Certificates {
        /// The folder.
        #[arg(long)]
        dir: PathBuf,
        /// A name or address under which posts reach the broker; may be repeated.
        #[arg(long = "server-name", required = true)]
        server_names: Vec<String>,
        /// The id of a post; may be repeated.
        #[arg(long = "post")]
        posts: Vec<PostId>,
        /// One of a post's own sensors; may be repeated.
        #[arg(long = "sensor", value_name = "POST/DEVICE")]
        sensors: Vec<Sensor>,
    },
    /// Accept what is wrong with a post's audit so far, and the key that its box signs with now: after a box or its card was
    /// replaced, or a backup was put back. The centre must be stopped.
    AuditAccept {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        /// Which post.
        #[arg(long)]
        post: PostId,
    },
    /// Print every stored record as one line of JSON, in order of post, lane, epoch, seq. The centre must be stopped.
    Dump {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        /// Only this lane: alerts, events, summaries, vitals or waves.
        #[arg(long, value_parser = lane)]
        lane: Option<Lane>,
        /// Only this post.
        #[arg(long)]
        post: Option<PostId>,
    },
    /// Make and change the accounts of doctors and managers, whether the centre runs or not.
    User {
        #[command(subcommand)]
        what: UserCommand,
        /// The configuration file.
        #[arg(long, global = true, default_value = "/etc/vitalpost/central.toml")]
        config: PathBuf,
    },
    /// Look at the centre's audit, whether the centre runs or not.
    Audit {
        #[command(subcommand)]
        what: AuditCommand,
        /// The configuration file.
        #[arg(long, global = true, default_value = "/etc/vitalpost/central.toml")]
        config: PathBuf,
    },
}

#[derive(Subcommand)]
enum UserCommand {
    /// Make an account; prints the code with which the person begins, once.
    Add {
        /// What the person types to sign in: 2 to 32 of a-z, 0-9, '.' and '-'. Never used again for somebody else.
        id: String,
        /// The person's name, as nurses read it.
        #[arg(long)]
        name: String,
        /// doctor or manager; may be repeated.
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
    },
    /// Print all accounts.
    List,
    /// Let nobody in by this account any more, and sign it out.
    Disable {
        /// The sign-in name.
        id: String,
    },
    /// Let the person in again.
    Enable {
        /// The sign-in name.
        id: String,
    },
    /// Password forgotten or telephone lost: prints a new code to begin with, once.
    Reset {
        /// The sign-in name.
        id: String,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Say whether anything in the audit was changed, taken out or put in.
    Verify,
    /// Print the audit as a table (CSV).
    Csv,
}

fn lane(text: &str) -> Result<Lane, String> {
    Lane::from_key(text).ok_or_else(|| "use alerts, events, summaries, vitals or waves".to_owned())
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("VITALPOST_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .init();
    let result = match Arguments::parse().command {
        Command::Run { config, ui_dir } => run(&config, ui_dir),
        Command::Certificates {
            dir,
            server_names,
            posts,
            sensors,
        } => make_certificates(Order {
            dir,
            server_names,
            posts,
            sensors,
        }),
        Command::AuditAccept { config, post } => accept_audit(&config, &post),
        Command::Dump { config, lane, post } => print_records(&config, lane, post),
        Command::User { what, config } => carry_out(&config, &Asked::User(order(what))),
        Command::Audit { what, config } => carry_out(
            &config,
            &match what {
                AuditCommand::Verify => Asked::AuditVerify,
                AuditCommand::Csv => Asked::AuditCsv,
            },
        ),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vitalpost-central: {error}");
            // EX_CONFIG of sysexits.h: systemd does not try again at once what only another configuration mends.
            let is_configuration = error.is::<ConfigError>();
            ExitCode::from(if is_configuration { 78 } else { 1 })
        }
    }
}

#[tokio::main]
async fn run(config: &Path, ui_dir: Option<PathBuf>) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let stop = CancellationToken::new();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let asked = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        asked.cancel();
    });
    Ok(app::run(config, ui_dir, stop).await?)
}

fn order(what: UserCommand) -> UserOrder {
    match what {
        UserCommand::Add { id, name, roles } => UserOrder::Add { id, name, roles },
        UserCommand::List => UserOrder::List,
        UserCommand::Disable { id } => UserOrder::Disable(id),
        UserCommand::Enable { id } => UserOrder::Enable(id),
        UserCommand::Reset { id } => UserOrder::Reset(id),
    }
}

fn carry_out(config: &Path, asked: &Asked) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let mut out = BufWriter::new(io::stdout().lock());
    direct::carry_out(&config.store.path, asked, &mut out)?;
    Ok(out.flush()?)
}

fn make_certificates(order: Order) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    for made in certificates::make(&order, Clock.wall())? {
        let what = if made.new { "made" } else { "kept" };
        writeln!(
            out,
            "{what} {} and its .key: {}",
            made.file.display(),
            made.belongs
        )?;
    }
    Ok(())
}

fn accept_audit(config: &Path, post: &PostId) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let accepted = RedbStore::open_existing(&config.store.path)?.accept_audit(post)?;
    println!(
        "{accepted} signed heads of post {post} are accepted as they are; the key it signs with now counts from here on"
    );
    Ok(())
}

fn print_records(config: &Path, lane: Option<Lane>, post: Option<PostId>) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let store = RedbStore::open_existing(&config.store.path)?;
    let query = Query {
        post,
        lane,
        ..Query::default()
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    store.records(&query, &mut |post, stored| {
        written = writeln!(out, "{}", dump::line(post, &stored));
        if written.is_ok() { Next::More } else { Next::Enough }
    })?;
    Ok(written.and_then(|()| out.flush())?)
}
