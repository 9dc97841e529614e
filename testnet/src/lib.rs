//! A real federation of `valise` processes on this machine: made, started, watched, spoken to and
//! stopped. `testnet up` and `testnet load` are thin over it, and the end-to-end tests use the same
//! parts. It knows the node only from outside: its command line, its HTTP API, its metrics.

pub mod attach;
pub mod binary;
pub mod cast;
pub mod client;
pub mod federation;
pub mod guard;
pub mod idle;
pub mod link;
pub mod linked;
pub mod load;
pub mod machine;
pub mod manifest;
pub mod metrics;
pub mod password;
pub mod ports;
pub mod process;
pub mod satellite;
pub mod scenario;
pub mod sim;
pub mod stream;
pub mod table;
pub mod up;
pub mod valise;
pub mod wait;
