//! Passwords: their rules, their hashes (argon2id, RFC 9106), and made ones.
//!
//! Decides whether a password may be chosen and whether one matches. How often somebody may try is
//! decided beside it.

use crate::clock;
use crate::desks::problem::Problem;
use crate::limits::{
    HASH_MEMORY_KIB, HASH_PASSES, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PASSWORD_MADE_CHARS,
};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use protocol::correspondence::FieldError;
use protocol::refusal::Code;

/// A hash that no password is known for, with the parameters of all others: whoever tries a name
/// that does not exist waits as long as for one that does.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Without those that look alike.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What is wrong with a password that somebody chose.
pub(super) fn rule(password: &str) -> Option<FieldError> {
    let refused = |code, message: String| Some(FieldError { field: "password", code, message });
    match password.chars().count() {
        PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX => None,
        0 => refused(Code::FieldMissing, "a password is needed".to_owned()),
        1..PASSWORD_CHARS_MIN => {
            refused(Code::FieldInvalid, format!("at least {PASSWORD_CHARS_MIN} characters"))
        }
        _ => refused(Code::FieldTooLong, format!("at most {PASSWORD_CHARS_MAX} characters")),
    }
}

/// A password for somebody who chose none.
pub(super) fn made() -> String {
    let bytes: [u8; PASSWORD_MADE_CHARS] = clock::random();
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// The PHC string of a password. Takes a core for some 20 ms.
pub(super) fn hash(password: &str) -> Result<String, Problem> {
    let salt: [u8; 16] = clock::random();
    let made = hasher().and_then(|argon| argon.hash_password_with_salt(password.as_bytes(), &salt));
    made.map(|hash| hash.to_string()).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "password.hash_failed");
        Problem::new(Code::Internal, "the password could not be stored; nothing was changed")
    })
}

/// Whether `password` is the one of `hash`. Takes as long when there is no hash.
pub(super) fn matches(password: &str, hash: Option<&str>) -> bool {
    let held = hash.unwrap_or(NOBODY);
    let verified = hasher().and_then(|argon| argon.verify_password(password.as_bytes(), held));
    verified.is_ok() && hash.is_some()
}

fn hasher() -> argon2::password_hash::Result<Argon2<'static>> {
    let params = Params::new(HASH_MEMORY_KIB, HASH_PASSES, 1, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_password_matches_its_own_hash_and_no_other() {
        let hash = hash("correct horse battery").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(matches("correct horse battery", Some(&hash)));
        assert!(!matches("correct horse batterz", Some(&hash)));
        assert!(!matches("correct horse battery", None));
    }

    #[test]
    fn a_name_that_does_not_exist_costs_as_much() {
        let real = hash("correct horse battery").unwrap();
        let parameters = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parameters(NOBODY), parameters(&real));
        let parsed = argon2::PasswordHash::new(NOBODY).unwrap();
        assert!(parsed.salt.is_some() && parsed.hash.is_some());
    }

    #[test]
    fn lengths_at_the_limits_and_one_past_them() {
        let code = |length: usize| rule(&"é".repeat(length)).map(|error| error.code);
        assert_eq!(code(0), Some(Code::FieldMissing));
        assert_eq!(code(PASSWORD_CHARS_MIN - 1), Some(Code::FieldInvalid));
        assert_eq!(code(PASSWORD_CHARS_MIN), None);
        assert_eq!(code(PASSWORD_CHARS_MAX), None);
        assert_eq!(code(PASSWORD_CHARS_MAX + 1), Some(Code::FieldTooLong));
    }

    #[test]
    fn made_passwords_obey_the_rules_and_differ() {
        let made: BTreeSet<String> = (0..50).map(|_| made()).collect();
        assert_eq!(made.len(), 50);
        assert!(made.iter().all(|password| rule(password).is_none()));
    }
}
