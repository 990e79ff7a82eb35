//! Scenario files, with a data file that they can name.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::files::MemoryFiles;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut files = MemoryFiles::default();
    let content = "title\ntime,x,y\n2012-01-01 00:00:00,1,2\n2012-01-01 00:15:00,3,4\n";
    files.insert("a.csv".to_owned(), content.into());
    match controller::scenario::load_text("scenario.yaml", text, &models::CATALOGUE, &files) {
        Ok((_, warnings)) => {
            for warning in warnings {
                let _ = warning.to_string();
            }
        }
        Err(error) => assert!(!error.to_string().is_empty(), "it says why"),
    }
});
