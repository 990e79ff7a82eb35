//! What a controller sends before a run: files, models, and the rest of the plan.

use shared::files::MemoryFiles;
use shared::memory::{Account, block};
use shared::plan::{PlannedModel, SitePlan};
use shared::wire::{MAX_FILE, MAX_FILES, MAX_MODELS, Refusal, ToNode};

/// What a file takes beside its content and its path, in bytes, so that empty ones count too.
const FILE_ENTRY: usize = 128;

/// A file that arrives gets so much room at a time.
const GROWTH: usize = 1024 * 1024;

/// A plan in the making.
#[derive(Debug, Default)]
pub(super) struct PlanInbox {
    files: MemoryFiles,
    /// Bytes of the complete files.
    files_size: usize,
    /// The file whose pieces are arriving.
    open: Option<(String, Vec<u8>)>,
    models: Vec<PlannedModel>,
    /// Bytes of their messages.
    models_size: usize,
}

impl PlanInbox {
    /// Takes a message of this length, and books what is kept of it. Returns the plan and its files
    /// once it is complete.
    pub(super) fn take(
        &mut self,
        message: ToNode<'_>,
        length: usize,
        account: &mut Account,
    ) -> Result<Option<(SitePlan, MemoryFiles)>, Refusal> {
        match message {
            ToNode::File {
                path,
                last,
                content,
            } => self.take_piece(path, last, content, account)?,
            ToNode::Model(model) => self.take_model(*model, length, account)?,
            ToNode::Start {
                site,
                grid,
                from,
                imports,
                exports,
            } => {
                let (models, files) = self.finish();
                let plan = SitePlan {
                    from,
                    site,
                    grid,
                    models,
                    imports,
                    exports,
                };
                let streams = account.take(plan.streams_bytes());
                streams.map_err(Refusal::OutOfMemory)?;
                return Ok(Some((plan, files)));
            }
            ToNode::Alive => {}
            _ => return Err(Refusal::OutOfOrder),
        }
        Ok(None)
    }

    /// The models and files that have come.
    pub(super) fn finish(&mut self) -> (Vec<PlannedModel>, MemoryFiles) {
        (
            std::mem::take(&mut self.models),
            std::mem::take(&mut self.files),
        )
    }

    fn take_model(
        &mut self,
        model: PlannedModel,
        length: usize,
        account: &mut Account,
    ) -> Result<(), Refusal> {
        self.models_size += length;
        if self.models_size > MAX_MODELS {
            let limit = MAX_MODELS as u64;
            return Err(Refusal::ModelsTooLarge { limit });
        }
        let booked = account.take(model.bytes());
        booked.map_err(Refusal::OutOfMemory)?;
        self.models.push(model);
        Ok(())
    }

    fn take_piece(
        &mut self,
        path: &str,
        last: bool,
        content: &[u8],
        account: &mut Account,
    ) -> Result<(), Refusal> {
        let (open, bytes) = self
            .open
            .get_or_insert_with(|| (path.to_owned(), Vec::new()));
        if open != path {
            return Err(Refusal::OutOfOrder);
        }
        if bytes.len() + content.len() > MAX_FILE {
            return Err(Refusal::FilesTooLarge {
                limit: MAX_FILE as u64,
            });
        }
        if self.files_size + bytes.len() + content.len() > MAX_FILES {
            return Err(Refusal::FilesTooLarge {
                limit: MAX_FILES as u64,
            });
        }
        let more = (bytes.len() + content.len()).saturating_sub(bytes.capacity());
        if more > 0 {
            // A vector that doubles would take up to three times the file for a moment.
            let step = more.max(GROWTH.min(bytes.len()));
            account.take(step).map_err(Refusal::OutOfMemory)?;
            bytes.reserve_exact(step);
        }
        bytes.extend_from_slice(content);
        if last && let Some((path, mut bytes)) = self.open.take() {
            account.give(bytes.capacity() - bytes.len());
            bytes.shrink_to_fit();
            let entry = FILE_ENTRY + block(path.len());
            account.take(entry).map_err(Refusal::OutOfMemory)?;
            self.files_size += FILE_ENTRY + path.len() + bytes.len();
            self.files.insert(path, bytes);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::files::Files;
    use shared::journal::Outside;
    use shared::memory::{OutOfMemory, Pool};
    use shared::model::ModelConfig;
    use shared::plan::{ModelId, SiteId};
    use shared::time::{TimeGrid, WallTime};
    use shared::value::Value;

    fn piece<'a>(path: &'a str, last: bool, content: &'a [u8]) -> ToNode<'a> {
        ToNode::File {
            path,
            last,
            content,
        }
    }

    fn start() -> ToNode<'static> {
        let start = WallTime::parse("2012-01-01 00:00:00").expect("valid");
        let grid = TimeGrid {
            start,
            resolution: 900,
            ticks: 1,
        };
        ToNode::Start {
            site: SiteId(1),
            grid,
            from: 0,
            imports: Vec::new(),
            exports: Vec::new(),
        }
    }

    fn refusal(inbox: &mut PlanInbox, message: ToNode<'_>) -> Option<Refusal> {
        take(inbox, message, 100).err()
    }

    type Taken = Result<Option<(SitePlan, MemoryFiles)>, Refusal>;

    fn take(inbox: &mut PlanInbox, message: ToNode<'_>, length: usize) -> Taken {
        inbox.take(message, length, &mut Account::unlimited())
    }

    #[test]
    fn pieces_of_a_file_are_put_together() {
        let mut inbox = PlanInbox::default();
        take(&mut inbox, piece("a.csv", false, b"one "), 100).expect("taken");
        take(&mut inbox, piece("a.csv", true, b"two"), 100).expect("taken");
        take(&mut inbox, piece("b.csv", true, b""), 100).expect("taken");
        let taken = take(&mut inbox, start(), 100).expect("taken");
        let (_, files) = taken.expect("complete");
        let (mut content, mut line) = (files.open("a.csv").expect("there"), Vec::new());
        content.take_line(100, &mut line).expect("readable");
        assert_eq!(line, b"one two");
        assert!(files.open("b.csv").is_ok());
    }

    #[test]
    fn pieces_of_two_files_do_not_mix() {
        let mut inbox = PlanInbox::default();
        take(&mut inbox, piece("a.csv", false, b"one "), 100).expect("taken");
        assert_eq!(
            refusal(&mut inbox, piece("b.csv", true, b"two")),
            Some(Refusal::OutOfOrder)
        );
    }

    #[test]
    fn a_file_over_the_limit_is_refused() {
        let mut inbox = PlanInbox::default();
        let content = vec![0; MAX_FILE / 4];
        for _ in 0..4 {
            take(&mut inbox, piece("a", false, &content), 100).expect("taken");
        }
        let limit = MAX_FILE as u64;
        assert_eq!(
            refusal(&mut inbox, piece("a", false, b"x")),
            Some(Refusal::FilesTooLarge { limit })
        );
    }

    #[test]
    fn all_files_together_have_a_limit() {
        let mut inbox = PlanInbox::default();
        let content = vec![0; MAX_FILE];
        take(&mut inbox, piece("a", true, &content), 100).expect("taken");
        let limit = MAX_FILES as u64;
        assert_eq!(
            refusal(&mut inbox, piece("b", true, &content)),
            Some(Refusal::FilesTooLarge { limit })
        );
    }

    #[test]
    fn empty_files_count_as_well() {
        let mut inbox = PlanInbox::default();
        let refused = (0..MAX_FILES / FILE_ENTRY)
            .find_map(|number| refusal(&mut inbox, piece(&number.to_string(), true, b"")));
        let limit = MAX_FILES as u64;
        assert_eq!(refused, Some(Refusal::FilesTooLarge { limit }));
    }

    #[test]
    fn all_models_together_have_a_limit() {
        let mut inbox = PlanInbox::default();
        let model = || {
            ToNode::Model(Box::new(PlannedModel {
                saved: Vec::new(),
                id: ModelId(0),
                config: ModelConfig::default(),
                inputs: Vec::new(),
                leds: Vec::new(),
                outside: Outside::default(),
            }))
        };
        take(&mut inbox, model(), MAX_MODELS).expect("taken");
        let limit = MAX_MODELS as u64;
        assert_eq!(
            refusal(&mut inbox, model()),
            Some(Refusal::ModelsTooLarge { limit })
        );
    }

    #[test]
    fn what_is_kept_is_booked_as_it_is_in_memory() {
        let mut account = Account::of(&Pool::new(1 << 20), 1 << 20);
        let mut inbox = PlanInbox::default();
        let content = vec![0; 100_000];
        for _ in 0..3 {
            let piece = piece("a", false, &content);
            inbox.take(piece, 100, &mut account).expect("taken");
        }
        assert!((300_000..500_000).contains(&account.taken()));
        let nulls = Value::List(vec![Value::Null; 40_000].into());
        let model = PlannedModel {
            saved: Vec::new(),
            id: ModelId(0),
            config: ModelConfig {
                parameters: Some(vec![("x".into(), nulls)]),
                ..ModelConfig::default()
            },
            inputs: Vec::new(),
            leds: Vec::new(),
            outside: Outside::default(),
        };
        let refused = inbox.take(ToNode::Model(Box::new(model)), 40_100, &mut account);
        let limit = OutOfMemory {
            limit: 1 << 20,
            shared: false,
        };
        assert_eq!(refused.err(), Some(Refusal::OutOfMemory(limit)));
    }

    #[test]
    fn a_message_of_a_running_session_is_out_of_order() {
        assert_eq!(
            refusal(&mut PlanInbox::default(), ToNode::Limit(1)),
            Some(Refusal::OutOfOrder)
        );
    }
}
