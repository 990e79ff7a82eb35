//! Lets models go on elsewhere: at every step of every vector their memory is taken out of them and put back into
//! others that are built from the same entry, which must then do what the first ones did.

use std::collections::BTreeMap;

use shared::cable::Window;
use shared::cable::{MAX_SOCKETS, Picture};
use shared::files::MemoryFiles;
use shared::model::{Instance, Memory, ParameterSlot, StepError, Stepped};
use shared::value::{Number, Value};

use crate::case::Case;
use crate::own_cases::own_cases;
use crate::run;
use crate::{cases_of, directory, files, rules, type_of};

/// A case, with what its model is built from.
struct Course {
    type_name: String,
    case: Case,
    flag: Option<&'static str>,
    files: MemoryFiles,
}

/// A model on its way through a case.
struct Way<'a> {
    course: &'a Course,
    instance: Instance,
    published: Vec<Option<Value>>,
    window: Window,
    /// How many steps were made.
    made: usize,
}

/// What comes of a step: all that anybody can see.
type Seen = Result<(Stepped, Vec<Option<Value>>, Vec<Option<Picture>>), StepError>;

impl Course {
    /// All cases of the vectors that can be built, and some more.
    fn all() -> Vec<Self> {
        let course = |(case, files): (Case, MemoryFiles)| Self {
            type_name: case.config.model_type.clone(),
            case,
            flag: None,
            files,
        };
        let mut courses: Vec<Self> = own_cases().into_iter().map(course).collect();
        assert!(courses.iter().all(|course| course.build().is_some()));
        for (file, cases) in files(&directory()) {
            let Some(rules) = rules::of(&file) else {
                continue;
            };
            for case in cases_of(type_of(&file), &cases) {
                courses.push(Self {
                    type_name: type_of(&file).to_owned(),
                    flag: rules.flag_of(&case),
                    case,
                    files: MemoryFiles::default(),
                });
            }
        }
        courses.retain(|course| course.build().is_some());
        courses
    }

    fn build(&self) -> Option<Instance> {
        let model_type = models::CATALOGUE.find(&self.type_name)?;
        run::build(model_type.clone(), self.flag, &self.case, &self.files).ok()
    }

    fn begin(&self) -> Way<'_> {
        let instance = self.build().expect("was built before");
        let sockets = instance.sockets.as_ref();
        Way {
            course: self,
            published: vec![None; instance.published.len()],
            window: Window::new(sockets.map_or(0, |wish| wish.devices.len())),
            instance,
            made: 0,
        }
    }

    /// A new model, to which all is connected that was after so many steps.
    fn begin_at(&self, made: usize, published: &[Option<Value>]) -> Way<'_> {
        let mut way = self.begin();
        if let Some(before) = made.checked_sub(1) {
            run::connect(&mut way.instance, &self.case.steps[before]);
        }
        published.clone_into(&mut way.published);
        Way { made, ..way }
    }

    fn name(&self) -> String {
        format!("{}, {}", self.type_name, self.case.name)
    }
}

impl Way<'_> {
    fn step(&mut self) -> Seen {
        let step = &self.course.case.steps[self.made];
        self.made += 1;
        run::look(step, &mut self.window);
        let (instance, published) = (&mut self.instance, &mut self.published);
        let stepped = run::advance(instance, step, published, &mut self.window)?;
        let pictures = (0..MAX_SOCKETS).map(|socket| self.window.picture(socket));
        Ok((stepped, self.published.clone(), pictures.collect()))
    }

    /// Makes the steps that are left, to the first one that fails.
    fn go_on(&mut self) -> Vec<Seen> {
        let mut seen = Vec::new();
        while self.made < self.course.case.steps.len() && seen.last().is_none_or(Result::is_ok) {
            seen.push(self.step());
        }
        seen
    }

    fn save(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut memory = Memory::save(&mut bytes);
        let name = self.course.name();
        assert!(self.instance.model.memory(&mut memory), "{name}: no memory");
        assert!(memory.is_whole(), "{name}");
        bytes
    }

    /// Whether all was put back.
    fn restore(&mut self, bytes: &[u8]) -> bool {
        let mut memory = Memory::restore(bytes);
        self.instance.model.memory(&mut memory) && memory.is_whole()
    }

    /// Gives each parameter that can be adjusted another value; returns how many there are.
    fn adjust(&mut self) -> usize {
        let parameters = self.instance.model_type.parameters.iter().enumerate();
        let ranges: Vec<_> = parameters
            .filter_map(|(place, parameter)| Some((place, parameter.adjustable?)))
            .collect();
        for (place, (low, high)) in &ranges {
            let value = Number::Float(low + 0.37 * (high - low));
            let slot = ParameterSlot::new(*place);
            assert!(self.instance.model.adjust(slot, value));
        }
        ranges.len()
    }
}

/// What was found out on the way.
#[derive(Debug, Default)]
struct Found {
    /// How often models went on elsewhere.
    resumed: usize,
    adjusted: usize,
    /// The longest memory, in bytes.
    longest: usize,
    /// How often it showed that a model which went on had made no steps before.
    missed: usize,
}

/// Has a model go on at each step, and compares what is seen then with what is seen where one model makes all steps.
fn go_on_everywhere(course: &Course, found: &mut Found) {
    let name = course.name();
    let mut first = course.begin();
    for made in 0..course.case.steps.len() {
        let (bytes, published) = (first.save(), first.published.clone());
        assert_eq!(first.save(), bytes, "{name}: saving changed it");
        found.longest = found.longest.max(bytes.len());
        let mut whole = course.begin();
        while whole.made < made {
            whole.step().expect("was made before");
        }
        let expected = whole.go_on();
        let mut second = course.begin_at(made, &published);
        assert!(second.restore(&bytes), "{name}, {made}: spoilt");
        assert_eq!(second.save(), bytes, "{name}, {made}");
        assert_eq!(second.go_on(), expected, "{name}, {made}");
        found.resumed += 1;
        let mut forgetful = course.begin_at(made, &published);
        found.missed += usize::from(forgetful.go_on() != expected);
        go_on_adjusted(course, made, found);
        if first.step().is_err() {
            return;
        }
    }
}

/// The same where parameters were adjusted just before.
fn go_on_adjusted(course: &Course, made: usize, found: &mut Found) {
    let name = course.name();
    let mut first = course.begin();
    while first.made < made {
        first.step().expect("was made before");
    }
    let adjusted = first.adjust();
    if adjusted == 0 {
        return;
    }
    let mut second = course.begin_at(made, &first.published);
    assert!(second.restore(&first.save()), "{name}, {made}: spoilt");
    assert_eq!(second.save(), first.save(), "{name}, {made}: adjusted");
    assert_eq!(second.go_on(), first.go_on(), "{name}, {made}: adjusted");
    found.adjusted += adjusted;
}

#[test]
fn a_model_of_any_type_goes_on_elsewhere_at_any_step_as_if_it_had_made_the_steps_before() {
    let mut types: BTreeMap<String, Found> = BTreeMap::new();
    for course in Course::all() {
        let found = types.entry(course.type_name.clone()).or_default();
        go_on_everywhere(&course, found);
    }
    for (name, found) in &types {
        println!("{name}: {found:?}");
    }
    for model_type in models::CATALOGUE.iter() {
        let name = &*model_type.name;
        let found = types.get(name);
        let found = found.unwrap_or_else(|| panic!("{name} has no case in which it goes on"));
        assert!(found.resumed > 1, "{name}: {found:?}");
        let adjustable = model_type.parameters.iter().any(|p| p.adjustable.is_some());
        assert_eq!(found.adjusted > 0, adjustable, "{name}: {found:?}");
        // What is kept is missed in one of the cases, so that this test would have seen it.
        let keeps = found.longest > 0 && !adjustable;
        assert!(!keeps || found.missed > 0, "{name}: {found:?}");
    }
}

#[test]
fn a_spoilt_memory_is_refused_or_can_be_stepped_with() {
    let courses = Course::all();
    let last_memory = |course: &Course| {
        let mut way = course.begin();
        let mut bytes = (way.save(), 0, way.published.clone());
        while way.made < course.case.steps.len() && way.step().is_ok() {
            bytes = (way.save(), way.made, way.published.clone());
        }
        bytes
    };
    let memories: Vec<_> = courses.iter().map(last_memory).collect();
    let mut of_types: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for (course, (bytes, ..)) in courses.iter().zip(&memories) {
        of_types.insert(&course.type_name, bytes);
    }
    for (course, (bytes, made, published)) in courses.iter().zip(&memories) {
        let try_with = |bytes: &[u8], from: usize| {
            let mut way = course.begin_at(from, published);
            if way.restore(bytes) {
                way.go_on();
                return true;
            }
            false
        };
        for end in 0..bytes.len() {
            assert!(!try_with(&bytes[..end], *made), "{}, {end}", course.name());
        }
        for place in 0..bytes.len() {
            for flipped in [1, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[place] ^= flipped;
                try_with(&bytes, 0);
                try_with(&bytes, *made);
            }
        }
        let longer = [bytes, &[0][..]].concat();
        assert!(!try_with(&longer, *made), "{}", course.name());
        for bytes in of_types.values() {
            try_with(bytes, 0);
        }
    }
}
