//! Languages in which values are declared with their types.
//!
//! In: the `typed` table of a target. Out: declarations of parameters, temporaries and results.
//! Invariant: a type follows from how a value is stored, and from nothing else. A language that only tells numbers
//! and arrays apart has the table without `record`.
//!
//! ```text
//! Eigen::VectorXd gradient(const Eigen::MatrixXd &A, const Eigen::VectorXd &x)
//! ```

use serde::Deserialize;

use super::plan::Storage;
use super::target::fill;

/// A frame for each way in which a value is stored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frames {
    pub scalar: String,
    pub vector: String,
    pub matrix: String,
    /// An integer: a dimension, an exponent, an index.
    pub whole: String,
}

impl Frames {
    pub fn of(&self, storage: Storage) -> &str {
        match storage {
            Storage::Scalar => &self.scalar,
            Storage::Vector => &self.vector,
            Storage::Matrix => &self.matrix,
        }
    }
}

/// What a language with types needs beyond the frames of every language.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// A parameter, by its name {0}.
    pub parameter: Frames,
    /// A size that no argument shows, where it is declared unlike other integers.
    pub dimension: String,
    /// The type of a result.
    pub result: Frames,
    /// A constant {0} with the value {1}.
    pub assign: Frames,
    /// A result {0} as it leaves.
    pub give: Frames,
    /// A result that is a parameter.
    pub copied: String,
    /// How the name {0} of a parameter that a function does not read is written.
    pub unused: String,
    /// A line that says so instead.
    pub discard: String,
    /// How an array that belongs to this function is lent to an operation.
    pub lent: String,
    /// The real number of the integer {0}.
    pub real: String,
    /// A literal {0} on which a method is called.
    pub receiver: String,
    /// The code {1} of `entry`, or the function {2}, taken of each entry of {0}.
    pub map: String,
    /// The code {2} of `entry` and `other`, or the function {3}, of the entries of {0} and {1}.
    pub map_pair: String,
    /// A number {0} where `map_pair` takes arrays; without it, the code may mention the number.
    pub lifted: String,
    /// Shorter forms of `map` over {0}, by the code of `entry`.
    pub entries: std::collections::BTreeMap<String, String>,
    /// The type of a value with its gradient; a record where there is none.
    pub pair: String,
    /// A record type {0} with the fields {1}.
    pub record: String,
    /// A field {0} of type {1}.
    pub field: String,
    /// The last lines of a function of numbers alone, where they are not those of others.
    pub plain_return: String,
}

impl Typed {
    /// Whether types are written down, and not only told apart.
    pub fn declares(&self) -> bool {
        !self.record.is_empty()
    }

    /// The type of a result made of these parts, and the record to define for it, if any: its name and text.
    pub fn result_type(
        &self,
        function: &str,
        parts: &[(String, Storage)],
        paired: bool,
    ) -> (String, Vec<(String, String)>) {
        let of = |storage: Storage| self.result.of(storage).to_owned();
        let (rest, mut records) = (&parts[usize::from(paired)..], Vec::new());
        let inner = match rest {
            [(_, storage)] => of(*storage),
            _ => {
                let name = capitalised(if paired { "gradient" } else { function });
                let fields: Vec<(String, String)> = rest.iter().map(|(n, s)| (n.clone(), of(*s))).collect();
                records.push((name.clone(), self.record(&name, &fields)));
                name
            }
        };
        match parts.first().filter(|_| paired) {
            None => (inner, records),
            Some((_, storage)) if !self.pair.is_empty() => {
                (fill(&self.pair, &[&of(*storage), &inner]), records)
            }
            Some((_, storage)) => {
                let name = capitalised(function);
                let fields = [("value".to_owned(), of(*storage)), ("gradient".to_owned(), inner)];
                records.push((name.clone(), self.record(&name, &fields)));
                (name, records)
            }
        }
    }

    fn record(&self, name: &str, fields: &[(String, String)]) -> String {
        let fields: String = fields.iter().map(|(n, t)| fill(&self.field, &[n, t])).collect();
        fill(&self.record, &[name, &fields])
    }
}

/// `value_and_gradient` as the name of a type: `ValueAndGradient`.
fn capitalised(function: &str) -> String {
    let mut name = String::new();
    for word in function.split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_a_record_where_the_language_has_none() {
        let typed = Typed {
            result: Frames { scalar: "double".into(), vector: "V".into(), ..Frames::default() },
            record: "struct {0} { {1}}".into(),
            field: "{1} {0}; ".into(),
            ..Typed::default()
        };
        let parts = [("".to_owned(), Storage::Scalar), ("x".to_owned(), Storage::Vector)];
        let (name, records) = typed.result_type("value_and_gradient", &parts, true);
        assert_eq!(name, "ValueAndGradient");
        assert_eq!(records[0].1, "struct ValueAndGradient { double value; V gradient; }");
    }
}
