//! The project's words: `cargo xtask WORD`. One file or folder per word; continuous integration runs only these.
//!
//! This crate imports none of ours: it must build and speak even when the product does not.

mod bench;
mod clock;
mod command;
mod cross;
mod deb;
mod debian;
mod demo;
mod dist;
mod e2e;
mod fuzz;
mod kill;
mod pictures;
mod release;
mod sim;
mod test;
mod tidy;
mod tools;
mod ui;
mod vm;
mod workspace;
mod yocto;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "What a person can do with this repository, one word each."
)]
struct Cli {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Builds the web pages when their sources have changed.
    Ui,
    /// Starts a whole health post and its centre with six simulated bedside devices.
    Demo(demo::DemoArgs),
    /// Prints the six digits with which the demo's people sign in now.
    DemoCode(demo::app::CodeArgs),
    /// Takes pictures of every page in three sizes, to be looked at.
    Pictures(pictures::PicturesArgs),
    /// Runs every check a contributor can run.
    Test(test::TestArgs),
    /// Checks the rules of the tree: arrows, sizes, driver folders, words, documents.
    Tidy,
    /// Runs the outage test with real processes several times in a row.
    E2e(e2e::E2eArgs),
    /// Runs the ward in a box over many seeds.
    Sim(sim::SimArgs),
    /// Kills the appliance many times under load and looks for what was lost.
    Kill(kill::KillArgs),
    /// Feeds every decoder and wire message with what reaches new code, until something breaks.
    Fuzz(fuzz::FuzzArgs),
    /// Builds the programs for another architecture and tries them under emulation.
    Cross(cross::CrossArgs),
    /// Builds the Debian packages of post and centre.
    Deb(deb::DebArgs),
    /// Makes a release: everything built twice and compared, packages, bills of materials, checksums, notes.
    Release(release::ReleaseArgs),
    /// Installs the package in a virtual machine, cuts its power, upgrades and purges it.
    Vm(vm::VmArgs),
    /// Measures a part and prints each figure beside its goal.
    Bench(bench::BenchArgs),
    /// Keeps the crates of the Yocto recipe with Cargo.lock, and checks the layer.
    Yocto(yocto::YoctoArgs),
    /// One program of the demo; dies with it.
    #[command(hide = true)]
    Child(demo::child::ChildArgs),
}

fn main() -> ExitCode {
    let done = |()| ExitCode::SUCCESS;
    let result = match Cli::parse().word {
        Word::Ui => ui::build_if_stale().map(done),
        Word::Demo(args) => demo::run(&args).map(done),
        Word::DemoCode(args) => demo::app::run(&args).map(done),
        Word::Pictures(args) => pictures::run(&args).map(done),
        Word::Test(args) => test::run(&args),
        Word::Tidy => tidy::run().map(done),
        Word::E2e(args) => e2e::run(&args).map(done),
        Word::Sim(args) => sim::run(&args).map(done),
        Word::Kill(args) => kill::run(&args).map(done),
        Word::Fuzz(args) => fuzz::run(&args),
        Word::Release(args) => release::run(&args).map(done),
        Word::Vm(args) => vm::run(&args).map(done),
        Word::Cross(args) => cross::run(&args).map(done),
        Word::Deb(args) => deb::run(&args).map(done),
        Word::Bench(args) => bench::run(&args).map(done),
        Word::Yocto(args) => yocto::run(&args).map(done),
        Word::Child(args) => demo::child::run(&args).map(done),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
