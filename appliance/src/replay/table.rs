//! One table in three ways: columns for people, CSV for spreadsheets, JSON for programs.

use std::io::{self, Write};

use serde_json::{Map, Value};

use crate::export::cell;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A word.
    Word(String),
    /// A number with so many places.
    Number(f64, usize),
    /// Nothing.
    None,
}

impl Cell {
    /// A whole number.
    pub fn whole(number: impl Into<f64>) -> Cell {
        Cell::Number(number.into(), 0)
    }

    /// A number, where there is one.
    pub fn number(number: Option<f64>, places: usize) -> Cell {
        number.map_or(Cell::None, |number| Cell::Number(number, places))
    }

    /// As it is written.
    pub fn text(&self) -> String {
        match self {
            Cell::Word(word) => word.clone(),
            Cell::Number(number, places) => format!("{number:.places$}"),
            Cell::None => String::new(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Cell::Word(word) => Value::from(word.as_str()),
            // As it is written in the other formats, so that all say the same.
            Cell::Number(..) => self
                .text()
                .parse::<serde_json::Number>()
                .map_or(Value::Null, Value::Number),
            Cell::None => Value::Null,
        }
    }
}

impl From<&str> for Cell {
    fn from(word: &str) -> Cell {
        Cell::Word(word.to_owned())
    }
}

impl From<String> for Cell {
    fn from(word: String) -> Cell {
        Cell::Word(word)
    }
}

/// Rows below a head: the name of each column for programs, and for people.
#[derive(Clone, Debug)]
pub struct Table {
    /// Each column's key and heading.
    pub head: &'static [(&'static str, &'static str)],
    /// As many cells as columns, each.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Columns for people: words to the left, numbers to the right.
    pub fn text(&self, out: &mut impl Write, indent: usize) -> io::Result<()> {
        let heads = self
            .head
            .iter()
            .map(|(_, heading)| (*heading).to_owned())
            .collect();
        let rows = self.rows.iter().map(|row| row.iter().map(Cell::text).collect());
        let lines: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
        let width = |column: usize| {
            lines
                .iter()
                .map(|line| line[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let is_number: Vec<bool> = (0..self.head.len())
            .map(|column| {
                self.rows
                    .iter()
                    .any(|row| matches!(row[column], Cell::Number(..)))
            })
            .collect();
        for line in &lines {
            let mut text = " ".repeat(indent);
            for (column, cell) in line.iter().enumerate() {
                let width = widths[column];
                if is_number[column] {
                    text.push_str(&format!("{cell:>width$}  "));
                } else {
                    text.push_str(&format!("{cell:<width$}  "));
                }
            }
            writeln!(out, "{}", text.trim_end())?;
        }
        Ok(())
    }

    /// RFC 4180, with a head where one is wanted.
    pub fn csv_rows(&self, out: &mut impl Write, with_head: bool) -> io::Result<()> {
        if with_head {
            let keys: Vec<&str> = self.head.iter().map(|(key, _)| *key).collect();
            write!(out, "{}\r\n", keys.join(","))?;
        }
        for row in &self.rows {
            for (place, value) in row.iter().enumerate() {
                if place > 0 {
                    out.write_all(b",")?;
                }
                cell(out, &value.text(), matches!(value, Cell::Number(..)))?;
            }
            out.write_all(b"\r\n")?;
        }
        Ok(())
    }

    /// One object per row.
    pub fn json(&self) -> Value {
        let object = |row: &Vec<Cell>| {
            let fields = self.head.iter().zip(row);
            let fields = fields.map(|((key, _), value)| ((*key).to_owned(), value.json()));
            Value::Object(fields.collect::<Map<String, Value>>())
        };
        self.rows.iter().map(object).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_table_says_the_same_in_columns_in_csv_and_in_json() {
        let table = Table {
            head: &[("what", "what"), ("share", "share %"), ("note", "note")],
            rows: vec![
                vec!["a, b".into(), Cell::Number(12.345, 1), Cell::None],
                vec!["=c".into(), Cell::number(None, 1), "x".into()],
            ],
        };
        let mut text = Vec::new();
        table.text(&mut text, 2).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(
            text,
            "  what  share %  note\n  a, b     12.3\n  =c             x\n"
        );
        let mut csv = Vec::new();
        table.csv_rows(&mut csv, true).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        assert_eq!(csv, "what,share,note\r\n\"a, b\",12.3,\r\n'=c,,x\r\n");
        let json = table.json();
        assert_eq!(
            json[0],
            serde_json::json!({ "what": "a, b", "share": 12.3, "note": null })
        );
        assert_eq!(json[1]["share"], Value::Null);
    }
}
