//! The test of the tests: four small, classic mistakes, one for each promise that the ward in a box checks. Each must be
//! found within two hundred seeds, by the check of that promise, in a world that is clean without it.

use std::time::Duration;

use link::Message;
use vitals::wire::{Block, Envelope, Receipt, topic};
use vitals::{MonoTime, Record, Seq};

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

/// The mistake of I1: what the broker has is taken for delivered.
pub(super) fn receipt_for(message: &Message) -> Option<Message> {
    let envelope = Envelope::decode(&message.payload).ok()?;
    let receipt = Receipt {
        post: envelope.post.clone(),
        epoch: envelope.epoch,
        lane: envelope.lane,
        contiguous: Seq(envelope.first.0 + u64::from(envelope.count) - 1),
        missing: Vec::new(),
    };
    Some(Message {
        topic: topic::receipt(&envelope.post),
        payload: receipt.encode(),
        retain: false,
    })
}

/// The mistake of I8: what is older than half a minute is sent with the time of sending.
pub(super) fn stamped_now(message: Message, now: MonoTime) -> Message {
    let Ok(mut envelope) = Envelope::decode(&message.payload) else {
        return message;
    };
    let Ok(block) = Block::decode(&envelope.block) else {
        return message;
    };
    let late = |at: MonoTime| now.since(at) > Duration::from_secs(30);
    let records = block.records.into_iter().map(|mut record| {
        if let Record::Reading(reading) = &mut record
            && late(reading.at)
        {
            reading.at = now;
        }
        record
    });
    let records = records.collect();
    envelope.block = Block { records, ..block }.encode();
    Message {
        payload: envelope.encode(),
        ..message
    }
}
