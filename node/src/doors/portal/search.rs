//! The search page: words, filters, hits, and counts that are links.

use super::choices::{Choice, kinds, levels, precedences};
use super::link::with_query;
use super::marks::{LabelMark, inert, precedence_class};
use super::page::Page;
use super::visit::{Answer, Visit, render};
use crate::desks::view::{FacetValue, FacetsView, HitView, SearchForm};
use askama::Template;
use axum::extract::Query;

/// A hit.
struct Hit {
    id: String,
    kind: String,
    subject: String,
    /// Escaped by the search already, with `<mark>` only.
    snippet: String,
    from: String,
    class: &'static str,
    precedence: String,
    label: LabelMark,
    dtg: String,
}

/// A facet: values with counts; each links to the search narrowed by it, or widened when it is on.
struct Facet {
    name: &'static str,
    values: Vec<Value>,
}

struct Value {
    name: String,
    count: u64,
    link: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Search {
    p: Page,
    form: SearchForm,
    asked: bool,
    filtered: bool,
    kinds: Vec<Choice>,
    labels: Vec<Choice>,
    precedences: Vec<Choice>,
    communities: Vec<Choice>,
    total: String,
    hits: Vec<Hit>,
    facets: Vec<Facet>,
    next: Option<String>,
}

/// `GET /search`
pub(super) async fn show(visit: Visit, Query(form): Query<SearchForm>) -> Answer {
    let form = without_blanks(form);
    let filtered = filters(&form).iter().any(|(_, value)| !value.is_empty());
    let asked = filtered || !form.q.trim().is_empty();
    let found = if asked {
        let found = visit.desks.search(&visit.session, &form).await;
        found.map_err(|problem| visit.refuse(problem))?.into_inner()
    } else {
        crate::desks::view::SearchPage::default()
    };
    let language = visit.reader.language;
    let mut p = visit.page("search");
    p.query.clone_from(&form.q);
    let total = language.count(usize::try_from(found.total).unwrap_or(usize::MAX), p.t.result, p.t.results);
    let next = found.cursor.map(|cursor| link(&SearchForm { cursor: Some(cursor), ..form.clone() }));
    let current = |value: &Option<String>| value.clone().unwrap_or_default();
    let community = |community: crate::desks::view::CommunityBrief| {
        Choice::new(&community.id, inert(&community.name), &current(&form.community))
    };
    Ok(render(&Search {
        asked,
        filtered,
        kinds: kinds(&current(&form.kind), language),
        labels: classifications(&visit, &current(&form.classification)),
        precedences: precedences(&current(&form.precedence), language),
        communities: visit
            .desks
            .communities(&visit.session)
            .into_inner()
            .into_iter()
            .map(community)
            .collect(),
        total,
        hits: found.hits.into_iter().map(|hit| shown(hit, &visit)).collect(),
        facets: facets(&found.facets, &form, &visit),
        next,
        form,
        p,
    }))
}

/// The search filters by classification alone; categories come with what is found.
fn classifications(visit: &Visit, current: &str) -> Vec<Choice> {
    let all = levels(&visit.session.subject.clearance, current, visit.reader.language);
    all.into_iter().filter(|choice| !choice.value.contains('+')).collect()
}

/// A form sends every field; what is blank is not a filter.
fn without_blanks(form: SearchForm) -> SearchForm {
    let kept = |value: Option<String>| value.filter(|text| !text.trim().is_empty());
    SearchForm {
        q: form.q,
        kind: kept(form.kind),
        tag: kept(form.tag),
        classification: kept(form.classification),
        group: kept(form.group),
        community: kept(form.community),
        precedence: kept(form.precedence),
        since: kept(form.since),
        until: kept(form.until),
        cursor: kept(form.cursor),
    }
}

fn filters(form: &SearchForm) -> [(&'static str, &str); 8] {
    [
        ("kind", form.kind.as_deref().unwrap_or_default()),
        ("tag", form.tag.as_deref().unwrap_or_default()),
        ("classification", form.classification.as_deref().unwrap_or_default()),
        ("group", form.group.as_deref().unwrap_or_default()),
        ("community", form.community.as_deref().unwrap_or_default()),
        ("precedence", form.precedence.as_deref().unwrap_or_default()),
        ("since", form.since.as_deref().unwrap_or_default()),
        ("until", form.until.as_deref().unwrap_or_default()),
    ]
}

fn link(form: &SearchForm) -> String {
    let mut pairs = vec![("q", form.q.as_str())];
    pairs.extend(filters(form));
    pairs.push(("cursor", form.cursor.as_deref().unwrap_or_default()));
    with_query("/search", &pairs)
}

fn shown(hit: HitView, visit: &Visit) -> Hit {
    let language = visit.reader.language;
    Hit {
        kind: language.kind(&hit.kind).to_owned(),
        subject: inert(&hit.subject),
        snippet: inert(&hit.snippet),
        from: inert(&hit.from.name),
        class: precedence_class(&hit.precedence),
        precedence: language.precedence(&hit.precedence).to_owned(),
        label: LabelMark::of(&hit.label, language),
        dtg: hit.dtg,
        id: hit.id,
    }
}

/// The field of the form that a facet sets.
type Slot = fn(&mut SearchForm) -> &mut Option<String>;

fn facets(view: &FacetsView, form: &SearchForm, visit: &Visit) -> Vec<Facet> {
    let (language, t) = (visit.reader.language, visit.reader.language.texts());
    let base = SearchForm { cursor: None, ..form.clone() };
    let toggled = |current: &Option<String>, value: &str| {
        let on = current.as_deref() == Some(value);
        (on, (!on).then(|| value.to_owned()))
    };
    let facet = |name, values: &[FacetValue], field: Slot, say: &dyn Fn(&FacetValue) -> String| {
        let value = |value: &FacetValue| {
            let mut next = base.clone();
            let slot = field(&mut next);
            let (on, to) = toggled(slot, &value.value);
            *slot = to;
            Value { name: inert(&say(value)), count: value.count, link: link(&next), on }
        };
        Facet { name, values: values.iter().map(value).collect() }
    };
    let label =
        |value: &FacetValue| LabelMark::of(&super::marks::label_from_form(&value.value), language).words;
    let all = vec![
        facet(t.field_kind, &view.kind, |f| &mut f.kind, &|v| language.kind(&v.value).to_owned()),
        facet(t.field_label, &view.classification, |f| &mut f.classification, &label),
        facet(t.field_tags, &view.tag, |f| &mut f.tag, &|v| v.name.clone()),
        facet(t.facet_community, &view.community, |f| &mut f.community, &|v| v.name.clone()),
        months(&view.month, &base, visit),
    ];
    all.into_iter().filter(|facet| !facet.values.is_empty()).collect()
}

fn months(values: &[FacetValue], base: &SearchForm, visit: &Visit) -> Facet {
    let value = |value: &FacetValue| {
        let (name, first, last) = visit.reader.clock.month(&value.value)?;
        let on = base.since.as_deref() == Some(&first) && base.until.as_deref() == Some(&last);
        let (since, until) = if on { (None, None) } else { (Some(first), Some(last)) };
        let next = SearchForm { since, until, ..base.clone() };
        Some(Value { name, count: value.count, link: link(&next), on })
    };
    Facet {
        name: visit.reader.language.texts().facet_month,
        values: values.iter().filter_map(value).collect(),
    }
}
