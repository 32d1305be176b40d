//! The test of the tests: four small, classic mistakes, one for each promise that the ward in a box checks. Each must be
//! found within a few hundred seeds (`cargo xtask sim --mutate`).

/// A mistake made on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// I1: a PUBACK of the broker counts as a receipt of the centre.
    PubackIsDelivery,
    /// I2: the centre takes repeats for new records.
    RepeatsCountAgain,
    /// I7: an alert is sent when the readings before it have left.
    AlertsWaitForReadings,
    /// I8: what is sent late is stamped with the time of sending.
    LateIsStampedNow,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Mutation; 4] = [
        Mutation::PubackIsDelivery,
        Mutation::RepeatsCountAgain,
        Mutation::AlertsWaitForReadings,
        Mutation::LateIsStampedNow,
    ];

    /// The promise that it breaks.
    pub fn breaks(self) -> &'static str {
        match self {
            Mutation::PubackIsDelivery => "I1",
            Mutation::RepeatsCountAgain => "I2",
            Mutation::AlertsWaitForReadings => "I7",
            Mutation::LateIsStampedNow => "I8",
        }
    }
}
