//! What a door may show. The only place that makes a [`Cleared`].

use super::problem::Problem;
use protocol::decide::{Act, Decision, Object, Subject, decide};
use protocol::refusal::Code;

/// A value that was asked for with a clearance, and allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared<T>(T);

impl<T> Cleared<T> {
    /// The value, to be shown to whoever asked.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Keeps the clearance through a change of shape.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Cleared<U> {
        Cleared(change(self.0))
    }
}

impl<T> AsRef<T> for Cleared<T> {
    fn as_ref(&self) -> &T {
        &self.0
    }
}

/// Lets `value` through when `subject` may read `object`; otherwise nothing is there.
pub(super) fn readable<T>(subject: &Subject, object: &Object<'_>, value: T) -> Result<Cleared<T>, Problem> {
    match decide(subject, Act::Read, object) {
        Decision::Allowed => Ok(Cleared(value)),
        Decision::Refused(_) => Err(Problem::not_found()),
    }
}

/// Whether `subject` may do `act`. The refusal names the rule when the subject sees the object
/// anyway, and otherwise says that nothing is there.
pub(super) fn permit(subject: &Subject, act: Act, object: &Object<'_>) -> Result<(), Problem> {
    match decide(subject, act, object) {
        Decision::Allowed => Ok(()),
        Decision::Refused(rule) if rule.code() == Code::NotFound => Err(Problem::not_found()),
        Decision::Refused(rule) => Err(Problem::rule(rule, format!("refused by rule {}", rule.id()))),
    }
}

/// For answers whose every part was decided on or trimmed inside the query that made them; `_by`
/// is the subject whose tokens were in that query.
pub(super) fn trimmed<T>(_by: &Subject, value: T) -> Cleared<T> {
    Cleared(value)
}
