//! Who plays: nodes with their groups and agents. Data, and nothing that runs.

/// A node of the federation.
#[derive(Debug, Clone)]
pub struct NodeSpec {
    /// Short name, `mae`.
    pub name: &'static str,
    /// Full name.
    pub organisation: &'static str,
    /// `ministry`, `embassy` or `guest`.
    pub kind: &'static str,
    /// `NP`, `DR` or `DR+SF`.
    pub ceiling: &'static str,
    /// The ministry that answers for a guest.
    pub sponsor: Option<&'static str>,
    /// Functional groups.
    pub groups: Vec<GroupSpec>,
    /// Agents; the first drafts and releases for the first group.
    pub agents: Vec<AgentSpec>,
}

/// A functional group.
#[derive(Debug, Clone)]
pub struct GroupSpec {
    /// `cdc` in `cdc@mae`.
    pub handle: &'static str,
    /// Name.
    pub name: &'static str,
    /// Themes it follows.
    pub tags: &'static str,
    /// The highest level it receives.
    pub ceiling: &'static str,
}

/// An agent with an account.
#[derive(Debug, Clone)]
pub struct AgentSpec {
    /// Sign-in name.
    pub login: &'static str,
    /// Name shown.
    pub name: &'static str,
    /// What `testnet.json` says of it: `agent`, `number-two`, `manager` or `operator`.
    pub role: &'static str,
    /// Office, for the printed table.
    pub office: &'static str,
    /// `NP`, `DR` or `DR+SF`.
    pub clearance: &'static str,
    /// `handle:agent` or `handle:number-two`.
    pub groups: &'static [&'static str],
}

const fn group(
    handle: &'static str,
    name: &'static str,
    tags: &'static str,
    ceiling: &'static str,
) -> GroupSpec {
    GroupSpec { handle, name, tags, ceiling }
}

const fn agent(
    (login, name): (&'static str, &'static str),
    (role, office): (&'static str, &'static str),
    clearance: &'static str,
    groups: &'static [&'static str],
) -> AgentSpec {
    AgentSpec { login, name, role, office, clearance, groups }
}

/// The five nodes of the acceptance scenario.
pub fn ebola() -> Vec<NodeSpec> {
    vec![mae(), sante(), transports(), conakry(), ong()]
}

/// Sender and receiver of one telegram: the smallest federation there is.
pub fn pair() -> Vec<NodeSpec> {
    vec![mae(), conakry()]
}

/// The foreign ministry.
pub fn mae() -> NodeSpec {
    NodeSpec {
        name: "mae",
        organisation: "Ministère des affaires étrangères",
        kind: "ministry",
        ceiling: "DR",
        sponsor: None,
        groups: vec![
            group("cdc", "Centre de crise", "ebola,sante,securite", "DR"),
            group("dao", "Direction d'Afrique et de l'océan Indien", "afrique", "DR"),
        ],
        agents: vec![
            agent(("c.mercier", "Claire Mercier"), ("agent", "rédactrice"), "DR", &["cdc:agent"]),
            agent(("y.benali", "Yanis Benali"), ("agent", "permanent de nuit"), "DR", &["cdc:agent"]),
            agent(
                ("h.delorme", "Hélène Delorme"),
                ("number-two", "numéro 2"),
                "DR",
                &["cdc:number-two", "dao:number-two"],
            ),
            agent(
                ("p.garnier", "Paul Garnier"),
                ("manager", "responsable de communautés"),
                "DR",
                &["cdc:agent", "dao:agent"],
            ),
            agent(("exploitation", "Exploitation mae"), ("operator", "exploitant"), "NP", &[]),
        ],
    }
}

/// The health ministry.
pub fn sante() -> NodeSpec {
    NodeSpec {
        name: "sante",
        organisation: "Ministère de la santé",
        kind: "ministry",
        ceiling: "DR",
        sponsor: None,
        groups: vec![
            group("dgs", "Direction générale de la santé", "sante,ebola", "DR"),
            group("corruss", "Centre opérationnel de régulation des urgences sanitaires", "urgences", "DR"),
        ],
        agents: vec![
            agent(("s.laurent", "Sophie Laurent"), ("agent", "rédactrice"), "DR", &["dgs:agent"]),
            agent(("m.kone", "Mariam Koné"), ("agent", "permanente"), "DR", &["corruss:agent", "dgs:agent"]),
            agent(
                ("b.faure", "Bertrand Faure"),
                ("number-two", "numéro 2"),
                "DR",
                &["dgs:number-two", "corruss:number-two"],
            ),
            agent(
                ("l.renard", "Lucie Renard"),
                ("manager", "responsable de communautés"),
                "DR",
                &["dgs:agent"],
            ),
            agent(("exploitation", "Exploitation santé"), ("operator", "exploitant"), "NP", &[]),
        ],
    }
}

/// The transport ministry.
pub fn transports() -> NodeSpec {
    NodeSpec {
        name: "transports",
        organisation: "Ministère des transports",
        kind: "ministry",
        ceiling: "DR",
        sponsor: None,
        groups: vec![group("dgac", "Direction générale de l'aviation civile", "aerien,frontieres", "DR")],
        agents: vec![
            agent(("t.blanc", "Thomas Blanc"), ("agent", "rédacteur"), "DR", &["dgac:agent"]),
            agent(("n.perrin", "Nadia Perrin"), ("number-two", "numéro 2"), "DR", &["dgac:number-two"]),
            agent(
                ("e.roux", "Étienne Roux"),
                ("manager", "responsable de communautés"),
                "DR",
                &["dgac:agent"],
            ),
            agent(("exploitation", "Exploitation transports"), ("operator", "exploitant"), "NP", &[]),
        ],
    }
}

/// The embassy.
pub fn conakry() -> NodeSpec {
    NodeSpec {
        name: "conakry",
        organisation: "Ambassade de France en Guinée",
        kind: "embassy",
        ceiling: "DR",
        sponsor: None,
        groups: vec![
            group("chancellerie", "Chancellerie politique", "afrique,ebola", "DR"),
            group("scac", "Service de coopération et d'action culturelle", "cooperation", "DR"),
        ],
        agents: vec![
            agent(("a.diallo", "Aïssata Diallo"), ("agent", "rédactrice"), "DR", &["chancellerie:agent"]),
            agent(
                ("j.martin", "Jacques Martin"),
                ("agent", "ambassadeur"),
                "DR",
                &["chancellerie:agent", "scac:agent"],
            ),
            agent(
                ("f.lemoine", "Françoise Lemoine"),
                ("number-two", "numéro 2"),
                "DR",
                &["chancellerie:number-two", "scac:number-two"],
            ),
            agent(
                ("o.camara", "Ousmane Camara"),
                ("manager", "responsable de communautés"),
                "DR",
                &["scac:agent"],
            ),
            agent(("exploitation", "Exploitation Conakry"), ("operator", "exploitant"), "NP", &[]),
        ],
    }
}

/// The guest, sponsored by the foreign ministry.
pub fn ong() -> NodeSpec {
    NodeSpec {
        name: "ong",
        organisation: "Solidarité médicale internationale",
        kind: "guest",
        ceiling: "NP",
        sponsor: Some("mae"),
        groups: vec![group("urgences", "Pôle urgences", "ebola,sante", "NP")],
        agents: vec![
            agent(("i.moreau", "Inès Moreau"), ("agent", "rédactrice"), "NP", &["urgences:agent"]),
            agent(("d.petit", "Daniel Petit"), ("number-two", "numéro 2"), "NP", &["urgences:number-two"]),
            agent(
                ("r.sow", "Ramatoulaye Sow"),
                ("manager", "responsable de communautés"),
                "NP",
                &["urgences:agent"],
            ),
            agent(("exploitation", "Exploitation ONG"), ("operator", "exploitant"), "NP", &[]),
        ],
    }
}
