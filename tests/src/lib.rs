//! What the end-to-end tests share: a federation of real processes in a folder of its own, texts to
//! send, whole teleprinters, the corpus, and the source tree for the rules of the house.

pub mod compose;
pub mod corpus;
pub mod decoders;
pub mod fixture;
pub mod flip;
pub mod hostile;
pub mod lists;
pub mod mutation;
pub mod tree;
pub mod vectors;
