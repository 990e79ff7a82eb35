//! The catalogue for people: the list of model types, and a page about one.

use std::fmt::Write;

use shared::model::{ModelType, Registry};
use shared::value::Origin;

use super::attribute_rows::{Row, about_the_section, input_rows, parameter_rows, published_rows};

/// One line a type.
pub(crate) fn list_types(catalogue: &Registry) -> String {
    let width = catalogue.iter().map(|t| t.name.len()).max().unwrap_or(0);
    let lines = catalogue
        .iter()
        .map(|t| format!("{:width$}  {}\n", t.name, t.summary()));
    lines.collect()
}

/// Everything about a type.
pub(crate) fn show_type(model_type: &ModelType) -> String {
    let mut page = format!("{}: {}\n", model_type.name, model_type.summary());
    let parameters = parameter_rows(model_type);
    let inputs = input_rows(model_type);
    let of = |origin| published_rows(model_type, origin);
    table(&mut page, "Parameters", &parameters);
    page.push_str(about_the_section(model_type));
    table(&mut page, "Inputs", &inputs);
    table(
        &mut page,
        "Outputs (flows: several into one input are added)",
        &of(Origin::Output),
    );
    table(&mut page, "States (information)", &of(Origin::State));
    // Writing into a string cannot fail.
    let step = match model_type.time_step_size {
        1 => "every tick".to_owned(),
        ticks => format!("every {ticks} ticks"),
    };
    let _ = writeln!(page, "\nSteps {step} by default.");
    if !model_type.never_published.is_empty() {
        let names: Vec<&str> = model_type.never_published.iter().collect();
        let names = names.join(", ");
        let _ = writeln!(page, "Accepted in scenario files and never set: {names}.");
    }
    if !model_type.is_repeatable {
        page.push_str("What it publishes may be something else in each run.\n");
    }
    let details = model_type.details();
    if !details.is_empty() {
        let _ = write!(page, "\n{details}\n");
    }
    page
}

/// The pages of all types as one Markdown document.
pub(crate) fn library(catalogue: &Registry) -> String {
    let mut page = String::from(
        "# Model library\n\n\
         This page is written by `controller models --markdown` from the declarations of the model \
         types; change those, not this.\n\n\
         | type | what it is |\n|---|---|\n",
    );
    for model_type in catalogue.iter() {
        let name = &model_type.name;
        let anchor = name.to_lowercase();
        // Writing into a string cannot fail.
        let _ = writeln!(page, "| [`{name}`](#{anchor}) | {} |", model_type.summary());
    }
    for model_type in catalogue.iter() {
        let _ = write!(
            page,
            "\n## {}\n\n{}\n",
            model_type.name,
            model_type.summary()
        );
        let tables = [
            ("Parameter", "default", parameter_rows(model_type)),
            ("Input", "connection", input_rows(model_type)),
            ("Output", "kind", published_rows(model_type, Origin::Output)),
            ("State", "kind", published_rows(model_type, Origin::State)),
        ];
        for (title, third, rows) in tables {
            markdown_table(&mut page, title, third, &rows);
            if title == "Parameter" {
                page.push_str(about_the_section(model_type));
            }
        }
        let details = model_type.details().replace("\n# ", "\n### ");
        let details = details
            .strip_prefix("# ")
            .map_or(details.clone(), |rest| format!("### {rest}"));
        let _ = write!(page, "\n{details}\n");
    }
    page
}

fn markdown_table(page: &mut String, title: &str, third: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let mut titles = vec![title, "unit", third, "meaning"];
    let has_symbols = rows.iter().any(|row| !row.symbol.is_empty());
    if has_symbols {
        titles.insert(1, "symbol");
    }
    let below = "|---".repeat(titles.len());
    let _ = write!(page, "\n| {} |\n{below}|\n", titles.join(" | "));
    for row in rows {
        let symbol = if has_symbols {
            format!(" {} |", row.symbol)
        } else {
            String::new()
        };
        let _ = writeln!(
            page,
            "| `{}` |{symbol} {} | {} | {} |",
            row.name, row.unit, row.holds, row.meaning
        );
    }
}

fn table(page: &mut String, title: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(page, "\n{title}\n");
    let width = |cell: fn(&Row) -> &str| {
        let widths = rows.iter().map(|row| cell(row).chars().count());
        widths.max().unwrap_or(0)
    };
    let (name, unit) = (width(|row| &row.name), width(|row| &row.unit));
    let (symbol, holds) = (width(|row| &row.symbol), width(|row| &row.holds));
    for row in rows {
        let mut line = format!("  {:name$}  ", row.name);
        if symbol > 0 {
            let _ = write!(line, "{:symbol$}  ", row.symbol);
        }
        let _ = write!(
            line,
            "{:unit$}  {:holds$}  {}",
            row.unit, row.holds, row.meaning
        );
        let _ = writeln!(page, "{}", line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_page_explain_the_column() {
        let battery = models::CATALOGUE.find("Battery").expect("a type");
        let said = "Where the section 'parameters' is given, it must have all that is required";
        let only = models::CATALOGUE.only("Battery").expect("a type");
        for page in [show_type(&battery), library(&only)] {
            assert!(page.contains(said), "{page}");
        }
        let pv = models::CATALOGUE.find("PV").expect("a type");
        assert!(show_type(&pv).contains("must be given"));
        let story = models::CATALOGUE
            .find("Controller_StoryMode")
            .expect("a type");
        assert!(!show_type(&story).contains("the section 'parameters'"));
    }

    #[test]
    fn a_page_has_all_that_a_type_declares() {
        let page = library(&models::CATALOGUE);
        for row in [
            "| `max_p` | P_max | kW | required (150 without a section) | largest charging power \
             (0 ≤ x) |",
            "| `flow2b` | f | kW | must be connected, initially 0 | requested power; positive \
             charges, negative discharges |",
            "| `soc` | S | % | number, initially 0, memory | level after the step |",
            "| `file_index` |  | optional, initially 0 | which file to read, from 0 |",
        ] {
            assert!(page.contains(row), "{row}");
        }
        let battery = models::CATALOGUE.find("Battery").expect("a type");
        let row = "  flow2b  f  kW  must be connected, initially 0  requested power; positive \
                   charges, negative discharges\n";
        assert!(show_type(&battery).contains(row), "{}", show_type(&battery));
    }
}
