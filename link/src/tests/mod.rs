//! The link against a broker that does what each test tells it to.

/// A test of each of these promises with either version of MQTT. A promise that is not named here is dead code.
macro_rules! with_both {
    ($($promise:ident),* $(,)?) => {
        mod v5 {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(crate::Mqtt::V5).await;
            })*
        }
        mod v311 {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(crate::Mqtt::V311).await;
            })*
        }
    };
}

mod fake_broker;
mod life;
mod packets;
mod sign_on;
