//! Register-map files: every mistake has its place and a hint; what is asked fits the line.

use std::sync::Arc;

use drivers::catalog::{Parity, SerialSettings};
use drivers::modbus_map::{BUILTIN, LineTiming, Map, Poll, Poller, UnitPlan, builtin, check_load, line_load};
use vitals::MonoTime;
use vitals::{Comparison, Priority, SiteAlarm, SiteTrouble};

const HEAD: &str = "format = 1\ndevice = { make = \"m\", model = \"m\", kind = \"k\", source = \"s\" }\n";

/// One signal with these keys: the error of the map, or nothing.
fn problem(signal: &str) -> String {
    whole(&format!("{HEAD}[[signal]]\nid = \"a\"\n{signal}"))
}

fn whole(text: &str) -> String {
    match Map::parse("site.toml", text) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

/// Keys of a signal, and the beginning of what is said about them.
const MISTAKES: &[(&str, &str)] = &[
    (
        "addr = 1\nadress = 2",
        "site.toml:6:1: unknown field `adress`, expected one of `id`, `addr`",
    ),
    ("addr = ", "site.toml:5:8: "),
    (
        "addr = 70000",
        "site.toml:5:8: the address 70000 is outside 0 to 65535",
    ),
    (
        "addr = 65535\ntype = \"u32\"",
        "site.toml:4:6: the address 65536 is outside",
    ),
    (
        "unit = \"V\"",
        "site.toml:4:6: a signal needs either addr (0-based) or ref",
    ),
    (
        "addr = 1\nref = \"40119\"",
        "site.toml:4:6: a signal needs either",
    ),
    ("ref = \"20001\"", "site.toml:5:7: \"20001\" is no reference"),
    (
        "addr = 1\ntype = \"int16\"",
        "site.toml:6:8: \"int16\" is no type: use u16",
    ),
    (
        "addr = 1\ntype = \"string[0]\"",
        "site.toml:6:8: \"string[0]\" is no type",
    ),
    (
        "addr = 1\ntable = \"coil\"\ntype = \"u16\"",
        "site.toml:7:8: a Coil table holds single bits",
    ),
    (
        "addr = 1\ntable = \"outputs\"",
        "site.toml:6:9: unknown variant `outputs`",
    ),
    (
        "addr = 1\norder = \"ABCD\"",
        "site.toml:6:9: \"ABCD\" is no order for 2 bytes: use one of AB, BA",
    ),
    (
        "addr = 1\nbit = 16",
        "site.toml:6:7: \"16..16\" are no bits of this value",
    ),
    ("addr = 1\nbits = \"8-11\"", "site.toml:6:8: \"8-11\" are no bits"),
    (
        "addr = 1\nbit = 1\nbits = \"0..3\"",
        "site.toml:6:7: bit and bits cannot be used together",
    ),
    ("addr = 1\nscale = 0", "site.toml:6:9: 0 cannot be used for scale"),
    (
        "addr = 1\nscale = 0.1\ndivisor = 10",
        "site.toml:6:9: scale and divisor cannot be used together",
    ),
    (
        "addr = 1\nscale = 0.0000001",
        "site.toml:6:9: 0.0000001 cannot be used for scale",
    ),
    (
        "addr = 1\nvalid = [5, 1]",
        "site.toml:6:9: [5, 1] cannot be used for valid",
    ),
    (
        "addr = 1\ninterval = \"1h\"",
        "site.toml:6:12: \"1h\" is no duration: write",
    ),
    (
        "addr = 1\ncode = \"sp02\"",
        "site.toml:6:8: \"sp02\" is no code of a vital sign: use one of hr, pr,",
    ),
    (
        "addr = 1\ncode = \"pleth\"",
        "site.toml:6:8: \"pleth\" is a curve",
    ),
    (
        "addr = 1\ncode = \"nibp_s\"\nunit = \"kPa\"",
        "site.toml:7:8: nibp_s is measured in mm[Hg], not \"kPa\"",
    ),
    (
        "addr = 1\nmap = { low = \"x\" }",
        "site.toml:6:7: low cannot be used for map",
    ),
    (
        "addr = 1\nwritable = true",
        "site.toml:6:12: not supported yet: writable = true",
    ),
    ("addr = 1\nscale_ref = \"r\"", "site.toml:6:13: \"r\" "),
    (
        "addr = 1\nalarm = { when = \"> 1\", class = \"physiological\", priority = \"low\" }",
        "site.toml:6:18: alarms of a map are about the equipment",
    ),
    (
        "addr = 1\ncode = \"spo2\"\nalarm = { when = \"< 90\", class = \"technical\", priority = \"low\" }",
        "site.toml:7:18: alarms of a map are about the equipment",
    ),
    (
        "addr = 1\nalarm = [{ when = \"> 1\", class = \"technical\", priority = \"low\" }, \
         { when = \">= 2\", class = \"technical\", priority = \"low\" }]",
        "site.toml:6:76: this signal has two alarms of the same side (high)",
    ),
    (
        "addr = 1\nalarm = { when = \"> 1\", class = \"technical\", priority = \"low\", deadband = -1 }",
        "site.toml:6:75: -1 cannot be used for deadband",
    ),
    (
        "addr = 1\nalarm = { when = \"=> 1\", class = \"technical\", priority = \"low\" }",
        "site.toml:6:18: \"=> 1\" is no condition",
    ),
    (
        "addr = 1\nalarm = { when = \"> 1\", class = \"annoying\", priority = \"low\" }",
        "site.toml:6:33: unknown variant `annoying`",
    ),
    (
        "addr = 1\nabsent = [{ bit = 1, of = \"b\", reason = \"probe_off\" }]",
        "site.toml:6:11: \"b\" cannot be referred to here: it must be the id of a signal of this map",
    ),
    (
        "addr = 1\nabsent = [{ bit = 1, of = \"a\", reason = \"probe_off\" }]",
        "site.toml:6:11: \"a\" cannot be referred to here: it must be another signal",
    ),
    (
        "addr = 1\n[[signal]]\nid = \"b\"\naddr = 2\nabsent = [{ bit = 16, of = \"a\", reason = \"probe_off\" }]",
        "site.toml:7:6: \"a\" cannot be referred to here: it must be a whole number",
    ),
    (
        "addr = 1\n[[signal]]\nid = \"b\"\naddr = 2\ntable = \"input\"\naged_by = \"a\"",
        "site.toml:7:6: this signal and \"a\" must be read in one question, and cannot: they stand in different",
    ),
    (
        "addr = 1\n[[signal]]\nid = \"b\"\naddr = 200\naged_by = \"a\"",
        "site.toml:7:6: this signal and \"a\" must be read in one question, and cannot: together they are longer",
    ),
    (
        "addr = 1\n[[signal]]\nid = \"a\"\naddr = 2",
        "site.toml:7:6: the id \"a\" is already used in line 4",
    ),
    (
        "addr = 1\n[[signal]]\nid = \"B\"\naddr = 2",
        "site.toml:7:6: \"B\" cannot be an id",
    ),
    (
        "addr = 1\ntype = \"u32\"\n[[signal]]\nid = \"b\"\naddr = 2",
        "site.toml:8:6: this signal and \"a\" use the same registers with different types",
    ),
];

#[test]
fn mistakes_are_named_with_file_line_column_and_what_to_do() {
    for (signal, expected) in MISTAKES {
        let found = problem(signal);
        assert!(
            found.starts_with(expected),
            "{signal}\n  found    {found}\n  expected {expected}"
        );
    }
    assert_eq!(problem("addr = 1"), "");
}

#[test]
fn mistakes_outside_of_signals_are_named_too() {
    let cases = [
        (HEAD.to_owned(), "site.toml:1:1: the map has no [[signal]]"),
        (
            HEAD.replace("= 1", "= 2"),
            "site.toml:1:10: this program reads maps of format 1, not 2",
        ),
        (
            format!("{HEAD}defaults = {{ max_block = 126 }}"),
            "site.toml:3:26: 126 cannot be used for max_block",
        ),
        (
            format!("{HEAD}defaults = {{ order = \"XYZ\" }}"),
            "site.toml:3:22: \"XYZ\" is no order for 4 bytes",
        ),
        (
            format!("{HEAD}serial = {{ baud = 9600, parity = \"none\", stop = 3 }}"),
            "site.toml:3:49: 3 cannot be used for stop",
        ),
        (
            format!("{HEAD}holes = [{{ table = \"holding\", from = 0, to = 9 }}]"),
            "site.toml:5:6: this signal cannot be read: it is longer than max_block or lies in a declared hole",
        ),
        ("device = 3".to_owned(), "site.toml:1:"),
        ("[[".to_owned(), "site.toml:1:"),
    ];
    for (head, expected) in cases {
        let signal = if head == HEAD {
            ""
        } else {
            "\n[[signal]]\nid = \"a\"\naddr = 1\n"
        };
        let found = whole(&format!("{head}{signal}"));
        assert!(
            found.starts_with(expected),
            "{head}\n  found    {found}\n  expected {expected}"
        );
    }
}

#[test]
fn a_map_has_a_bound() {
    let mut text = HEAD.to_owned();
    for addr in 0..501 {
        text += &format!("[[signal]]\nid = \"r{addr}\"\naddr = {addr}\n");
    }
    assert!(whole(&text).contains("more than 500 signals"), "{}", whole(&text));
}

fn alarms_of(name: &str, id: &str) -> Vec<(SiteTrouble, String, u64, Priority)> {
    let map = Map::parse(name, builtin(name).expect("it is built in")).expect("it is sound");
    let signal = map.signals().iter().find(|signal| signal.id == id);
    let signal = signal.expect("the map has it");
    let told = |alarm: &SiteAlarm| {
        let limit = alarm.with.to_string();
        (alarm.trouble(), limit, alarm.delay.as_secs(), alarm.priority)
    };
    signal.alarms.iter().map(told).collect()
}

#[test]
fn built_in_maps_alarm_about_what_matters_and_only_then() {
    use Priority::{High, Medium};
    use SiteTrouble::{High as Above, Low as Below, State};
    let limit = |side, limit: &str, delay, priority| (side, limit.to_owned(), delay, priority);
    assert_eq!(
        alarms_of("vaccine-fridge-xy-md02", "temperature"),
        [limit(Above, "8", 600, Medium), limit(Below, "2", 600, Medium)]
    );
    assert_eq!(
        alarms_of("victron-gx", "battery.charge"),
        [limit(Below, "20", 60, Medium)]
    );
    assert_eq!(
        alarms_of("epever-tracer", "battery.voltage"),
        [limit(Below, "11.5", 60, Medium)]
    );
    assert_eq!(
        alarms_of("apc-smart-ups", "battery.charge"),
        [limit(Below, "30", 10, High)]
    );
    assert_eq!(
        alarms_of("apc-smart-ups", "ups.on_battery"),
        [limit(State, "1", 30, Medium)]
    );
    assert_eq!(alarms_of("xy-md02", "temperature"), []);
}

#[test]
fn an_alarm_may_have_a_delay_a_deadband_and_words() {
    let alarm = "{ when = \">= 8.5\", for = \"10min\", class = \"technical\", priority = \"low\", deadband = 0.5, \
                 text = \"blood fridge\" }";
    let text = format!("{HEAD}[[signal]]\nid = \"t\"\naddr = 0\nalarm = {alarm}\n");
    let map = Map::parse("t", &text).unwrap();
    let alarm = &map.signals()[0].alarms[0];
    assert_eq!(
        (alarm.when, alarm.with.to_string(), alarm.delay.as_secs()),
        (Comparison::AtLeast, "8.5".to_owned(), 600)
    );
    assert_eq!(
        (alarm.deadband.to_string(), alarm.text.as_str()),
        ("0.5".to_owned(), "blood fridge")
    );
}

#[test]
fn questions_are_few_never_cross_a_hole_and_never_cut_a_value() {
    let map = Map::parse("epever-tracer", builtin("epever-tracer").unwrap()).unwrap();
    let asked: Vec<(u16, u16)> = map
        .blocks()
        .iter()
        .filter(|block| !block.table.is_bits())
        .map(|block| (block.addr, block.count))
        .collect();
    assert_eq!(
        asked,
        [(0x3100, 8), (0x310C, 6), (0x311A, 1), (0x3200, 2), (0x331B, 2)]
    );
    // A limit in the middle of a 32-bit value moves the whole value to the next question.
    let mut text = format!("{HEAD}defaults = {{ type = \"u32\", max_block = 5, max_gap = 8 }}\n");
    for addr in [0, 2, 4, 6] {
        text += &format!("[[signal]]\nid = \"r{addr}\"\naddr = {addr}\n");
    }
    let map = Map::parse("t", &text).unwrap();
    let asked: Vec<(u16, u16)> = map
        .blocks()
        .iter()
        .map(|block| (block.addr, block.count))
        .collect();
    assert_eq!(asked, [(0, 4), (4, 4)]);
}

#[test]
fn built_in_maps_are_sound_and_fit_a_slow_line() {
    for (name, text) in BUILTIN {
        let map = Map::parse(name, text).unwrap_or_else(|error| panic!("{error}"));
        // What recommends no serial line is read over TCP.
        let timing = map.serial().map_or(LineTiming::tcp(), LineTiming::serial);
        let kinds = ["power", "cold_chain", "oxygen", "room", "monitor"];
        assert!(kinds.contains(&map.device().kind.as_str()), "{name}");
        let unit = UnitPlan {
            unit: 1,
            map: Arc::new(map),
        };
        assert_eq!(check_load(&[unit], &timing), Ok(()), "{name}");
    }
    assert!(builtin("bedside-invented").unwrap().contains("INVENTED"));
    assert!(builtin("nothing").is_none());
}

const LINE: SerialSettings = SerialSettings::new(19200, Parity::Even);

fn map(text: &str) -> Arc<Map> {
    Arc::new(Map::parse("t.toml", text).unwrap_or_else(|error| panic!("{error}")))
}

fn bedside() -> Arc<Map> {
    map(builtin("bedside-invented").expect("it is built in"))
}

#[test]
fn a_network_line_is_held_to_its_load_too() {
    let units = |count: u8| -> Vec<UnitPlan> {
        let units = 1..=count;
        units.map(|unit| UnitPlan { unit, map: bedside() }).collect()
    };
    // One question of 30 ms a second and unit.
    assert!((30..=31).contains(&line_load(&units(10), &LineTiming::tcp())));
    assert_eq!(check_load(&units(23), &LineTiming::tcp()), Ok(()));
    assert!(check_load(&units(24), &LineTiming::tcp()).is_err());
    // Behind a gateway that passes frames on, the serial line decides.
    let slow = SerialSettings { baud: 1200, ..LINE };
    assert_eq!(
        line_load(&units(4), &LineTiming::rtu_over_tcp(slow)),
        line_load(&units(4), &LineTiming::serial(slow))
    );
}

#[test]
fn a_line_that_cannot_carry_its_maps_is_refused() {
    let settings = SerialSettings::new(1200, Parity::None);
    let timing = LineTiming::serial(settings);
    let units: Vec<UnitPlan> = (1..=4).map(|unit| UnitPlan { unit, map: bedside() }).collect();
    let overload = check_load(&units, &timing).unwrap_err();
    assert!(overload.percent > 100 && overload.to_string().contains("raise the baud rate"));
    assert_eq!(check_load(&units, &LineTiming::serial(LINE)), Ok(()));
    // 8 + 5 + 20 bytes of 11 bits at 19200 and two pauses of 5 ms, four times a second.
    assert_eq!(line_load(&units, &LineTiming::serial(LINE)), 12);
    assert_eq!(check_load(&units, &LineTiming::tcp()), Ok(()));
}

#[test]
fn time_outs_follow_the_line_and_the_map() {
    let request = |map: Arc<Map>, timing: LineTiming| {
        let mut poller = Poller::new(vec![UnitPlan { unit: 1, map }], timing);
        match poller.next(MonoTime::from_ms(1000)) {
            Poll::Read(request) => request.timeout.as_millis(),
            Poll::SleepUntil(_) => panic!("nothing asked"),
        }
    };
    // 33 bytes of 11 bits at 19200 = 18.9 ms.
    assert_eq!(request(bedside(), LineTiming::serial(LINE)), 318);
    assert_eq!(request(bedside(), LineTiming::tcp()), 1000);
    let slow = map(&format!(
        "{HEAD}defaults = {{ timeout = \"2s\" }}\n[[signal]]\nid = \"a\"\naddr = 1\n"
    ));
    assert!(request(slow, LineTiming::serial(LINE)) >= 2000);
}
