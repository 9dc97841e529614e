//! The papers of the opening. Fictional, written for this federation; places and bodies exist, the
//! figures and the events do not.

/// A correspondence to be sent.
pub(super) struct Paper {
    /// Node and sign-in of who drafts and releases.
    pub(super) author: (&'static str, &'static str),
    /// `telegram`, `note` or `letter`.
    pub(super) kind: &'static str,
    /// Sending group.
    pub(super) from: &'static str,
    /// Action addressees and their precedence.
    pub(super) action: (&'static [&'static str], &'static str),
    /// Information addressees and their precedence.
    pub(super) info: (&'static [&'static str], &'static str),
    /// Classification.
    pub(super) level: &'static str,
    /// Themes.
    pub(super) tags: &'static [&'static str],
    /// Subject.
    pub(super) subject: &'static str,
    /// Text.
    pub(super) body: &'static str,
}

/// In the order in which they leave.
pub(super) const PAPERS: [Paper; 6] = [MACENTA, NEEDS, RETURN, EPIDEMIOLOGY, FLIGHTS, MOBILE_TEAM];

const MACENTA: Paper = Paper {
    author: ("conakry", "a.diallo"),
    kind: "telegram",
    from: "chancellerie@conakry",
    action: (&["cdc@mae"], "immediate"),
    info: (&["dgs@sante"], "routine"),
    level: "DR",
    tags: &["sante", "ebola"],
    subject: "Ebola : aggravation de la situation à Macenta",
    body: "Le préfet de Macenta a reçu ce matin notre conseiller de coopération. Trente-quatre cas confirmés ont été \
recensés depuis le 12 octobre, dont onze parmi le personnel soignant de l'hôpital préfectoral. Le centre de transit \
est saturé ; sept malades attendent dehors.

Les autorités guinéennes envisagent de restreindre la circulation sur l'axe Macenta – Guéckédou à compter du \
22 octobre. La mesure n'est pas annoncée et notre interlocuteur en a demandé la discrétion.

Le poste recommande : 1) que le centre de crise avise sans délai les douze ressortissants présents dans la \
préfecture ; 2) qu'un accord de principe soit donné à l'ouverture d'un centre de traitement de cinquante lits ; \
3) que la présente situation soit portée à la connaissance de la direction générale de la santé.",
};

const NEEDS: Paper = Paper {
    author: ("conakry", "a.diallo"),
    kind: "telegram",
    from: "chancellerie@conakry",
    action: (&["dgs@sante"], "priority"),
    info: (&["cdc@mae", "urgences@ong"], "routine"),
    level: "NP",
    tags: &["sante", "ebola", "cooperation"],
    subject: "Besoins exprimés par la coordination nationale : lits, équipements, laboratoire",
    body: "La coordination nationale de lutte contre Ebola a remis aux partenaires la liste de ses besoins pour les \
soixante prochains jours : 200 lits supplémentaires en Guinée forestière, 40 000 équipements de protection \
individuelle, deux laboratoires mobiles et douze véhicules tout terrain.

Le laboratoire de Guéckédou analyse 80 prélèvements par jour et en reçoit 120. Le délai de rendu atteint quatre \
jours, ce qui prive le triage de son utilité.

Le poste serait reconnaissant à la direction générale de la santé d'indiquer quelles dotations peuvent être \
acheminées avant la fin du mois.",
};

const RETURN: Paper = Paper {
    author: ("mae", "c.mercier"),
    kind: "telegram",
    from: "cdc@mae",
    action: (&["chancellerie@conakry", "dgac@transports"], "immediate"),
    info: (&["corruss@sante"], "priority"),
    level: "DR",
    tags: &["ebola", "securite", "frontieres"],
    subject: "Dispositif de retour sanitaire : répartition des tâches",
    body: "À l'issue de la réunion tenue ce matin au centre de crise, le dispositif suivant est arrêté.

Le poste tient à jour la liste des personnes à rapatrier et désigne un référent joignable à toute heure. La \
direction générale de l'aviation civile confirme, avant 18 heures, les autorisations de survol et le créneau de \
l'aéronef médicalisé. Le centre opérationnel des urgences sanitaires désigne l'établissement d'accueil.

Aucune communication publique n'est faite avant l'arrivée des intéressés.",
};

const EPIDEMIOLOGY: Paper = Paper {
    author: ("sante", "s.laurent"),
    kind: "note",
    from: "dgs@sante",
    action: (&["cdc@mae"], "routine"),
    info: (&["chancellerie@conakry", "urgences@ong"], "routine"),
    level: "NP",
    tags: &["sante", "ebola"],
    subject: "Point épidémiologique hebdomadaire, semaine 42",
    body: "L'incidence hebdomadaire progresse de 18 % en Guinée, de 26 % en Sierra Leone et recule de 4 % au Liberia. \
Le temps de doublement observé en Guinée forestière est de vingt-trois jours.

La létalité hospitalière s'établit à 58 %. Elle est inférieure de douze points dans les centres qui disposent de \
réhydratation intraveineuse, ce qui confirme l'intérêt d'un appui clinique précoce.

La définition de cas est inchangée. Le prochain point paraîtra le 27 octobre.",
};

const FLIGHTS: Paper = Paper {
    author: ("transports", "t.blanc"),
    kind: "note",
    from: "dgac@transports",
    action: (&["cdc@mae"], "priority"),
    info: (&["chancellerie@conakry"], "routine"),
    level: "DR",
    tags: &["ebola", "frontieres"],
    subject: "Liaison aérienne avec Conakry : conditions de maintien",
    body: "Le transporteur subordonne le maintien de la liaison quotidienne à trois conditions : contrôle de \
température au départ assuré par une équipe reconnue, changement d'équipage à Nouakchott, protocole écrit de prise \
en charge à l'arrivée.

La première est remplie depuis le 18 octobre. La deuxième suppose l'accord des autorités mauritaniennes, sollicité \
ce jour. La troisième relève de la direction générale de la santé.

À défaut de réponse avant le 24 octobre, le transporteur suspendrait la rotation du 26.",
};

const MOBILE_TEAM: Paper = Paper {
    author: ("ong", "i.moreau"),
    kind: "letter",
    from: "urgences@ong",
    action: (&["cdc@mae"], "routine"),
    info: (&["dgs@sante"], "routine"),
    level: "NP",
    tags: &["ebola", "sante"],
    subject: "Disponibilité d'une équipe médicale mobile à Guéckédou",
    body: "Madame, Monsieur,

Solidarité médicale internationale peut déployer à Guéckédou, à compter du 25 octobre et pour trente jours, une \
équipe mobile de neuf personnes : deux médecins, quatre infirmiers, deux hygiénistes et un logisticien.

L'équipe dispose de son matériel et de ses équipements de protection. Elle aurait besoin d'un hébergement et d'une \
autorisation de circuler dans la préfecture.

Je vous prie d'agréer, Madame, Monsieur, l'expression de ma considération distinguée.",
};

/// The community.
pub(super) const COMMUNITY: &str = "Ebola – Afrique de l'Ouest";

/// What it is for.
pub(super) const PROJECT: &str = "Coordonner la réponse de l'État et de ses partenaires à l'épidémie en Afrique de \
l'Ouest : situation sanitaire, protection des ressortissants, liaisons aériennes, acheminement de l'aide.";

/// Posts: node, sign-in, level, text.
pub(super) const POSTS: [(&str, &str, &str, &str); 5] = [
    (
        "mae",
        "p.garnier",
        "NP",
        "La communauté est ouverte. Chaque organisation y dépose ses points de situation ; la réunion de coordination \
se tient chaque jour à 17 h 30 au centre de crise et par audioconférence.",
    ),
    (
        "sante",
        "s.laurent",
        "NP",
        "Deux lots de 5 000 équipements de protection quitteront l'entrepôt jeudi. La répartition entre Macenta et \
Guéckédou est à confirmer avec le poste avant mercredi midi.",
    ),
    (
        "conakry",
        "j.martin",
        "DR",
        "Entretien avec le ministre de la santé : accord de principe pour le centre de cinquante lits à Macenta, sous \
réserve que l'annonce en soit faite par la présidence. Merci de ne pas en faire état à l'extérieur.",
    ),
    (
        "transports",
        "t.blanc",
        "DR",
        "L'accord mauritanien sur le changement d'équipage est acquis oralement ; la confirmation écrite est attendue \
demain. La rotation du 26 est donc maintenue à ce stade.",
    ),
    (
        "ong",
        "i.moreau",
        "NP",
        "Notre équipe mobile sera à Conakry le 24 au soir. Nous cherchons un véhicule tout terrain pour la piste de \
Guéckédou : toute piste est bienvenue.",
    ),
];

/// Who is admitted to the community, by node and sign-in.
pub(super) const ADMITTED: [(&str, &str); 10] = [
    ("mae", "c.mercier"),
    ("mae", "y.benali"),
    ("sante", "s.laurent"),
    ("sante", "m.kone"),
    ("transports", "t.blanc"),
    ("transports", "n.perrin"),
    ("conakry", "a.diallo"),
    ("conakry", "j.martin"),
    ("ong", "i.moreau"),
    ("ong", "d.petit"),
];
