//! The link against a broker that does what each test tells it to.

mod fake_broker;
mod life;
mod sign_on;
