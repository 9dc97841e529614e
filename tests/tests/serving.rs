//! What a node answers to those who watch over it, and how its command line refuses.

use anyhow::Result;
use testnet::cast;
use testnet::client::Client;
use testnet::metrics::Metrics;
use tests::fixture::Fixture;

#[test]
fn health_metrics_and_description_are_served() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae()])?;
    let node = fixture.federation.node("mae")?;
    let door = Client::anonymous(&node.url);
    assert_eq!(door.get("/healthz")?.status, 200);
    assert!(Metrics::read(&node.metrics_url)?.text.contains("# TYPE"));
    assert_ne!(door.get("/metrics")?.status, 200, "metrics have their own listener");
    let described = door.get("/api/openapi.json")?.expect(200)?;
    for path in ["/api/v1/sessions", "/api/v1/correspondence", "/api/v1/search", "/api/v1/communities"] {
        assert!(described["paths"].get(path).is_some(), "{path} is described");
    }
    Ok(())
}

#[test]
fn an_unknown_key_in_the_configuration_is_refused_with_its_line() -> Result<()> {
    let fixture = Fixture::create(&[cast::mae()])?;
    let path = fixture.federation.node("mae")?.dir.join("valise.toml");
    let text = std::fs::read_to_string(&path)?;
    std::fs::write(&path, format!("couleur = \"bleu\"\n{text}"))?;
    let output = fixture.on_stopped("mae", &["run"])?;
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("couleur") && said.contains("valise.toml"), "{said}");
    assert!(said.contains("line 1") || said.contains(":1"), "{said}");
    Ok(())
}

#[test]
fn a_folder_serves_one_node_at_a_time() -> Result<()> {
    let fixture = Fixture::start(&[cast::mae()])?;
    let output = fixture.on_stopped("mae", &["run"])?;
    assert!(!output.status.success(), "a second node on the same store is refused");
    assert_eq!(fixture.drafter("mae")?.get("/api/v1/me")?.status, 200, "and the first goes on");
    Ok(())
}

#[test]
fn the_index_is_rebuilt_from_the_ledger() -> Result<()> {
    let mut fixture = Fixture::start(&cast::pair())?;
    let word = tests::compose::marker();
    let conakry = fixture.drafter("conakry")?;
    let draft = tests::compose::telegram("chancellerie@conakry", "cdc@mae", "DR", "À retrouver", &word);
    let id = conakry.draft(&draft)?;
    conakry.release(&id, &fixture.drafter_password("conakry")?)?;
    let found = |fixture: &Fixture| tests::lists::total(&fixture.drafter("mae")?, &format!("q={word}"));
    let soon = tests::fixture::SOON;
    testnet::wait::wait_until("the telegram in the search", soon, || Ok(found(&fixture)? == 1))?;
    fixture.federation.stop("mae")?;
    let output = fixture.on_stopped("mae", &["reindex"])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fixture.federation.start("mae")?;
    testnet::wait::wait_until("the telegram in the search again", soon, || Ok(found(&fixture)? == 1))
}
