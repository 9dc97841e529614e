use super::*;
use clap::CommandFactory;

fn run(line: &str) -> Result<ExitCode> {
    let cli = Cli::try_parse_from(line.split(' ')).map_err(|error| anyhow::anyhow!("{error}"))?;
    dispatch(cli.command)
}

fn refused_with(line: &str) -> String {
    format!("{:#}", run(line).expect_err(line))
}

#[test]
fn the_commands_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn a_node_is_made_accredited_renewed_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display();
    run(&format!("valise authority init --dir {at}/authority --keys 3 --threshold 2")).unwrap();
    let init = |name: &str, kind: &str| {
        format!(
            "valise init --dir {at}/{name} --name {name} --organisation {name} --kind {kind} \
             --authority {at}/authority/authority.cbor --listen /ip4/127.0.0.1/tcp/0"
        )
    };
    run(&init("mae", "ministry")).unwrap();
    run(&init("ong", "guest")).unwrap();
    assert!(refused_with(&init("mae", "ministry")).contains("already"));

    let accredit = |name: &str, rest: &str| {
        format!("valise authority accredit {at}/{name}/request.cbor --dir {at}/authority {rest}")
    };
    run(&accredit("mae", "--ceiling DR+SF")).unwrap();
    assert!(refused_with(&accredit("ong", "--ceiling NP")).contains("--sponsor"));
    assert!(refused_with(&accredit("ong", "--ceiling NP --sponsor mae --days 91")).contains("1 to 90"));
    assert!(refused_with(&accredit("ong", "--ceiling DR --sponsor mae")).contains("NP at most"));
    run(&accredit("ong", "--ceiling NP --sponsor mae --days 90")).unwrap();
    run(&accredit("mae", "--ceiling DR")).unwrap();
    run(&format!("valise authority revoke ong --dir {at}/authority")).unwrap();
    assert!(refused_with(&accredit("ong", "--ceiling NP --sponsor mae")).contains("for good"));

    let authority = run::read_authority(&folder.path().join("authority/authority.cbor")).unwrap();
    let bytes = std::fs::read(folder.path().join("authority/federation.list")).unwrap();
    let list = protocol::federation::SignedList(bytes).verify(&authority).unwrap();
    assert_eq!(list.list().version, 5);
    assert_eq!(list.list().entries.len(), 2);
    let mae = list.named("mae").unwrap();
    assert_eq!(mae.ceiling, protocol::label::Level::DR);
    assert_eq!(list.named("ong").unwrap().sponsor, Some(mae.node));
}

#[test]
fn too_few_keys_sign_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display();
    run(&format!("valise authority init --dir {at} --keys 2 --threshold 2")).unwrap();
    std::fs::remove_file(folder.path().join("key-2.secret")).unwrap();
    let refused = refused_with(&format!("valise authority revoke mae --dir {at}"));
    assert!(refused.contains("1 of the 2 keys"), "{refused}");
    assert!(
        refused_with(&format!("valise authority init --dir {at}/x --keys 1 --threshold 2"))
            .contains("--keys")
    );
}

#[test]
fn a_node_without_a_list_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display();
    run(&format!("valise authority init --dir {at}/authority")).unwrap();
    run(&format!(
        "valise init --dir {at}/mae --name mae --organisation \"MAE\" --kind ministry \
         --authority {at}/authority/authority.cbor --address /ip4/192.0.2.1/udp/4001/quic-v1"
    ))
    .unwrap();
    let refused = refused_with(&format!("valise verify --dir {at}/mae"));
    assert!(refused.contains("valise join"), "{refused}");
    assert!(crate::config::Config::load(&folder.path().join("mae")).is_ok());
}
