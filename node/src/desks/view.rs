//! What the desks answer: plain values for the JSON API and the portal alike. They hold nothing that
//! the asker is not cleared for; whoever makes one has decided.

mod attachment;
mod community;
mod draft;
mod federation;
mod find;
mod item;
mod marks;
mod people;

pub use attachment::AttachmentView;
pub use community::{CommunityView, OrganisationView, PostView};
pub use draft::{DraftState, DraftView};
pub use federation::{EvidenceView, FederationView, LagView, PeerView, RefusalView, ReturnView};
pub use find::{DirectoryEntry, FacetValue, FacetsView, HitView, SearchForm, SearchPage};
pub use item::{
    CommunityBrief, DeliveryView, ImportView, ItemView, SignatureView, TeleprinterItem, TeleprinterPage,
};
pub use marks::{LabelView, PartyView, PrecedenceView};
pub use people::{AgentView, MeView, MembershipView, RegistrationView};
