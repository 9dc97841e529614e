use crate::doors::api::routes;
use serde_json::Value;
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::to_value(routes().1).unwrap()
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        item.iter().map(move |(method, operation)| (format!("{method} {path}"), operation.clone()))
    });
    each.collect()
}

#[test]
fn every_operation_has_an_id_of_its_own_a_summary_and_problems() {
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document()) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name}");
        assert!(operation["summary"].is_string(), "{name}");
        let refused = &operation["responses"]["422"]["content"]["application/problem+json"]["schema"];
        assert_eq!(refused["$ref"], "#/components/schemas/Problem", "{name}");
    }
    assert!(ids.len() >= 35, "{}", ids.len());
}

#[test]
fn only_signing_in_and_registering_need_no_session() {
    let document = document();
    let open = operations(&document)
        .into_iter()
        .filter(|(_, operation)| operation["security"] == serde_json::json!([{}]));
    let open: Vec<_> = open.map(|(name, _)| name).collect();
    assert_eq!(open, ["post /api/v1/registrations", "post /api/v1/sessions"]);
    assert_eq!(document["security"], serde_json::json!([{"bearer": []}, {"cookie": []}]));
}

#[test]
fn every_reference_has_a_target_and_every_parameter_its_place() {
    let document = document();
    let text = document.to_string();
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    for (name, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let in_path = name.contains(&format!("{{{}}}", parameter["name"].as_str().unwrap()));
            assert_eq!(parameter["in"] == "path", in_path, "{name}: {parameter}");
        }
    }
}
