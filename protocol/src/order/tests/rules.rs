//! Every rule of the specification is cited where it is kept, and no other.

use std::collections::BTreeSet;

const SPECIFICATION: &str = include_str!("../../../../federation-spec/commits.md");
const SOURCES: [&str; 14] = [
    include_str!("../../commit.rs"),
    include_str!("../../commit/certificate.rs"),
    include_str!("../../commit/chain.rs"),
    include_str!("../../commit/guilt.rs"),
    include_str!("../../commit/vote.rs"),
    include_str!("../../order.rs"),
    include_str!("../durable.rs"),
    include_str!("../event.rs"),
    include_str!("../learner.rs"),
    include_str!("../message.rs"),
    include_str!("../pace.rs"),
    include_str!("../proposer.rs"),
    include_str!("../voter.rs"),
    include_str!("../wishes.rs"),
];

fn cited(text: &str) -> BTreeSet<&str> {
    text.match_indices("COM-").filter_map(|(at, _)| text.get(at..at + 7)).collect()
}

#[test]
fn rules_and_code_name_each_other() {
    let numbered = |id: &&str| id[4..].parse::<u16>().is_ok();
    let cited_in_code: BTreeSet<&str> = SOURCES.into_iter().flat_map(cited).filter(numbered).collect();
    let given: BTreeSet<&str> = cited(SPECIFICATION).into_iter().filter(numbered).collect();
    assert_eq!(cited_in_code, given);
}
