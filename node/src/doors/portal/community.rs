//! A community: its charter, its organisations, its posts, and the acts of its manager.

use super::choices::{Choice, levels};
use super::failure::{Kept, Trouble, status};
use super::language::Language;
use super::link::encode;
use super::marks::{LabelMark, inert, label_from_form};
use super::page::Page;
use super::refusals;
use super::visit::{Answer, Stop, Visit, go, render, render_with};
use crate::desks::view::{AgentView, CommunityView, OrganisationView, PostView};
use crate::desks::{Cleared, Problem};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use protocol::label::{Label, Level};
use protocol::refusal::Code;
use serde::Deserialize;

/// Posts shown at once.
const POSTS_MAX: usize = 100;

/// A member organisation.
struct Organisation {
    node: String,
    name: String,
    kind: String,
    state: String,
    reason: String,
    /// Member or invited: can be expelled.
    present: bool,
    expel_link: String,
}

/// A post, or a correspondence shared here.
struct Post {
    id: String,
    shared: Option<(String, String)>,
    author: String,
    organisation: String,
    at: String,
    dtg: String,
    local: String,
    label: LabelMark,
    paragraphs: Vec<super::body::Paragraph>,
    unread: bool,
}

#[derive(Template)]
#[template(path = "community.html")]
struct CommunityPage {
    p: Page,
    view: CommunityView,
    ceiling: LabelMark,
    organisations: Vec<Organisation>,
    posts: Vec<Post>,
    labels: Vec<Choice>,
    body: String,
    invitable: Vec<Choice>,
    admissible: Vec<Choice>,
    trouble: Trouble,
}

impl CommunityPage {
    fn may(&self, act: &str) -> bool {
        self.view.acts.iter().any(|legal| legal == act)
    }
}

/// What was typed into the form of a post.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct PostForm {
    label: String,
    body: String,
}

fn view(visit: &Visit, id: &str) -> Result<CommunityView, Stop> {
    let view = visit.desks.community(&visit.session, id);
    Ok(inert_view(view.map_err(|problem| visit.refuse(problem))?.into_inner()))
}

fn page(visit: &Visit, id: &str, typed: PostForm, trouble: Trouble) -> Result<CommunityPage, Stop> {
    let view = view(visit, id)?;
    let language = visit.reader.language;
    let posts = visit.desks.posts(&visit.session, id, None, POSTS_MAX);
    // One who may admit agents sees the charter without being admitted to the posts.
    let posts = posts.map(Cleared::into_inner).unwrap_or_default();
    let ceiling = Label::from(view.ceiling.clone()).level().unwrap_or(Level::NP);
    let labels = levels(&visit.session.subject.clearance.meet(&ceiling), &typed.label, language);
    let federation = visit.desks.federation(&visit.session).into_inner();
    let outside =
        federation.peers.iter().filter(|peer| !view.organisations.iter().any(|o| o.node == peer.name));
    let invitable = outside.map(|peer| Choice::new(&peer.name, inert(&peer.organisation), "")).collect();
    Ok(CommunityPage {
        p: visit.page("communities"),
        ceiling: LabelMark::of(&view.ceiling, language),
        organisations: view.organisations.iter().map(|o| organisation(o, &view.id, language)).collect(),
        posts: posts.into_iter().map(|post| shown(post, visit)).collect(),
        labels,
        body: typed.body,
        invitable,
        admissible: admissible(visit, &view.agents),
        trouble,
        view,
    })
}

fn admissible(visit: &Visit, admitted: &[AgentView]) -> Vec<Choice> {
    let agents = visit.desks.agents(&visit.session).map(Cleared::into_inner).unwrap_or_default();
    let outside = agents.into_iter().filter(|agent| !admitted.iter().any(|other| other.id == agent.id));
    outside.map(|agent| Choice::new(&agent.id, inert(&agent.name), "")).collect()
}

fn organisation(view: &OrganisationView, community: &str, language: Language) -> Organisation {
    let reason = view.refused.as_deref().and_then(Code::parse);
    Organisation {
        node: view.node.clone(),
        name: view.organisation.clone(),
        kind: language.node_kind(&view.kind).to_owned(),
        state: language.member_state(&view.state).to_owned(),
        reason: reason.map(|code| refusals::sentences(code, language).0.to_owned()).unwrap_or_default(),
        present: view.state != "refused",
        expel_link: format!("/communities/{community}/expel?node={}", encode(&view.node)),
    }
}

fn shown(post: PostView, visit: &Visit) -> Post {
    let (language, clock) = (visit.reader.language, &visit.reader.clock);
    let kind = language.kind(&post.kind).to_owned();
    Post {
        shared: post.subject.map(|subject| (kind, inert(&subject))),
        author: inert(&post.author),
        organisation: inert(&post.organisation),
        local: clock.local(&post.at),
        dtg: post.dtg,
        label: LabelMark::of(&post.label, language),
        paragraphs: super::body::paragraphs(&post.body, false),
        unread: post.unread,
        at: post.at,
        id: post.id,
    }
}

fn inert_view(view: CommunityView) -> CommunityView {
    let organisations = view.organisations.into_iter();
    let agents = view.agents.into_iter();
    CommunityView {
        name: inert(&view.name),
        project: inert(&view.project),
        manager: inert(&view.manager),
        tags: view.tags.iter().map(|tag| inert(tag)).collect(),
        membership_depends_on: inert(&view.membership_depends_on),
        organisations: organisations
            .map(|o| OrganisationView { organisation: inert(&o.organisation), ..o })
            .collect(),
        agents: agents.map(|agent| AgentView { name: inert(&agent.name), ..agent }).collect(),
        ..view
    }
}

/// What the address says.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
    node: String,
}

/// `GET /communities/{id}`
pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let mut page = page(&visit, &id, PostForm::default(), Trouble::default())?;
    page.p.notice = page.p.t.done(&asked.done);
    let unread: Vec<_> = page.posts.iter().filter(|post| post.unread).map(|post| post.id.clone()).collect();
    if !unread.is_empty() {
        // Shown is read. A node that cannot note it now shows the page all the same.
        let _ = visit.desks.saw_posts(&visit.session, unread).await;
    }
    Ok(render(&page))
}

/// `POST /communities/{id}/posts`
pub(super) async fn post(visit: Visit, Path(id): Path<String>, Form(form): Form<PostForm>) -> Answer {
    let text = form.body.replace("\r\n", "\n");
    let done = visit.desks.post(&visit.session, &id, label_from_form(&form.label), &text).await;
    match done {
        Ok(_) => go(&format!("/communities/{id}?done=posted#latest")),
        Err(problem) => {
            let trouble = Trouble::of(&problem, visit.reader.language, Kept::Form);
            Ok(render_with(status(&problem), &page(&visit, &id, form, trouble)?))
        }
    }
}

/// `POST /communities/{id}/accept`: the manager takes the charge.
pub(super) async fn accept(visit: Visit, Path(id): Path<String>) -> Answer {
    let done = visit.desks.accept_community(&visit.session, &id).await;
    after(&visit, &id, done.map(drop), "charge")
}

/// A node or an agent.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Whom {
    node: String,
    agent: String,
}

/// `POST /communities/{id}/invite`
pub(super) async fn invite(visit: Visit, Path(id): Path<String>, Form(whom): Form<Whom>) -> Answer {
    let done = visit.desks.invite(&visit.session, &id, &whom.node).await;
    after(&visit, &id, done.map(drop), "invited")
}

/// `POST /communities/{id}/admit`
pub(super) async fn admit(visit: Visit, Path(id): Path<String>, Form(whom): Form<Whom>) -> Answer {
    let done = visit.desks.admit(&visit.session, &id, &whom.agent).await;
    after(&visit, &id, done.map(drop), "admitted")
}

/// `POST /communities/{id}/expel`
pub(super) async fn expel(visit: Visit, Path(id): Path<String>, Form(whom): Form<Whom>) -> Answer {
    let done = visit.desks.expel(&visit.session, &id, &whom.node).await;
    after(&visit, &id, done.map(drop), "expelled")
}

fn after(visit: &Visit, id: &str, done: Result<(), Problem>, word: &str) -> Answer {
    match done {
        Ok(()) => go(&format!("/communities/{id}?done={word}")),
        Err(problem) => {
            let trouble = Trouble::of(&problem, visit.reader.language, Kept::Nothing);
            Ok(render_with(status(&problem), &page(visit, id, PostForm::default(), trouble)?))
        }
    }
}

#[derive(Template)]
#[template(path = "expel.html")]
struct Expel {
    p: Page,
    view: CommunityView,
    organisation: Organisation,
}

/// `GET /communities/{id}/expel?node=`: the effects, before the act.
pub(super) async fn confirm_expel(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let view = view(&visit, &id)?;
    let found = view.organisations.iter().find(|organisation| organisation.node == asked.node);
    let Some(found) = found else { return Err(visit.refuse(Problem::not_found())) };
    let organisation = organisation(found, &view.id, visit.reader.language);
    Ok(render(&Expel { p: visit.page("communities"), organisation, view }))
}
