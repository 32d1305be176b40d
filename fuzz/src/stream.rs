//! A family that streams: any line in any of its settings, whole and cut, keeps what every dialogue promises.

use drivers::catalog::Family;

use crate::Target;
use crate::promises::Line;
use crate::script::{Script, scripts, settings};

/// The target of a family, with its captures as seeds.
pub fn target(family: &'static Family) -> Target {
    let settings = settings(family);
    let seeds = scripts(family).iter().map(Script::encode).collect();
    let run = move |data: &[u8]| {
        let script = Script::decode(data);
        let setting = &settings[usize::from(script.setting) % settings.len()];
        let line = Line {
            open: &|| setting.open(),
            bytes_per_s: setting.bytes_per_s(),
            is_datagrams: setting.is_datagrams(),
        };
        line.keep(&script.moments, script.cut);
    };
    Target {
        name: family.name.to_owned(),
        run: Box::new(run),
        seeds,
    }
}
