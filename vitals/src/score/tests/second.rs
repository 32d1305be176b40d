//! NEWS2 a second time: if after if, from the chart's text, on whole numbers, and nothing of the first one in it.

/// Whole numbers, temperature in tenths. `None`: missing.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub rr: Option<i64>,
    pub spo2: Option<i64>,
    pub scale: u8,
    pub oxygen: Option<bool>,
    pub sbp: Option<i64>,
    pub pulse: Option<i64>,
    pub acvpu: Option<char>,
    pub temp: Option<i64>,
}

pub fn rr(n: i64) -> u8 {
    if n >= 25 {
        3
    } else if n >= 21 {
        2
    } else if n >= 12 {
        0
    } else if n >= 9 {
        1
    } else {
        3
    }
}

pub fn spo2(n: i64, scale: u8, oxygen: bool) -> u8 {
    if scale == 1 {
        if n >= 96 {
            return 0;
        }
        if n == 94 || n == 95 {
            return 1;
        }
        if n == 92 || n == 93 {
            return 2;
        }
        return 3;
    }
    if n <= 83 {
        return 3;
    }
    if n <= 85 {
        return 2;
    }
    if n <= 87 {
        return 1;
    }
    if n <= 92 || !oxygen {
        return 0;
    }
    if n == 93 || n == 94 {
        return 1;
    }
    if n == 95 || n == 96 {
        return 2;
    }
    3
}

pub fn sbp(n: i64) -> u8 {
    if n >= 220 {
        3
    } else if n >= 111 {
        0
    } else if n >= 101 {
        1
    } else if n >= 91 {
        2
    } else {
        3
    }
}

pub fn pulse(n: i64) -> u8 {
    if n >= 131 {
        3
    } else if n >= 111 {
        2
    } else if n >= 91 {
        1
    } else if n >= 51 {
        0
    } else if n >= 41 {
        1
    } else {
        3
    }
}

pub fn temp(tenths: i64) -> u8 {
    if tenths >= 391 {
        2
    } else if tenths >= 381 {
        1
    } else if tenths >= 361 {
        0
    } else if tenths >= 351 {
        1
    } else {
        3
    }
}

/// Total, red and band, as text; or the reason with its keys, and red.
pub fn score(seen: Seen) -> String {
    let (mut total, mut red) = (0, false);
    let (mut missing, mut impossible): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut add = |points: u8| {
        total += u32::from(points);
        red = red || points == 3;
    };
    match seen.rr {
        None => missing.push("rr"),
        Some(n) if !(0..=99).contains(&n) => impossible.push("rr"),
        Some(n) => add(rr(n)),
    }
    match seen.spo2 {
        None => missing.push("spo2"),
        Some(n) if !(1..=100).contains(&n) => impossible.push("spo2"),
        Some(n) => match seen.oxygen {
            Some(oxygen) => add(spo2(n, seen.scale, oxygen)),
            None if seen.scale == 1 || n < 93 => add(spo2(n, seen.scale, true)),
            None => {}
        },
    }
    match seen.oxygen {
        None => missing.push("on_oxygen"),
        Some(oxygen) => add(if oxygen { 2 } else { 0 }),
    }
    match seen.sbp {
        None => missing.push("sbp"),
        Some(n) if !(30..=300).contains(&n) => impossible.push("sbp"),
        Some(n) => add(sbp(n)),
    }
    match seen.pulse {
        None => missing.push("pulse"),
        Some(n) if !(20..=300).contains(&n) => impossible.push("pulse"),
        Some(n) => add(pulse(n)),
    }
    match seen.acvpu {
        None => missing.push("acvpu"),
        Some(letter) => add(if letter == 'A' { 0 } else { 3 }),
    }
    match seen.temp {
        None => missing.push("temp"),
        Some(n) if !(250..=450).contains(&n) => impossible.push("temp"),
        Some(n) => add(temp(n)),
    }
    if !impossible.is_empty() {
        return format!("invalid {} red {red}", impossible.join(","));
    }
    if !missing.is_empty() {
        return format!("incomplete {} red {red}", missing.join(","));
    }
    let band = if total >= 7 {
        "high"
    } else if total >= 5 {
        "medium"
    } else if red {
        "low-medium"
    } else {
        "low"
    };
    format!("{total} {band} red {red}")
}
