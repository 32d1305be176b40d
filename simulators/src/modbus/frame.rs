//! RTU and TCP framing and the CRC, written from the protocol sheet.

/// Longest RTU frame.
pub const RTU_BYTES_MAX: usize = 256;
/// Longest TCP message.
pub const TCP_BYTES_MAX: usize = 260;

/// CRC-16 of Modbus: polynomial A001h reflected, start FFFFh. Goes out low byte first.
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _bit| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xA001
            } else {
                crc >> 1
            }
        })
    })
}

/// The unit and the PDU of a whole RTU frame.
pub(super) fn open_rtu(frame: &[u8]) -> Option<(u8, &[u8])> {
    if frame.len() > RTU_BYTES_MAX {
        return None;
    }
    let (body, check) = frame.split_last_chunk::<2>()?;
    let (unit, pdu) = body.split_first()?;
    (!pdu.is_empty() && crc16(body) == u16::from_le_bytes(*check)).then_some((*unit, pdu))
}

/// The RTU frame around a PDU.
pub(super) fn close_rtu(unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut frame = vec![unit];
    frame.extend_from_slice(pdu);
    let check = crc16(&frame);
    frame.extend(check.to_le_bytes());
    frame
}

/// Whether these bytes are one whole request: the length fits its function, and the check fits.
pub(super) fn is_request(frame: &[u8]) -> bool {
    let length = match frame.get(1) {
        Some(1..=6) => Some(8),
        Some(15 | 16) => frame.get(6).map(|count| 9 + usize::from(*count)),
        // Nobody knows how long a request of another function is; the check has to do.
        Some(_) => Some(frame.len()),
        None => None,
    };
    length == Some(frame.len()) && open_rtu(frame).is_some()
}

/// What must come back in the answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct TcpHeader {
    transaction: [u8; 2],
    /// The unit that is asked.
    pub(super) unit: u8,
}

/// The header and the PDU of a whole TCP message.
pub(super) fn open_tcp(message: &[u8]) -> Option<(TcpHeader, &[u8])> {
    let (header, pdu) = message.split_first_chunk::<7>()?;
    let [
        id_high,
        id_low,
        protocol_high,
        protocol_low,
        length_high,
        length_low,
        unit,
    ] = *header;
    let length = usize::from(u16::from_be_bytes([length_high, length_low]));
    let whole = length == pdu.len() + 1 && message.len() <= TCP_BYTES_MAX;
    let header = TcpHeader {
        transaction: [id_high, id_low],
        unit,
    };
    ((protocol_high, protocol_low) == (0, 0) && whole && !pdu.is_empty()).then_some((header, pdu))
}

/// The TCP message around a PDU.
pub(super) fn close_tcp(header: TcpHeader, pdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(pdu.len() + 1).expect("a PDU has at most 253 bytes");
    let mut message = header.transaction.to_vec();
    message.extend([0, 0]);
    message.extend(length.to_be_bytes());
    message.push(header.unit);
    message.extend_from_slice(pdu);
    message
}
