//! Refusals as the desks give them: a stable code, what to say, and which fields are meant. One
//! place at the doors turns them into RFC 9457 problems or into pages.

use protocol::correspondence::{FieldError, IllegalStep};
use protocol::refusal::Code;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// What happened and what to do, in English.
    pub detail: String,
    /// The rule of the specification that refused, if one did.
    pub rule: Option<&'static str>,
    /// The fields that are meant.
    pub fields: Vec<Field>,
    /// The steps that are legal instead.
    pub legal: Vec<String>,
}

/// A field that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the API and in the form.
    pub field: String,
    /// The stable code.
    pub code: Code,
    /// What is wrong with it, in English.
    pub message: String,
}

impl Problem {
    /// A refusal with a code and a text.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), rule: None, fields: Vec::new(), legal: Vec::new() }
    }

    /// The one answer for what does not exist and what the asker may not know of.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "there is nothing here that you may see")
    }

    /// A refusal about one field.
    pub fn field(field: &str, code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        let named = Field { field: field.to_owned(), code, message: message.clone() };
        Self { fields: vec![named], ..Self::new(code, message) }
    }

    /// A refusal by a rule of the policy decision.
    pub fn rule(rule: protocol::decide::Rule, detail: impl Into<String>) -> Self {
        Self { rule: Some(rule.id()), ..Self::new(rule.code(), detail) }
    }

    /// A refusal of several fields; `None` when there is no error.
    pub fn from_fields(errors: Vec<FieldError>) -> Option<Self> {
        let first = errors.first()?;
        let mut problem = Self::new(first.code, first.to_string());
        problem.fields = errors
            .into_iter()
            .map(|error| Field { field: error.field.to_owned(), code: error.code, message: error.message })
            .collect();
        Some(problem)
    }
}

impl From<IllegalStep> for Problem {
    fn from(error: IllegalStep) -> Self {
        let legal = error.legal.iter().map(|step| (*step).to_owned()).collect();
        Self { legal, ..Self::new(Code::IllegalStep, error.to_string()) }
    }
}
