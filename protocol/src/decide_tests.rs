use super::*;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

const GROUP: GroupId = GroupId::from_bytes([1; 16]);
const OTHER: GroupId = GroupId::from_bytes([2; 16]);
const SPACE: SpaceId = SpaceId::from_bytes([3; 16]);

fn subject(clearance: Level) -> Subject {
    Subject {
        agent: AgentId::from_bytes([9; 16]),
        clearance,
        groups: BTreeMap::from([(GROUP, Role::Agent)]),
        communities: BTreeSet::from([SPACE]),
        operator: false,
    }
}

fn audience(groups: &[GroupId], ceiling: Option<Level>) -> Audience {
    Audience {
        groups: groups.iter().copied().collect(),
        communities: ceiling.map(|ceiling| (SPACE, ceiling)).into_iter().collect(),
    }
}

fn refused(subject: &Subject, act: Act, level: &Level, audience: &Audience) -> Option<Rule> {
    match decide(subject, act, &Object { label: &level.label(), audience }) {
        Decision::Allowed => None,
        Decision::Refused(rule) => Some(rule),
    }
}

#[test]
fn a_label_above_the_clearance_is_never_read() {
    let audience = audience(&[GROUP], None);
    assert_eq!(refused(&subject(Level::NP), Act::Read, &Level::DR, &audience), Some(Rule::AboveClearance));
    assert_eq!(refused(&subject(Level::DR), Act::Read, &Level::DR, &audience), None);
}

#[test]
fn clearance_is_the_least_of_agent_terminal_and_node() {
    assert_eq!(clearance(&Level::DR, &Level::NP, &Level::DR), Level::NP);
    assert_eq!(clearance(&Level::DR, &Level::DR, &Level::NP), Level::NP);
    assert_eq!(clearance(&Level::NP, &Level::DR, &Level::DR), Level::NP);
    assert_eq!(clearance(&Level::DR, &Level::DR, &Level::DR), Level::DR);
}

#[test]
fn a_community_shows_nothing_above_its_ceiling() {
    let below = audience(&[], Some(Level::NP));
    let reader = subject(Level::DR);
    assert_eq!(refused(&reader, Act::Read, &Level::DR, &below), Some(Rule::NotInAudience));
    assert_eq!(refused(&reader, Act::Post(SPACE), &Level::DR, &below), Some(Rule::AboveCommunity));
    assert_eq!(refused(&reader, Act::Share(SPACE), &Level::NP, &below), None);
}

#[test]
fn an_outsider_neither_reads_nor_acts() {
    let theirs = audience(&[OTHER], None);
    let reader = subject(Level::DR);
    assert_eq!(refused(&reader, Act::Read, &Level::NP, &theirs), Some(Rule::NotInAudience));
    assert_eq!(refused(&reader, Act::Acknowledge, &Level::NP, &theirs), Some(Rule::NotInAudience));
    assert_eq!(refused(&reader, Act::Release(OTHER), &Level::NP, &theirs), Some(Rule::RoleMissing));
}

#[test]
fn an_unknown_policy_is_refused_before_anything_else() {
    let label = Label { policy: "XX".into(), classification: "NP".into(), categories: vec![] };
    let everybody = audience(&[GROUP], Some(Level::DR));
    let object = Object { label: &label, audience: &everybody };
    assert_eq!(decide(&subject(Level::DR), Act::Read, &object), Decision::Refused(Rule::LabelUnknown));
}

proptest! {
    #[test]
    fn more_clearance_never_takes_away(dr_subject: bool, dr_object: bool, in_group: bool, in_space: bool) {
        let level = |dr: bool| if dr { Level::DR } else { Level::NP };
        let groups = if in_group { vec![GROUP] } else { vec![OTHER] };
        let audience = audience(&groups, in_space.then_some(Level::DR));
        let object = level(dr_object);
        let low = refused(&subject(level(dr_subject)), Act::Read, &object, &audience);
        let high = refused(&subject(Level::DR), Act::Read, &object, &audience);
        prop_assert!(low.is_some() || high.is_none());
        let expected = level(dr_subject).dominates(&object) && (in_group || in_space);
        prop_assert_eq!(low.is_none(), expected);
    }
}
