//! A value as a cell of a file with commas: the result file, and the files of models.

use std::io::Write;

use super::{PythonFloat, Value};

/// Appends the cell of a value: nothing for null and not-a-number, Python's notation otherwise, in
/// double quotes where it needs them.
pub fn write_cell(line: &mut Vec<u8>, value: &Value) {
    // Writing into a vector cannot fail.
    let _ = match value {
        Value::Null => Ok(()),
        Value::Float(float) | Value::Numpy(float) if float.is_nan() => Ok(()),
        Value::Float(float) | Value::Numpy(float) => write!(line, "{}", PythonFloat(*float)),
        Value::Int(int) => write!(line, "{int}"),
        Value::Bool(flag) => line.write_all(if *flag { b"True" } else { b"False" }),
        Value::Text(text) => {
            write_quoted(line, text);
            Ok(())
        }
        Value::List(_) | Value::Map(_) => {
            write_quoted(line, &value.to_string());
            Ok(())
        }
    };
}

/// Appends text, in double quotes if it could be mistaken for more than one cell.
pub fn write_quoted(line: &mut Vec<u8>, text: &str) {
    if text.contains([',', '"', '\n']) {
        line.push(b'"');
        for byte in text.bytes() {
            if byte == b'"' {
                line.push(b'"');
            }
            line.push(byte);
        }
        line.push(b'"');
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_value_has_its_cell() {
        for (value, cell) in [
            (Value::Int(-3), "-3"),
            (Value::Float(7.0), "7.0"),
            (Value::Float(1e-5), "1e-05"),
            (Value::Numpy(1e-5), "1e-05"),
            (Value::Numpy(f64::NAN), ""),
            (Value::Float(-0.0), "-0.0"),
            (Value::Float(f64::NAN), ""),
            (Value::Float(f64::INFINITY), "inf"),
            (Value::Bool(true), "True"),
            (Value::Null, ""),
            (Value::text("nan"), "nan"),
            (Value::text("a,b"), "\"a,b\""),
            (Value::text("say \"x\""), "\"say \"\"x\"\"\""),
            (Value::text("two\nlines"), "\"two\nlines\""),
            (Value::text("carriage\rreturn"), "carriage\rreturn"),
            (Value::List([Value::Int(1)].into()), "[1]"),
            (
                Value::List(
                    [
                        Value::Int(1),
                        Value::Float(2.5),
                        Value::text("a"),
                        Value::Null,
                    ]
                    .into(),
                ),
                "\"[1, 2.5, 'a', None]\"",
            ),
            (
                Value::Map([("a".into(), Value::Float(f64::NAN))].into()),
                "{'a': nan}",
            ),
        ] {
            let mut line = Vec::new();
            write_cell(&mut line, &value);
            assert_eq!(String::from_utf8_lossy(&line), cell);
        }
    }
}
