use super::*;

const SOUND: &str = r#"
name = "mae"
organisation = "Ministère des Affaires étrangères"
kind = "ministry"

[web]
listen = "127.0.0.1:8443"
tls_cert = "cert.pem"
tls_key = "/etc/valise/key.pem"

[metrics]
listen = "127.0.0.1:9443"

[net]
listen = ["/ip4/0.0.0.0/udp/4001/quic-v1"]

[communities]
accept_from = ["ministry", "embassy"]
up_to = "NP"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/srv/mae"))
}

fn place(text: &str) -> (usize, usize, String) {
    match parse(text) {
        Err(ConfigError::Wrong { line, column, message, .. }) => (line, column, message),
        other => panic!("expected a wrong line, got {other:?}"),
    }
}

#[test]
fn paths_are_relative_to_the_file() {
    let config = parse(SOUND).unwrap();
    assert_eq!(config.authority, Path::new("/srv/mae/authority.cbor"));
    assert_eq!(config.list, Path::new("/srv/mae/federation.list"));
    let tls = (PathBuf::from("/srv/mae/cert.pem"), PathBuf::from("/etc/valise/key.pem"));
    assert_eq!(config.tls(), Some(tls));
    let settings = config.settings();
    assert_eq!(settings.accept_from, [Kind::Ministry, Kind::Embassy]);
    assert_eq!(settings.accept_up_to, Level::NP);
}

#[test]
fn without_a_policy_only_ministries_are_followed() {
    let text = SOUND.split("[communities]").next().unwrap();
    let settings = parse(text).unwrap().settings();
    assert_eq!(settings.accept_from, [Kind::Ministry]);
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_column() {
    let (line, column, message) = place(&SOUND.replace("tls_key", "tls_kye"));
    assert_eq!((line, column), (9, 1));
    assert!(message.contains("tls_kye"), "{message}");
    assert_eq!(place(&SOUND.replace("[metrics]", "[metric]")).0, 11);
}

#[test]
fn a_wrong_value_is_named_with_its_line() {
    for (from, to, line) in [
        (r#""mae""#, r#""MAE""#, 2),
        (r#""ministry""#, r#""ministère""#, 4),
        ("127.0.0.1:9443", "localhost", 12),
        (r#"up_to = "NP""#, r#"up_to = "SECRET""#, 19),
        (r#""embassy"]"#, r#""embassies"]"#, 18),
    ] {
        assert_eq!(place(&SOUND.replacen(from, to, 1)).0, line, "{to}");
    }
}

#[test]
fn half_of_tls_is_refused() {
    let text = SOUND.replace("tls_key = \"/etc/valise/key.pem\"\n", "");
    assert!(matches!(parse(&text), Err(ConfigError::HalfTls { .. })));
}

#[test]
fn a_missing_file_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Config::load(folder.path()).unwrap_err().to_string();
    assert!(refused.contains("valise init"), "{refused}");
}
