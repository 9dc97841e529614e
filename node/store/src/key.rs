//! Tables and their keys. All tables share one tree; a key begins with its table's tag and orders as
//! its parts do.

use protocol::ids::{AgentId, BlobId, CompartmentId, GroupId, ItemId, NodeId, SpaceId};
use std::marker::PhantomData;

/// A table: what its keys and its records are.
pub struct Table<K, V> {
    pub(crate) tag: u8,
    pub(crate) name: &'static str,
    types: PhantomData<fn(K) -> V>,
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Table<K, V> {}

impl<K: Key, V> Table<K, V> {
    /// A table. The tag is part of the file format and must be unique.
    pub const fn new(tag: u8, name: &'static str) -> Self {
        Self { tag, name, types: PhantomData }
    }

    /// Its name, for errors.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its tag in the file.
    pub fn tag(&self) -> u8 {
        self.tag
    }

    pub(crate) fn place(&self, key: &K) -> Vec<u8> {
        let mut bytes = vec![self.tag];
        key.write(&mut bytes);
        bytes
    }
}

/// A key that orders as its bytes do.
pub trait Key: Sized {
    /// Appends the key's bytes.
    fn write(&self, out: &mut Vec<u8>);
    /// Takes the key from the front of `bytes`; `None` when they are not one.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(head)
}

macro_rules! id_keys {
    ($($id:ident),+) => {$(
        impl Key for $id {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend(self.as_bytes());
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                $id::from_slice(take(bytes, $id::LEN)?)
            }
        }
    )+};
}

id_keys!(AgentId, BlobId, CompartmentId, GroupId, ItemId, NodeId, SpaceId);

macro_rules! number_keys {
    ($($number:ident),+) => {$(
        impl Key for $number {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend(self.to_be_bytes());
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                take(bytes, size_of::<$number>())?.try_into().ok().map($number::from_be_bytes)
            }
        }
    )+};
}

number_keys!(u8, u16, u32, u64);

impl Key for () {
    fn write(&self, _: &mut Vec<u8>) {}

    fn read(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

/// Text may only be the last part of a key: it has no end mark.
impl Key for String {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.as_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        String::from_utf8(std::mem::take(bytes).to_vec()).ok()
    }
}

/// Raw bytes may only be the last part of a key.
impl Key for Vec<u8> {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(std::mem::take(bytes).to_vec())
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::read(bytes)?, B::read(bytes)?))
    }
}

impl<A: Key, B: Key, C: Key> Key for (A, B, C) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
        self.2.write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::read(bytes)?, B::read(bytes)?, C::read(bytes)?))
    }
}

impl<A: Key, B: Key, C: Key, D: Key> Key for (A, B, C, D) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
        self.2.write(out);
        self.3.write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::read(bytes)?, B::read(bytes)?, C::read(bytes)?, D::read(bytes)?))
    }
}
