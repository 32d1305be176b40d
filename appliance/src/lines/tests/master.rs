//! The rules M1 to M7: no answer is ever taken for that of another question.

use std::collections::BTreeSet;

use drivers::modbus_map::{Answer, PollError, Request, Table};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::device::{Question, Units, register_value, with_crc};
use super::*;
use crate::config::Framing;
use crate::lines::master::Master;

const GAP: Duration = Duration::from_millis(2);

fn request(unit: u8, addr: u16) -> Request {
    Request {
        unit,
        table: Table::Input,
        addr,
        count: 2,
        timeout: Duration::from_millis(150),
    }
}

fn right(unit: u8, addr: u16) -> Answer {
    Answer::Words(vec![register_value(unit, addr), register_value(unit, addr + 1)])
}

fn at_once(bytes: Vec<u8>) -> Vec<(Duration, Vec<u8>)> {
    vec![(Duration::ZERO, bytes)]
}

async fn open<'a>(address: &'a Address, reporter: &'a Reporter, units: &[u8]) -> Master<'a> {
    let units: BTreeSet<u8> = units.iter().copied().collect();
    let framing = match address {
        Address::Serial(_) => Framing::Rtu,
        _ => Framing::Tcp,
    };
    Master::open(address, reporter, framing, GAP, false, units)
        .await
        .unwrap()
}

/// Asks two registers in turn, as a poller does; the device thinks, and about every third question longer than it may.
async fn never_another_register(late: Duration) {
    let units = Units::start(Box::new(move |question: Question| {
        let thinks = if question.number.is_multiple_of(3) {
            late
        } else {
            Duration::from_millis(90)
        };
        vec![(thinks, question.answer())]
    }));
    let (address, clock) = (serial(units.port()), clock());
    let (reporter, _events, counters) = reporter(&["slow"]);
    let mut master = open(&address, &reporter, &[7, 8]).await;
    let ends = clock.now() + Duration::from_secs(8);
    let (mut good, mut failed) = (0, 0);
    for turn in 0_u16.. {
        if clock.now() > ends {
            break;
        }
        let addr = turn % 2 * 10;
        match master.read(request(7, addr)).await.unwrap() {
            Ok(answer) => {
                assert_eq!(answer, right(7, addr), "late by {late:?}, turn {turn}");
                good += 1;
            }
            Err(error) => {
                assert_eq!(error, PollError::Timeout);
                failed += 1;
            }
        }
        master
            .idle(clock.now() + Duration::from_millis(60))
            .await
            .unwrap();
    }
    assert!(
        good > 2 && failed > 2,
        "late by {late:?}: {good} good, {failed} failed"
    );
    assert!(
        counters.snapshot()[0].stray_bytes > 0,
        "late by {late:?}: no late answer was thrown away"
    );
}

#[tokio::test]
async fn a_late_answer_is_never_taken_for_another_register() {
    // Before, during and after the time in which the line is listened to, and into the next question's own time.
    let delays = [170, 230, 320, 390, 410, 430, 700, 1_200];
    let tests = delays.map(|ms| tokio::spawn(never_another_register(Duration::from_millis(ms))));
    for test in tests {
        test.await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_comes_twice_is_not_taken_for_the_next_one() {
    let again = Duration::from_millis(10);
    let units = Units::start(Box::new(move |question: Question| {
        vec![(Duration::ZERO, question.answer()), (again, question.answer())]
    }));
    let address = serial(units.port());
    let (reporter, _events, _) = reporter(&["stutters"]);
    let mut master = open(&address, &reporter, &[7]).await;
    for turn in 0..6 {
        let addr = turn % 2 * 10;
        let answer = master.read(request(7, addr)).await.unwrap();
        assert_eq!(answer, Ok(right(7, addr)), "turn {turn}");
        // The second one is in the kernel's buffer now.
        tokio::time::sleep(again * 4).await;
    }
}

#[tokio::test]
async fn the_late_answer_of_one_unit_does_not_spoil_that_of_another() {
    let units = Units::start(Box::new(|question: Question| {
        let thinks = if question.unit == 7 { 200 } else { 90 };
        vec![(Duration::from_millis(thinks), question.answer())]
    }));
    let address = serial(units.port());
    let (reporter, _events, _) = reporter(&["slow", "good"]);
    let mut master = open(&address, &reporter, &[7, 8]).await;
    assert_eq!(master.read(request(7, 0)).await.unwrap(), Err(PollError::Timeout));
    assert_eq!(master.read(request(8, 0)).await.unwrap(), Ok(right(8, 0)));
}

#[tokio::test]
async fn after_a_failure_the_same_question_and_one_of_another_length_may_be_asked_at_once() {
    let units = Units::start(Box::new(|question: Question| match question.number {
        0 => Vec::new(),
        _ => at_once(question.answer()),
    }));
    let address = serial(units.port());
    let (reporter, _events, _) = reporter(&["lossy"]);
    let mut master = open(&address, &reporter, &[7]).await;
    assert_eq!(master.read(request(7, 0)).await.unwrap(), Err(PollError::Timeout));
    assert_eq!(
        master.read(request(7, 10)).await.unwrap(),
        Err(PollError::Timeout),
        "it would look the same"
    );
    let shorter = Request {
        count: 1,
        ..request(7, 10)
    };
    assert!(master.read(shorter).await.unwrap().is_ok());
    assert_eq!(master.read(request(7, 0)).await.unwrap(), Ok(right(7, 0)));
}

#[tokio::test]
async fn an_answer_from_another_unit_function_or_of_another_length_is_not_the_answer() {
    let units = Units::start(Box::new(|question: Question| {
        at_once(match question.addr {
            0 => Question { unit: 8, ..question }.answer(),
            10 => Question {
                function: 3,
                ..question
            }
            .answer(),
            20 => question.answer_of(1),
            30 => question.answer_of(3),
            _ => question.answer(),
        })
    }));
    let address = serial(units.port());
    for addr in [0, 10, 20, 30] {
        let (reporter, _events, _) = reporter(&["odd"]);
        let mut master = open(&address, &reporter, &[7, 8]).await;
        let read = master.read(request(7, addr)).await.unwrap();
        assert_eq!(read, Err(PollError::WrongAnswer), "register {addr}");
        drop(master);
    }
    let (reporter, _events, _) = reporter(&["good"]);
    let read = open(&address, &reporter, &[7])
        .await
        .read(request(7, 40))
        .await
        .unwrap();
    assert_eq!(read, Ok(right(7, 40)));
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_its_code_is_told() {
    let units = Units::start(Box::new(|question: Question| at_once(question.refusal(2))));
    let address = serial(units.port());
    let (reporter, _events, counters) = reporter(&["strict"]);
    let mut master = open(&address, &reporter, &[7]).await;
    for _ in 0..5 {
        assert_eq!(
            master.read(request(7, 0)).await.unwrap(),
            Err(PollError::Exception(2))
        );
    }
    assert_eq!(counters.snapshot()[0].opened, 1);
}

#[tokio::test]
async fn a_damaged_answer_is_a_bad_frame_and_the_unit_may_be_asked_again_at_once() {
    let units = Units::start(Box::new(|question: Question| {
        let mut answer = question.answer();
        answer[4] ^= u8::from(question.number == 0);
        at_once(answer)
    }));
    let address = serial(units.port());
    let (reporter, _events, _) = reporter(&["noisy"]);
    let mut master = open(&address, &reporter, &[7]).await;
    assert!(master.read(request(7, 0)).await.unwrap().is_err());
    let read = master.read(request(7, 10)).await.unwrap();
    assert_eq!(read, Ok(right(7, 10)));
}

#[tokio::test]
async fn a_dead_unit_closes_nothing_and_a_dead_line_is_opened_anew() {
    let units = Units::start(Box::new(|question: Question| match question.unit {
        7 => at_once(question.answer()),
        _ => Vec::new(),
    }));
    let address = serial(units.port());
    let (reporter, _events, counters) = reporter(&["good", "dead"]);
    let mut master = open(&address, &reporter, &[7, 8]).await;
    let late = Duration::from_millis(1_600);
    for _ in 0..4 {
        assert_eq!(master.read(request(8, 0)).await.unwrap(), Err(PollError::Timeout));
        assert_eq!(master.read(request(7, 0)).await.unwrap(), Ok(right(7, 0)));
        master.idle(clock().now() + late).await.unwrap();
    }
    assert_eq!(
        counters.snapshot()[0].opened,
        1,
        "one dead unit closed the port for the other"
    );
    drop(master);

    let mut master = open(&address, &reporter, &[8, 9]).await;
    for unit in [8, 9, 8] {
        let _ = master.read(request(unit, 0)).await.unwrap();
        master.idle(clock().now() + late).await.unwrap();
    }
    assert_eq!(
        counters.snapshot()[0].opened,
        3,
        "a dead line was not opened anew"
    );
}

#[tokio::test]
async fn noise_and_random_answers_do_no_harm() {
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut byte = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random.to_le_bytes()[0]
    };
    let units = Units::start(Box::new(move |question: Question| {
        let length = usize::from(byte() % 64);
        let mut noise: Vec<u8> = (0..length).map(|_| byte()).collect();
        // Many begin like an answer, so that the decoder goes far.
        if noise.len() > 3 && question.number.is_multiple_of(2) {
            noise[..2].copy_from_slice(&[7, question.function]);
            noise = with_crc(noise);
        }
        at_once(noise)
    }));
    let address = serial(units.port());
    let (reporter, _events, _) = reporter(&["mad"]);
    let mut master = open(&address, &reporter, &[7]).await;
    let mut heard_something = 0;
    for table in [Table::Input, Table::Coil, Table::Holding, Table::Discrete].repeat(10) {
        let asked = Request {
            table,
            timeout: Duration::from_millis(20),
            ..request(7, 0)
        };
        let answer = master.read(asked).await.unwrap();
        assert!(answer.is_err(), "{answer:?}");
        heard_something += usize::from(answer != Err(PollError::Timeout));
        // As if the time for late answers had passed.
        drop(master);
        master = open(&address, &reporter, &[7]).await;
    }
    assert!(
        heard_something > 2,
        "{heard_something} of 40 were more than silence"
    );
}

#[tokio::test]
async fn the_echo_of_an_adapter_is_dropped_when_it_is_said_to_echo() {
    let units = Units::start(Box::new(|question: Question| {
        let [addr, count] = [question.addr, question.count].map(u16::to_be_bytes);
        let mut own = with_crc(vec![
            question.unit,
            question.function,
            addr[0],
            addr[1],
            count[0],
            count[1],
        ]);
        own.extend(question.answer());
        at_once(own)
    }));
    let address = serial(units.port());
    let (reporter, _events, _) = reporter(&["echo"]);
    let mut master = Master::open(&address, &reporter, Framing::Rtu, GAP, true, BTreeSet::from([7]))
        .await
        .unwrap();
    for addr in [0, 10, 20] {
        assert_eq!(master.read(request(7, addr)).await.unwrap(), Ok(right(7, addr)));
    }
}

#[tokio::test]
async fn a_pulled_cable_ends_the_idle_wait_at_once() {
    let units = Units::start(Box::new(|_| Vec::new()));
    let address = serial(units.port());
    let (reporter, _events, _) = reporter(&["gone"]);
    let mut master = open(&address, &reporter, &[7]).await;
    drop(units);
    let idle = master.idle(clock().now() + PATIENCE);
    let lost = tokio::time::timeout(Duration::from_secs(5), idle)
        .await
        .expect("nobody noticed");
    assert!(matches!(lost, Err(PortError::Missing { .. })), "{lost:?}");
}

/// A TCP device; `delay` of the answer to question number n over all connections.
async fn tcp_device(delay: impl Fn(usize) -> Duration + Send + Sync + 'static) -> Address {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::Tcp(server.local_addr().unwrap().to_string());
    let delay = std::sync::Arc::new(delay);
    let numbers = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = server.accept().await.unwrap();
            let (delay, numbers) = (delay.clone(), numbers.clone());
            tokio::spawn(async move {
                let mut head = [0; 12];
                while stream.read_exact(&mut head).await.is_ok() {
                    let number = numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let question = Question {
                        number,
                        unit: head[6],
                        function: head[7],
                        addr: u16::from_be_bytes([head[8], head[9]]),
                        count: u16::from_be_bytes([head[10], head[11]]),
                    };
                    let pdu = question.answer();
                    let pdu = &pdu[..pdu.len() - 2];
                    let length = u16::try_from(pdu.len()).unwrap().to_be_bytes();
                    let mut answer = vec![head[0], head[1], 0, 0, length[0], length[1]];
                    answer.extend(pdu);
                    tokio::time::sleep(delay(number)).await;
                    let _ = stream.write_all(&answer).await;
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn on_tcp_a_late_answer_dies_with_its_connection() {
    let address =
        tcp_device(|number| Duration::from_millis(if number.is_multiple_of(3) { 230 } else { 0 })).await;
    let (reporter, mut events, counters) = reporter(&["lan"]);
    let mut master = open(&address, &reporter, &[7]).await;
    let (mut good, mut failed) = (0, 0);
    for turn in 0..30 {
        let addr = turn % 2 * 10;
        match master.read(request(7, addr)).await.unwrap() {
            Ok(answer) => {
                assert_eq!(answer, right(7, addr), "turn {turn}");
                good += 1;
            }
            Err(_) => failed += 1,
        }
    }
    assert_eq!((good, failed), (20, 10));
    assert_eq!(counters.snapshot()[0].opened, 11);
    assert_eq!(events.try_recv().unwrap().what, Heard::Link(PortState::Open));
    assert!(
        events.try_recv().is_err(),
        "a connection that could be made anew was never lost"
    );
}

#[tokio::test]
async fn on_tcp_a_device_that_speaks_unasked_is_connected_anew() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::Tcp(server.local_addr().unwrap().to_string());
    let (reporter, _events, counters) = reporter(&["lan"]);
    let mut master = open(&address, &reporter, &[7]).await;
    let (mut stream, _) = server.accept().await.unwrap();
    stream
        .write_all(&[0, 0, 0, 0, 0, 7, 7, 4, 4, 0, 1, 0, 2])
        .await
        .unwrap();
    master
        .idle(clock().now() + Duration::from_millis(200))
        .await
        .unwrap();
    assert_eq!(counters.snapshot()[0].opened, 2);
}

/// A gateway that passes RTU frames on; the answer to every third question comes late.
async fn rtu_gateway(late: Duration) -> Address {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::Tcp(server.local_addr().unwrap().to_string());
    tokio::spawn(async move {
        let (mut stream, _) = server.accept().await.unwrap();
        let (mut frame, mut number) = ([0; 8], 0);
        while stream.read_exact(&mut frame).await.is_ok() {
            assert_eq!(with_crc(frame[..6].to_vec()), frame, "no RTU frame");
            let word = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
            let question = Question {
                number,
                unit: frame[0],
                function: frame[1],
                addr: word(2),
                count: word(4),
            };
            if number % 3 == 2 {
                tokio::time::sleep(late).await;
            }
            number += 1;
            stream.write_all(&question.answer()).await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn m7_a_late_answer_of_an_rtu_gateway_is_never_taken_for_another_register() {
    let address = rtu_gateway(Duration::from_millis(250)).await;
    let (reporter, _events, counters) = reporter(&["lan"]);
    let units = BTreeSet::from([7]);
    let mut master = Master::open(&address, &reporter, Framing::Rtu, GAP, false, units)
        .await
        .unwrap();
    let (mut good, mut failed) = (0, 0);
    for turn in 0..12 {
        let addr = turn % 2 * 10;
        match master.read(request(7, addr)).await.unwrap() {
            Ok(answer) => {
                assert_eq!(answer, right(7, addr), "turn {turn}");
                good += 1;
            }
            Err(error) => {
                assert_eq!(error, PollError::Timeout);
                failed += 1;
            }
        }
    }
    assert!(good >= 2 && failed >= 2, "{good} good, {failed} failed");
    assert_eq!(counters.snapshot()[0].opened, 1, "one connection is enough");
}
