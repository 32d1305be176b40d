//! Compiles the public contract `proto/vitalpost.proto` without needing protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto/vitalpost.proto");
    let files = protox::compile(["vitalpost.proto"], ["proto"])?;
    prost_build::Config::new().compile_fds(files)?;
    Ok(())
}
