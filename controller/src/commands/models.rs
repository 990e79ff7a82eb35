//! `controller models` and `controller schema`.

use terminal::spelling::nearest;

use super::failure::Failure;
use crate::arguments::Models;
use crate::output::{answer, answer_line};
use crate::pages::{library, list_types, schema, show_type, types_to_json};

/// Shows the model types, or one of them.
pub(crate) fn models(arguments: &Models) -> Result<(), Failure> {
    if arguments.markdown {
        if arguments.json {
            return Err(Failure::Usage(
                "give either --markdown or --json".to_owned(),
            ));
        }
        answer(format_args!("{}", library(&models::CATALOGUE)));
        return Ok(());
    }
    let Some(name) = &arguments.model_type else {
        if arguments.json {
            answer_line!("{:#}", types_to_json(models::CATALOGUE.iter()));
        } else {
            answer(format_args!("{}", list_types(&models::CATALOGUE)));
        }
        return Ok(());
    };
    let Some(model_type) = models::CATALOGUE.find(name) else {
        let near = nearest(name, models::CATALOGUE.names())
            .map(|near| format!(", did you mean '{near}'?"));
        let near = near.unwrap_or_default();
        return Err(Failure::Usage(format!(
            "there is no model type '{name}'{near}; 'controller models' lists them"
        )));
    };
    if arguments.json {
        answer_line!("{:#}", types_to_json([&*model_type]));
    } else {
        answer(format_args!("{}", show_type(&model_type)));
    }
    Ok(())
}

/// Prints the schema of scenario files.
pub(crate) fn print_schema() {
    answer_line!("{:#}", schema(&models::CATALOGUE));
}
