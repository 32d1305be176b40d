//! How a line of Modbus units is asked: rates, repetitions, back-off, refusals, late answers, confirmation.

mod support;

use std::sync::Arc;
use std::time::Duration;

use drivers::LineFault;
use drivers::catalog::{Parity, SerialSettings};
use drivers::modbus_map::{
    Answer, BACK_OFF_MAX, Finding, Found, LineTiming, Map, Poll, PollError, Poller, Request, Table, UnitPlan,
    builtin,
};
use support::{ms, tell_fault, tell_seen};
use vitals::MonoTime;

const LINE: SerialSettings = SerialSettings::new(19200, Parity::Even);

fn map(text: &str) -> Arc<Map> {
    Arc::new(Map::parse("test.toml", text).unwrap_or_else(|error| panic!("{error}")))
}

fn bedside() -> Arc<Map> {
    map(builtin("bedside-invented").expect("it is built in"))
}

/// A map of plain registers, `extra` lines in the defaults, one signal per address.
fn plain(defaults: &str, addrs: &[u16]) -> Arc<Map> {
    let mut text = format!(
        "format = 1\ndevice = {{ make = \"\", model = \"\", kind = \"\", source = \"test\" }}\n\
         defaults = {{ table = \"input\", {defaults} }}\n"
    );
    for addr in addrs {
        text += &format!("[[signal]]\nid = \"r{addr}\"\naddr = {addr}\n");
    }
    map(&text)
}

/// Plays a line for some time: `device` answers each question; a time-out takes its time, an answer 20 ms.
struct Line {
    poller: Poller,
    now: MonoTime,
    asked: Vec<(u64, Request)>,
    told: Vec<Finding>,
}

impl Line {
    fn of(units: &[(u8, Arc<Map>)]) -> Line {
        let plans = units
            .iter()
            .map(|(unit, map)| UnitPlan {
                unit: *unit,
                map: map.clone(),
            })
            .collect();
        Line {
            poller: Poller::new(plans, LineTiming::serial(LINE)),
            now: ms(1000),
            asked: Vec::new(),
            told: Vec::new(),
        }
    }

    fn run(
        &mut self,
        seconds: u64,
        mut device: impl FnMut(u64, Request) -> Result<Vec<u16>, PollError>,
    ) -> &mut Line {
        let until = self.now + Duration::from_secs(seconds);
        while self.now < until {
            match self.poller.next(self.now) {
                Poll::SleepUntil(at) => {
                    assert!(at > self.now, "a poller that sleeps until the past spins");
                    self.now = at.min(until);
                }
                Poll::Read(request) => {
                    self.asked.push((self.now.as_ms(), request));
                    let answer = device(self.now.as_ms(), request);
                    let took = match answer {
                        Err(PollError::Timeout) => request.timeout,
                        _ => Duration::from_millis(20),
                    };
                    self.now = self.now + took;
                    let answer = answer.map(Answer::Words);
                    self.told
                        .extend(self.poller.answered(self.now, request.unit, answer));
                }
            }
        }
        self
    }

    fn told(&self) -> Vec<String> {
        self.told
            .iter()
            .map(|finding| {
                let what = match &finding.what {
                    Found::Saw(seen) => tell_seen(seen),
                    Found::Text { signal, text } => format!("{signal} {text:?}"),
                    Found::Fault(fault) => tell_fault(*fault),
                };
                format!("{} {what}", finding.unit)
            })
            .collect()
    }

    fn questions(&self, unit: u8) -> Vec<u64> {
        self.asked
            .iter()
            .filter(|(_, request)| request.unit == unit)
            .map(|(at, _)| *at)
            .collect()
    }
}

/// The registers of the bedside map for a question that covers them all.
fn bank(spo2: u16, pr: u16) -> [u16; 11] {
    [0, 80, pr, spo2, 16, 366, 120, 80, 93, 5, 1]
}

fn part(bank: &[u16], request: Request) -> Vec<u16> {
    bank[usize::from(request.addr)..usize::from(request.addr + request.count)].to_vec()
}

#[test]
fn i10_only_the_four_reading_tables_exist_and_a_question_stays_within_the_protocol() {
    let mut line = Line::of(&[(1, bedside()), (2, map(builtin("epever-tracer").unwrap()))]);
    line.run(60, |_, request| {
        assert!(matches!(
            request.table,
            Table::Coil | Table::Discrete | Table::Holding | Table::Input
        ));
        assert!((1..=125).contains(&request.count));
        Err(PollError::Exception(6))
    });
    assert!(line.asked.len() > 60);
}

#[test]
fn a_unit_is_asked_once_a_second_on_the_grid() {
    let mut line = Line::of(&[(1, bedside())]);
    line.run(10, |_, request| Ok(part(&bank(97, 72), request)));
    // The first second has the confirmation of the first values.
    let gaps: Vec<u64> = line
        .questions(1)
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!(
        gaps.iter().skip(1).all(|gap| (995..=1025).contains(gap)),
        "{gaps:?}"
    );
    assert_eq!(line.questions(1).len(), 10);
}

#[test]
fn first_values_and_jumps_are_confirmed_by_the_next_answer_and_small_steps_are_not() {
    let mut line = Line::of(&[(1, bedside())]);
    let spo2 = [97, 97, 96, 80, 80, 96, 80, 96];
    line.run(8, |at, request| {
        Ok(part(&bank(spo2[(at / 1000 - 1) as usize], 72), request))
    });
    let seen: Vec<String> = line
        .told()
        .into_iter()
        .filter(|line| line.contains("spo2"))
        .collect();
    assert_eq!(
        seen,
        ["1 spo2 97", "1 spo2 96", "1 spo2 80", "1 spo2 80"],
        "{:?}",
        line.told()
    );
}

#[test]
fn i5_status_bits_give_reasons_and_never_numbers() {
    let mut line = Line::of(&[(1, bedside())]);
    line.run(3, |_, request| {
        Ok(part(
            &[
                0b10_0011, 0, 72, 97, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 1,
            ],
            request,
        ))
    });
    let mut told: Vec<String> = line.told();
    told.retain(|line| !line.contains("fault"));
    told.truncate(8);
    assert_eq!(
        told,
        [
            "1 hr ProbeOff",
            "1 pr ProbeOff",
            "1 spo2 ProbeOff",
            "1 rr ProbeOff",
            "1 temp NotAvailable",
            "1 nibp_s NotAvailable",
            "1 nibp_d NotAvailable",
            "1 nibp_m NotAvailable"
        ]
    );
}

#[test]
fn low_perfusion_makes_values_questionable() {
    let mut line = Line::of(&[(1, bedside())]);
    line.run(2, |_, request| {
        let mut bank = bank(97, 72);
        bank[0] = 8;
        Ok(part(&bank, request))
    });
    let told = line.told();
    assert!(told.contains(&"1 spo2 97 questionable".to_owned()), "{told:?}");
    assert!(told.contains(&"1 hr 80".to_owned()), "{told:?}");
}

#[test]
fn a_cuff_pressure_is_told_once_per_measurement_at_its_own_time() {
    let mut line = Line::of(&[(1, bedside())]);
    // The cuff measured 5 s before the boot, which no time of this boot can name (I4), and again after 30 s and 60 s; the
    // last value differs in one part only.
    line.run(120, |at, request| {
        let mut bank = bank(97, 72);
        let measured_at = [61_000, 31_000].into_iter().find(|from| at >= *from);
        bank[9] = ((at as i64 - measured_at.map_or(-4000, |from| from as i64)) / 1000) as u16;
        bank[6] = if at < 61_000 { 120 } else { 125 };
        Ok(part(&bank, request))
    });
    let cuff: Vec<(u64, String)> = line
        .told
        .iter()
        .zip(line.told())
        .filter(|(_, told)| told.contains("nibp"))
        .map(|(finding, told)| (finding.at.as_ms() / 1000, told))
        .collect();
    let times: Vec<u64> = cuff.iter().map(|(at, _)| *at).collect();
    let values: Vec<&str> = cuff.iter().map(|(_, told)| told.as_str()).collect();
    assert_eq!(
        values,
        [
            "1 nibp_s NotMeasured",
            "1 nibp_d NotMeasured",
            "1 nibp_m NotMeasured",
            "1 nibp_s 120",
            "1 nibp_d 80",
            "1 nibp_m 93",
            "1 nibp_s 125",
            "1 nibp_d 80",
            "1 nibp_m 93"
        ]
    );
    assert!(times[3..6].iter().all(|at| (30..=32).contains(at)), "{times:?}");
    assert!(times[6..].iter().all(|at| (60..=62).contains(at)), "{times:?}");
}

#[test]
fn a_dead_unit_costs_the_others_nothing_but_its_probes() {
    let mut line = Line::of(&[(1, bedside()), (2, bedside()), (3, bedside())]);
    line.run(300, |_, request| match request.unit {
        2 => Err(PollError::Timeout),
        _ => Ok(part(&bank(97, 72), request)),
    });
    for unit in [1, 3] {
        let asked = line.questions(unit);
        assert!(asked.len() >= 297, "unit {unit} was asked {} times", asked.len());
        let worst = asked.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(worst < 1700, "unit {unit} waited {worst} ms");
    }
    // Three cycles of three attempts, then single probes after 2, 4, 8, 16, 32, 60, 60 ... s.
    let probes: Vec<u64> = line.questions(2)[8..].to_vec();
    let pauses: Vec<u64> = probes.windows(2).map(|pair| (pair[1] - pair[0]) / 1000).collect();
    assert_eq!(pauses[..6], [2, 4, 8, 16, 32, 60], "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= BACK_OFF_MAX.as_secs() + 1));
}

#[test]
fn a_unit_that_returns_is_asked_at_its_old_rate_at_once() {
    let mut line = Line::of(&[(1, bedside())]);
    line.run(60, |_, _| Err(PollError::Timeout));
    line.asked.clear();
    line.run(70, |_, request| Ok(part(&bank(97, 72), request)));
    let asked = line.questions(1);
    let back = asked[0];
    assert!(back <= 61_000 + BACK_OFF_MAX.as_millis() as u64);
    let expected = (131_000 - back) / 1000;
    assert!(asked.len() as u64 >= expected, "{} since {back}", asked.len());
}

#[test]
fn a_time_out_is_repeated_twice_and_then_rests_so_that_a_late_answer_finds_no_other_question() {
    let mut line = Line::of(&[(1, plain("max_gap = 0", &[0, 10]))]);
    line.run(4, |_, request| match request.addr {
        0 => Err(PollError::Timeout),
        _ => Ok(vec![7]),
    });
    let asked: Vec<(u64, u16)> = line
        .asked
        .iter()
        .map(|(at, request)| (*at, request.addr))
        .collect();
    // Question 0 fails three times in a row; nothing else is asked of this unit between or for a second after.
    assert_eq!(
        asked[..3].iter().map(|(_, addr)| *addr).collect::<Vec<_>>(),
        [0, 0, 0],
        "{asked:?}"
    );
    let timeout = line.asked[0].1.timeout.as_millis() as u64;
    assert!(asked[3].0 >= asked[2].0 + timeout + 1000, "{asked:?}");
}

#[test]
fn the_first_good_answer_after_trouble_is_questionable_and_one_of_zeros_is_not_used() {
    let mut line = Line::of(&[(1, bedside())]);
    line.run(5, |_, request| Ok(part(&bank(97, 72), request)));
    line.told.clear();
    let mut asked = 0;
    line.run(3, |_, request| {
        asked += 1;
        match asked {
            1 => Err(PollError::Timeout),
            _ => Ok(part(&bank(97, 72), request)),
        }
    });
    let told: Vec<String> = line
        .told()
        .into_iter()
        .filter(|line| !line.contains("nibp"))
        .collect();
    assert_eq!(
        told[..4],
        [
            "1 fault NoAnswer",
            "1 hr 80 questionable",
            "1 pr 72 questionable",
            "1 spo2 97 questionable"
        ]
    );
    assert!(told[6..].contains(&"1 spo2 97".to_owned()), "{told:?}");

    line.told.clear();
    asked = 0;
    line.run(2, |_, request| {
        asked += 1;
        match asked {
            1 => Err(PollError::BadFrame),
            2 => Ok(vec![0; usize::from(request.count)]),
            _ => Ok(part(&bank(97, 72), request)),
        }
    });
    let told = line.told();
    assert_eq!(told[..2], ["1 fault BadChecksum", "1 fault WrongAnswer"]);
    assert!(told.iter().all(|line| !line.contains("NotMeasured")), "{told:?}");
}

#[test]
fn an_answer_of_the_wrong_length_is_never_read() {
    let mut line = Line::of(&[(1, bedside())]);
    line.run(5, |at, request| {
        let mut answer = part(&bank(97, 72), request);
        if at % 2 == 0 {
            answer.pop();
        } else {
            answer.push(9);
        }
        Ok(answer)
    });
    assert!(line.told().iter().all(|line| line == "1 fault WrongAnswer"));
    let mut poller = Poller::new(
        vec![UnitPlan {
            unit: 1,
            map: bedside(),
        }],
        LineTiming::tcp(),
    );
    assert!(matches!(poller.next(ms(1000)), Poll::Read(_)));
    let bits = Ok(Answer::Bits(vec![true; 10]));
    assert_eq!(
        poller.answered(ms(1001), 1, bits)[0].what,
        Found::Fault(LineFault::WrongAnswer)
    );
    assert!(matches!(poller.next(ms(1002)), Poll::Read(_)));
    assert_eq!(
        poller.answered(ms(1003), 9, Ok(Answer::Words(vec![1; 10]))),
        [],
        "nobody asked unit 9"
    );
}

#[test]
fn a_refused_question_is_split_until_only_the_refused_register_is_left_out() {
    let mut line = Line::of(&[(1, plain("max_gap = 8", &[0, 1, 2, 3, 4, 5]))]);
    line.run(30, |_, request| {
        if (request.addr..request.addr + request.count).contains(&4) {
            return Err(PollError::Exception(2));
        }
        Ok((request.addr..request.addr + request.count).collect())
    });
    let told = line.told();
    for register in [0, 1, 2, 3, 5] {
        let value = format!("1 r{register} {register} ");
        let times = told.iter().filter(|line| **line == value).count();
        assert!(times > 20, "{value} came {times} times");
    }
    assert!(!told.iter().any(|line| line.starts_with("1 r4 ")));
    let faults = told.iter().filter(|line| line.contains("Refused")).count();
    assert_eq!(
        faults, 4,
        "three cuts and one end, told once each, not per second: {told:?}"
    );
    // Single refused register: asked again once a minute, quietly.
    line.told.clear();
    line.asked.clear();
    line.run(120, |_, request| {
        if request.addr == 4 {
            return Err(PollError::Exception(2));
        }
        Ok((request.addr..request.addr + request.count).collect())
    });
    let again = line.asked.iter().filter(|(_, request)| request.addr == 4).count();
    assert_eq!(again, 2);
    assert!(!line.told().iter().any(|line| line.contains("fault")));
}

#[test]
fn a_vital_sign_in_a_refused_register_is_not_available() {
    let mut line = Line::of(&[(1, bedside())]);
    line.run(10, |_, _| Err(PollError::Exception(2)));
    let told = line.told();
    assert!(told.contains(&"1 spo2 NotAvailable".to_owned()), "{told:?}");
    assert!(told.iter().filter(|line| line.contains("spo2")).count() == 1);
}

#[test]
fn one_damaged_refusal_changes_nothing() {
    let mut line = Line::of(&[(1, bedside())]);
    let mut asked = 0;
    line.run(10, |_, request| {
        asked += 1;
        match asked {
            3 => Err(PollError::Exception(2)),
            _ => Ok(part(&bank(97, 72), request)),
        }
    });
    assert!(line.told().iter().filter(|line| *line == "1 spo2 97").count() >= 8);
    assert!(!line.told().iter().any(|line| line.contains("NotAvailable")));
}

#[test]
fn a_busy_unit_is_asked_later_and_keeps_its_questions() {
    let mut line = Line::of(&[(1, bedside())]);
    line.run(10, |at, request| {
        if at < 5000 {
            return Err(PollError::Exception(6));
        }
        Ok(part(&bank(97, 72), request))
    });
    assert!(line.told().contains(&"1 spo2 97".to_owned()));
    let while_busy = line.questions(1).iter().filter(|at| **at < 5000).count();
    assert_eq!(while_busy, 4, "once a second");
}

#[test]
fn a_port_that_is_gone_is_tried_once_a_second_without_blame() {
    let mut line = Line::of(&[(1, bedside())]);
    line.run(20, |_, _| Err(PollError::PortClosed));
    assert!((18..=20).contains(&line.asked.len()), "{}", line.asked.len());
    assert_eq!(line.told, []);
}

#[test]
fn questions_of_one_table_have_different_lengths_where_the_map_allows_it() {
    let lengths = |map: &Map| -> Vec<(u16, u16)> {
        map.blocks()
            .iter()
            .map(|block| (block.count, block.count + block.pad))
            .collect()
    };
    let padded = plain("max_gap = 2", &[0, 100, 200]);
    assert_eq!(lengths(&padded), [(1, 1), (1, 2), (1, 3)]);
    let strict = plain("max_gap = 0", &[0, 100, 200]);
    assert_eq!(lengths(&strict), [(1, 1), (1, 1), (1, 1)]);

    // A device that refuses to be read beyond gets the plain question.
    let mut line = Line::of(&[(1, padded)]);
    line.run(10, |_, request| {
        if request.count > 1 {
            return Err(PollError::Exception(2));
        }
        Ok(vec![request.addr])
    });
    for register in [0, 100, 200] {
        assert!(line.told().contains(&format!("1 r{register} {register} ")));
    }
}
