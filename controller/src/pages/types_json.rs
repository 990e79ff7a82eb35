//! The catalogue for programs.

use serde_json::{Value as Json, json};
use shared::model::ModelType;
use shared::value::Origin;

use super::attribute_rows::{Row, input_rows, parameter_rows, published_rows};

/// What types declare, in the words of their pages. What an attribute does not have is an empty text.
pub(crate) fn types_to_json<'a>(types: impl IntoIterator<Item = &'a ModelType>) -> Json {
    let types: Vec<Json> = types.into_iter().map(type_to_json).collect();
    json!({"version": env!("CARGO_PKG_VERSION"), "types": types})
}

fn type_to_json(model_type: &ModelType) -> Json {
    let published = |origin| rows_to_json(&published_rows(model_type, origin));
    json!({
        "type": model_type.name,
        "summary": model_type.summary(),
        "time_step_size": model_type.time_step_size,
        "parameters": rows_to_json(&parameter_rows(model_type)),
        "inputs": rows_to_json(&input_rows(model_type)),
        "outputs": published(Origin::Output),
        "states": published(Origin::State),
    })
}

fn rows_to_json(rows: &[Row]) -> Json {
    let row = |row: &Row| {
        json!({
            "name": row.name,
            "symbol": row.symbol,
            "unit": row.unit,
            "holds": row.holds,
            "meaning": row.meaning,
        })
    };
    rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_what_its_page_has() {
        let battery = models::CATALOGUE.find("Battery").expect("a type");
        let json = types_to_json([&*battery]);
        let battery = &json["types"][0];
        assert_eq!(battery["type"], "Battery");
        assert_eq!(
            battery["inputs"],
            json!([{
                "name": "flow2b",
                "symbol": "f",
                "unit": "kW",
                "holds": "must be connected, initially 0",
                "meaning": "requested power; positive charges, negative discharges",
            }])
        );
        assert_eq!(battery["states"][0]["unit"], "%");
    }
}
