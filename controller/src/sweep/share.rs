//! Which part of a sweep this process does, where several share it.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// A part of a sweep: one of several that have nearly as many variants each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which one, from 1.
    index: u64,
    /// How many there are.
    count: u64,
    /// Who says so, unless the user.
    said_by: Option<String>,
}

impl Share {
    /// All of it.
    pub(crate) const WHOLE: Self = Self {
        index: 1,
        count: 1,
        said_by: None,
    };

    /// The part that whoever started this process says, if it does: a job array or the steps of Slurm, the ranks of MPI, or
    /// both, one within the other. `count` is how many parts there are where that is not said, as in `HyperQueue`.
    ///
    /// # Errors
    /// What it says does not go together.
    pub(crate) fn of_environment(
        variable: &dyn Fn(&str) -> Option<String>,
        count: Option<u64>,
    ) -> Result<Self, String> {
        let number = |name: &str| -> Result<Option<u64>, String> {
            let Some(text) = variable(name) else {
                return Ok(None);
            };
            let number = text.trim().parse().map(Some);
            number.map_err(|_| {
                format!(
                    "{name} is '{text}', which is no number; --shard i/n says which part is wanted"
                )
            })
        };
        let array = match (number("SLURM_ARRAY_TASK_ID")?, number("HQ_TASK_ID")?) {
            (Some(id), _) => Some(of_array(id, &number)?),
            (None, Some(id)) => match count {
                // Task numbers begin with whatever was asked for; any so many in a row are all parts.
                Some(count) => Some(Self::named(id % count + 1, count, "HQ_TASK_ID")),
                None => {
                    return Err(
                        "HQ_TASK_ID says which part this is, and nobody how many there are; give --shards COUNT"
                            .to_owned(),
                    );
                }
            },
            (None, None) => None,
        };
        let ranks = [
            ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
            ("PMI_RANK", "PMI_SIZE"),
            ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
            ("SLURM_PROCID", "SLURM_NTASKS"),
        ];
        let mut rank = None;
        for (index, size) in ranks {
            // A script that Slurm starts is no task of several, whatever they are: `srun` starts these.
            let is_script = size == "SLURM_NTASKS"
                && variable("SLURM_JOB_ID").is_some()
                && variable("SLURM_STEP_ID").is_none();
            if rank.is_none()
                && !is_script
                && let (Some(own), Some(all)) = (number(index)?, number(size)?)
                && all > 0
            {
                if own >= all {
                    return Err(format!("{index} is {own}, and {size} is {all}"));
                }
                rank = Some(Self::named(own + 1, all, index));
            }
        }
        Ok(match (array, rank) {
            (Some(outer), Some(inner)) => Self {
                index: (outer.index - 1) * inner.count + inner.index,
                count: outer.count * inner.count,
                said_by: outer
                    .said_by
                    .zip(inner.said_by)
                    .map(|(a, b)| format!("{a} and {b}")),
            },
            (array, rank) => array.or(rank).unwrap_or(Self::WHOLE),
        })
    }

    fn named(index: u64, count: u64, by: &str) -> Self {
        Self {
            index,
            count,
            said_by: Some(by.to_owned()),
        }
    }

    /// The variants of this part, of so many.
    pub(crate) fn of(&self, variants: u64) -> Range<u64> {
        let before = |parts: u64| {
            let all = u128::from(variants) * u128::from(parts) / u128::from(self.count);
            u64::try_from(all).unwrap_or(variants)
        };
        before(self.index - 1) + 1..before(self.index) + 1
    }

    /// Whether it is the first part, which does what is to be done once.
    pub(crate) fn is_first(&self) -> bool {
        self.index == 1
    }

    /// Whether it is all of it.
    pub(crate) fn is_whole(&self) -> bool {
        self.count == 1
    }

    /// All parts.
    pub(crate) fn all(&self) -> impl Iterator<Item = Self> {
        let count = self.count;
        (1..=count).map(move |index| Self {
            index,
            count,
            said_by: None,
        })
    }

    /// Who says which part it is, unless the user.
    pub(crate) fn said_by(&self) -> Option<&str> {
        self.said_by.as_deref()
    }

    /// As a part of the name of a file: `part-2-of-7`.
    pub(crate) fn name(&self) -> String {
        let width = self.count.to_string().len();
        format!("part-{:0width$}-of-{}", self.index, self.count)
    }
}

/// The part of a task of a job array of Slurm.
fn of_array(
    id: u64,
    number: &dyn Fn(&str) -> Result<Option<u64>, String>,
) -> Result<Share, String> {
    let first = number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0);
    let last = number("SLURM_ARRAY_TASK_MAX")?;
    let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
    let count = number("SLURM_ARRAY_TASK_COUNT")?;
    let (Some(last), Some(count)) = (last, count) else {
        return Err(
            "SLURM_ARRAY_TASK_ID is there, and SLURM_ARRAY_TASK_MAX or SLURM_ARRAY_TASK_COUNT is not; --shard i/n \
             says which part is wanted"
                .to_owned(),
        );
    };
    let is_even = last >= first && (last - first) / step + 1 == count;
    if !is_even || id < first || id > last || !(id - first).is_multiple_of(step) {
        return Err(format!(
            "the job array of Slurm has gaps ({count} tasks from {first} to {last} by {step}, this is {id}), so nobody \
             would do the variants of those that are left out; give it a range, or say --shard i/n"
        ));
    }
    Ok(Share::named(
        (id - first) / step + 1,
        count,
        "SLURM_ARRAY_TASK_ID",
    ))
}

/// `2/7`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(index, count)| {
            Some((index.trim().parse().ok()?, count.trim().parse().ok()?))
        });
        match numbers {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self {
                index,
                count,
                said_by: None,
            }),
            _ => Err(format!(
                "'{text}' is no part of a sweep; parts are counted from 1, such as 1/4 to 4/4"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], count: Option<u64>) -> Result<String, String> {
        let variable = |name: &str| {
            let known = variables.iter().find(|(known, _)| *known == name);
            known.map(|(_, value)| (*value).to_owned())
        };
        Share::of_environment(&variable, count).map(|share| share.to_string())
    }

    #[test]
    fn parts_are_disjoint_and_nearly_equal() {
        for (variants, count) in [(12, 1), (12, 7), (3, 7), (10_000, 64), (0, 3)] {
            let first: Share = format!("1/{count}").parse().expect("a part");
            let mut next = 1;
            for share in first.all() {
                let own = share.of(variants);
                assert_eq!(own.start, next);
                assert!((variants / count..=variants / count + 1).contains(&(own.end - own.start)));
                next = own.end;
            }
            assert_eq!(next, variants + 1);
        }
    }

    #[test]
    fn what_starts_a_process_says_which_part_it_does() {
        let array = [
            ("SLURM_ARRAY_TASK_ID", "9"),
            ("SLURM_ARRAY_TASK_MIN", "5"),
            ("SLURM_ARRAY_TASK_MAX", "11"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
            ("SLURM_ARRAY_TASK_COUNT", "4"),
        ];
        assert_eq!(of(&array, None).as_deref(), Ok("3/4"));
        let steps = [
            ("SLURM_PROCID", "1"),
            ("SLURM_NTASKS", "2"),
            ("SLURM_STEP_ID", "0"),
        ];
        assert_eq!(of(&steps, None).as_deref(), Ok("2/2"));
        let both = [&array[..], &steps[..]].concat();
        assert_eq!(of(&both, None).as_deref(), Ok("6/8"));
        let script = [
            ("SLURM_PROCID", "0"),
            ("SLURM_NTASKS", "2"),
            ("SLURM_JOB_ID", "7"),
        ];
        assert_eq!(of(&script, None).as_deref(), Ok("1/1"));
        let ranks = [("OMPI_COMM_WORLD_RANK", "0"), ("OMPI_COMM_WORLD_SIZE", "3")];
        assert_eq!(of(&ranks, None).as_deref(), Ok("1/3"));
        assert_eq!(
            of(&[("PMI_RANK", "2"), ("PMI_SIZE", "3")], None).as_deref(),
            Ok("3/3")
        );
        for (id, part) in [("0", "1/64"), ("63", "64/64"), ("64", "1/64")] {
            assert_eq!(of(&[("HQ_TASK_ID", id)], Some(64)).as_deref(), Ok(part));
        }
        assert_eq!(of(&[], None).as_deref(), Ok("1/1"));
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let mut gaps = vec![
            ("SLURM_ARRAY_TASK_ID", "1"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_MAX", "9"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
        ];
        assert!(of(&gaps, None).expect_err("gaps").contains("has gaps"));
        gaps.pop();
        assert!(of(&gaps, None).is_err());
        assert!(
            of(&[("HQ_TASK_ID", "3")], None)
                .expect_err("no count")
                .contains("--shards")
        );
        assert!(of(&[("PMI_RANK", "3"), ("PMI_SIZE", "3")], None).is_err());
        assert!(of(&[("PMI_RANK", "x"), ("PMI_SIZE", "3")], None).is_err());
        for text in ["0/4", "5/4", "4", "a/b", "1/0", ""] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
