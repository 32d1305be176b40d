//! What the operator's labels mean in the table of codes, and numbers for what the table does not know.

use vitals::Code;

/// A pressure's systolic, diastolic and mean value, its pulse and its curve, as far as the table has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressure {
    /// In an artery: radial, femoral or umbilical.
    Arterial,
    /// Central venous.
    CentralVenous,
}

/// The pressure with this label. `Ok(None)`: the channel has no label.
///
/// # Errors
/// With a number for [`crate::LineFault::UnknownCode`] when the table has no such pressure.
pub(super) fn pressure(label: u16) -> Result<Option<Pressure>, u32> {
    match label {
        0 => Ok(None),
        // ART, ABP, FEM, UAC
        1 | 8 | 16 | 17 => Ok(Some(Pressure::Arterial)),
        2 => Ok(Some(Pressure::CentralVenous)),
        other => Err(UNKNOWN_PRESSURE + u32::from(other)),
    }
}

/// The temperature with this label. `Ok(None)`: the channel is not used.
///
/// # Errors
/// With a number for [`crate::LineFault::UnknownCode`] when it is none of a body, or the label is not documented.
pub(super) fn temperature(label: u16) -> Result<Option<Code>, u32> {
    Ok(Some(match label {
        0 => return Ok(None),
        // Oesophagus, nasopharynx, bladder, core
        1 | 2 | 5 | 15 => Code::TempCore,
        3 => Code::TempTymp,
        4 => Code::TempRect,
        6 => Code::TempAxil,
        // Skin, surface
        7 | 16 => Code::TempSkin,
        // T1 to T4, T5, T6
        11..=14 | 17 | 18 => Code::Temp,
        other => return Err(UNKNOWN_TEMPERATURE + u32::from(other)),
    }))
}

/// Bits 0 and 1 of an oximeter's label: where the saturation is measured.
pub(super) const VENOUS_SATURATION: u16 = 2;

/// The curve of this lead.
pub(super) fn lead(code: u8) -> Option<Code> {
    Some(match code {
        1 => Code::EcgI,
        2 => Code::EcgII,
        3 => Code::EcgIII,
        4 => Code::EcgAvr,
        5 => Code::EcgAvl,
        6 => Code::EcgAvf,
        7 => Code::EcgV,
        _ => return None,
    })
}

/// The leads of channels 1, 2 and 3: bits 8 to 11, 4 to 7, 0 to 3, in this order.
pub(super) fn leads(label: u16) -> [u8; 3] {
    [8, 4, 0].map(|shift| (label >> shift & 0x0F).to_le_bytes()[0])
}

// The number of an unknown code is one of these and, in its low 16 bits, what the monitor sent.

/// A pressure that the table does not know, with its label.
pub(super) const UNKNOWN_PRESSURE: u32 = 1 << 16;
/// A temperature that the table does not know, with its label.
pub(super) const UNKNOWN_TEMPERATURE: u32 = 2 << 16;
/// A saturation that is not arterial, with its label.
pub(super) const UNKNOWN_SATURATION: u32 = 3 << 16;
/// A second oximeter: the table has room for one finger.
pub(super) const SECOND_SATURATION: u32 = UNKNOWN_SATURATION + 0xFFFF;
/// A main type that is not documented for this interface.
pub(super) const UNKNOWN_MAIN: u32 = 4 << 16;
/// A subrecord of values that is not documented, with its type.
pub(super) const UNKNOWN_PART: u32 = 5 << 16;
/// A class that is not documented.
pub(super) const UNKNOWN_CLASS: u32 = 6 << 16;
/// A curve that the table does not know, with its type.
pub(super) const UNKNOWN_WAVE: u32 = 7 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_leads_is_the_vendors() {
        // Channel 1 lead II, channel 2 lead V, channel 3 lead I.
        assert_eq!(
            leads(0x0271).map(lead),
            [Some(Code::EcgII), Some(Code::EcgV), Some(Code::EcgI)]
        );
    }

    #[test]
    fn every_label_is_known_or_counted() {
        let pressures: Vec<_> = (0..=22).filter(|label| pressure(*label).is_ok()).collect();
        assert_eq!(pressures, [0, 1, 2, 8, 16, 17]);
        let not_of_a_body: Vec<_> = (0..=19).filter(|label| temperature(*label).is_err()).collect();
        // Airway, room, myocardium, and the first that is not documented.
        assert_eq!(not_of_a_body, [8, 9, 10, 19]);
    }
}
