//! `vitalpost-simulators`: bedside devices for people and tests without hardware. See the README beside it.
//!
//! Owns the command line and the end of the program: SIGTERM or SIGINT ends it cleanly and removes the link.

use std::process::ExitCode;

use clap::Parser;

mod args;
mod run;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let ended = match args.device {
        args::Device::Nonin(nonin) => run::nonin::run(&nonin),
        args::Device::Family(device) => run::device::run(&device),
        args::Device::ModbusRtu(line) => run::modbus_rtu::run(&line),
        args::Device::ModbusTcp(listener) => run::modbus_tcp::run(&listener),
        args::Device::Sensor(sensor) => run::sensor::run(&sensor),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Every error text names its cause itself.
            eprintln!("vitalpost-simulators: {error}");
            ExitCode::FAILURE
        }
    }
}
