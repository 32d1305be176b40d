//! `vitalpost allow-update`: asks the post, or where none runs its rules alone, whether the box may be updated now.

use std::path::PathBuf;

use clap::Args;

use super::people::{UserError, ask_post};
use super::{AppError, custody};
use crate::access::control::{Asked, Order, Step, decide};
use crate::config;

/// `vitalpost allow-update`
#[derive(Args)]
pub struct AllowArgs {
    /// The configuration file of the post.
    #[arg(long, default_value = "/etc/vitalpost/vitalpost.toml")]
    config: PathBuf,
    /// What is wanted: install, restart or back.
    #[arg(long, value_parser = step)]
    step: Step,
    /// The version of the box that runs.
    #[arg(long)]
    running: String,
    /// The version that shall run.
    #[arg(long)]
    offered: String,
    /// The person who decides.
    #[arg(long, default_value = "")]
    by: String,
    /// That person says: although it is older.
    #[arg(long)]
    older: bool,
    /// That person says: although an alarm of high priority is open.
    #[arg(long)]
    during_alarm: bool,
}

fn step(text: &str) -> Result<Step, String> {
    Step::from_key(text).ok_or_else(|| "the steps are install, restart and back".to_owned())
}

/// Asks. What the post answers stands in its audit.
///
/// # Errors
/// It is not allowed, or nobody could be asked: why, for whoever stands there.
pub fn allow_update(args: AllowArgs) -> Result<(), UserError> {
    let asked = Asked {
        step: args.step,
        running: args.running,
        offered: args.offered,
        by: args.by,
        older: args.older,
        during_alarm: args.during_alarm,
    };
    // A box whose configuration is wrong must be open to the version that reads it.
    let folder = config::load(&args.config).map(|config| custody::folder(&config));
    let folder = folder
        .map_err(|error| eprintln!("vitalpost: {}", AppError::from(error)))
        .ok();
    let order = Order::Update { asked: asked.clone() };
    let answer = folder.map_or(Ok(None), |folder| ask_post(&folder, &order))?;
    let allowed = match answer {
        None => {
            eprintln!("the post does not run: nobody can say whether an alarm is open");
            decide(&asked, None).map_err(|refusal| UserError::Refused(refusal.to_string()))?
        }
        Some(answer) => match (answer.allowed, answer.error) {
            (Some(allowed), _) => allowed,
            (None, error) => return Err(UserError::Refused(error.unwrap_or_default())),
        },
    };
    println!("allowed{allowed}");
    Ok(())
}
