//! Answering a search.

use super::question::{Question, question};
use super::tokens;
use crate::desks::cleared::{Cleared, readable, trimmed};
use crate::desks::records::{Content, ITEMS};
use crate::desks::teleprinter::{Headline, Reach};
use crate::desks::view::{FacetValue, FacetsView, HitView, LabelView, SearchForm, SearchPage};
use crate::desks::{Desks, Problem, Session};
use protocol::decide::{Object, Subject};
use protocol::ids::{ItemId, SpaceId};
use protocol::refusal::Code;
use search::limits::HITS_MAX;
use search::{Facets, Query, Shelf, snippet};
use store::Read;
use tokio::task::spawn_blocking;

/// Characters of the excerpt under a hit: two lines of a page.
const SNIPPET_CHARS: usize = 240;

impl Desks {
    /// What the session may find. Trimmed inside the query: total and facets count exactly what the
    /// asker may see.
    pub async fn search(&self, s: &Session, f: &SearchForm) -> Result<Cleared<SearchPage>, Problem> {
        let question = question(f)?;
        let (desks, subject) = (self.clone(), s.subject.clone());
        let answered = spawn_blocking(move || desks.answer(&subject, question));
        answered.await.unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "search.broke_off");
            Err(Problem::new(Code::Internal, "the search broke off"))
        })
    }

    fn answer(&self, subject: &Subject, question: Question) -> Result<Cleared<SearchPage>, Problem> {
        let Question { mut query, community } = question;
        let reach = Reach::of(self, &self.snapshot()?, subject)?;
        // To ask for a community that has not admitted one is to ask for nothing: not even items that
        // one reads through a group may tell that they stand there.
        if community.is_none_or(|id| reach.community_name(id).is_some()) {
            query.audience = tokens::of_reader(&reach, &subject.clearance);
        }
        let shelves = self.inner.shelves.cleared(&subject.clearance);
        let shelves: Vec<&Shelf> = shelves.iter().map(|shelf| &**shelf).collect();
        let answer = search::search(&shelves, &query)?;
        // Taken after the search: what was found is in the store.
        let snapshot = self.snapshot()?;
        let mut hits = Vec::new();
        for hit in &answer.hits {
            if let Some(hit) = self.hit(&snapshot, subject, &reach, &query, hit.id)? {
                hits.push(hit.into_inner());
            }
        }
        let page = SearchPage {
            total: answer.total,
            hits,
            facets: facets(answer.facets, &reach),
            cursor: next(&query, answer.total),
        };
        Ok(trimmed(subject, page))
    }

    /// A hit as shown. The query has trimmed already: one that the policy decision does not let
    /// through is a fault of ours, and is logged as one.
    fn hit(
        &self,
        read: &impl Read,
        subject: &Subject,
        reach: &Reach,
        query: &Query,
        id: ItemId,
    ) -> Result<Option<Cleared<HitView>>, Problem> {
        let Some(record) = read.get(ITEMS, &id)? else {
            tracing::error!(item.id = %id, "search.hit_missing");
            return Ok(None);
        };
        let body = match &record.content {
            Content::Correspondence(signed) => &signed.item.body,
            Content::Post(post) => &post.body,
        };
        let headline = Headline::of(self, &record);
        let view = HitView {
            id: id.to_string(),
            kind: headline.kind.to_owned(),
            subject: headline.subject,
            snippet: snippet(&query.text, body, SNIPPET_CHARS),
            from: headline.from,
            precedence: headline.urgency.as_str().to_owned(),
            label: LabelView::from(record.content.label()),
            dtg: headline.at.dtg(),
            released_at: headline.at.to_string(),
        };
        let audience = record.audience(|space| reach.ceiling(space));
        let object = Object { label: record.content.label(), audience: &audience };
        let cleared = readable(subject, &object, view);
        if cleared.is_err() {
            tracing::error!(item.id = %id, "search.hit_not_readable");
        }
        Ok(cleared.ok())
    }
}

/// Where the next page begins; none past the deepest hit that the tool gives.
fn next(query: &Query, total: u64) -> Option<String> {
    let end = query.offset.saturating_add(query.limit);
    let more = u64::try_from(end).is_ok_and(|end| end < total) && end + query.limit <= HITS_MAX;
    more.then(|| end.to_string())
}

fn facets(facets: Facets, reach: &Reach) -> FacetsView {
    let plain = |values: Vec<(String, u64)>| {
        let value = |(value, count): (String, u64)| FacetValue { name: value.clone(), value, count };
        values.into_iter().map(value).collect()
    };
    // An item found through a group may stand in a community that has not admitted the asker.
    let community = |(value, count): (String, u64)| {
        let name = reach.community_name(value.parse::<SpaceId>().ok()?)?.to_owned();
        Some(FacetValue { value, name, count })
    };
    FacetsView {
        kind: plain(facets.kind),
        tag: plain(facets.tag),
        classification: plain(facets.classification),
        community: facets.community.into_iter().filter_map(community).collect(),
        month: plain(facets.month),
    }
}

#[cfg(test)]
mod tests {
    use super::{HITS_MAX, Query, next};

    #[test]
    fn pages_end_with_the_hits_and_with_the_limit() {
        let at = |offset| Query { offset, limit: 20, ..Query::default() };
        assert_eq!(next(&at(0), 20), None);
        assert_eq!(next(&at(0), 21).as_deref(), Some("20"));
        assert_eq!(next(&at(HITS_MAX - 40), 10_000), Some((HITS_MAX - 20).to_string()));
        assert_eq!(next(&at(HITS_MAX - 20), 10_000), None);
        assert_eq!(next(&at(usize::MAX), 10_000), None);
    }
}
