//! The fifteen attacks that the protocol must stand, each by a peer that does it and the refusal by name: over
//! the real wire where a peer acts there, on the machine or the group where it acts inside. What each test is
//! about, its first line says; the table is in `docs/attacks.md`.

mod files;
mod flips;
mod flood;
mod list;
mod majority;
mod messages;
mod ministry;
mod returns;
mod scene;
mod table;
mod wire;
