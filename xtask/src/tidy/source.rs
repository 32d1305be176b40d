//! The files that the rules look at.

use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace;

/// One file.
#[derive(Debug)]
pub struct Source {
    /// From the root of the repository, with `/`.
    pub path: String,
    /// What stands in it; empty when it is not text.
    pub text: String,
}

impl Source {
    /// The Rust code without comments and without a test module at its end; everything stays at its line.
    pub fn code(&self) -> String {
        let lines = self
            .text
            .lines()
            .map(|line| line.split("//").next().unwrap_or(line));
        let mut code = lines.collect::<Vec<_>>().join("\n");
        if let Some(tests) = code.find("#[cfg(test)]\nmod tests {") {
            code.truncate(tests);
        }
        code
    }

    /// It holds tests only.
    pub fn is_test(&self) -> bool {
        let mut parts = self.path.split('/');
        parts.any(|part| part == "tests" || part == "tests.rs" || part == "testcases")
    }

    /// Its name ends so.
    pub fn is(&self, extension: &str) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, its)| its == extension)
    }
}

/// Everything under `root` that a person wrote.
pub fn load(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for file in workspace::files(root)? {
        let path = file
            .strip_prefix(root)
            .unwrap_or(&file)
            .to_string_lossy()
            .replace('\\', "/");
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        sources.push(Source {
            path,
            text: String::from_utf8(bytes).unwrap_or_default(),
        });
    }
    Ok(sources)
}

/// A fixture.
#[cfg(test)]
pub fn source(path: &str, text: &str) -> Source {
    Source {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_the_test_module_are_not_code_and_lines_stay_where_they_are() {
        let file = source(
            "a.rs",
            "// redb\nuse x; // redb\n#[cfg(test)]\nmod tests {\n    use redb::X;\n}\n",
        );
        assert_eq!(file.code(), "\nuse x; \n");
    }
}
