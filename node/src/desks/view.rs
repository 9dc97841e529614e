//! What the desks answer: plain values for the JSON API and the portal alike. They hold nothing that
//! the asker is not cleared for; whoever makes one has decided.

mod community;
mod draft;
mod federation;
mod find;
mod item;
mod marks;
mod people;

pub use community::{OrganisationView, CommunityView, PostView};
pub use draft::{DraftView, DraftState};
pub use federation::{PeerView, LagView, FederationView};
pub use find::{SearchForm, HitView, FacetValue, FacetsView, SearchPage, DirectoryEntry};
pub use item::{DeliveryView, ImportView, SignatureView, CommunityBrief, ItemView, TeleprinterItem, TeleprinterPage};
pub use marks::{LabelView, PartyView, PrecedenceView};
pub use people::{MembershipView, AgentView, MeView, RegistrationView};
