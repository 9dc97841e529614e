//! A disk in memory that forgets at a power cut what was not synced, page by page.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::Medium;

const PAGE_BYTES: u64 = 4_096;

type Page = Arc<[u8; PAGE_BYTES as usize]>;

/// What a disk holds. A copy shares the pages.
#[derive(Debug, Clone, Default)]
pub(super) struct Image {
    pages: BTreeMap<u64, Page>,
    len: u64,
}

#[derive(Debug, Default)]
struct Inner {
    synced: Image,
    /// As written, and as it reads.
    written: Image,
    /// Syncs until the power goes; the one that it goes in does not happen.
    syncs_left: Option<u32>,
}

/// The disk.
#[derive(Debug, Default)]
pub(super) struct Disk(Mutex<Inner>);

impl Disk {
    pub(super) fn from_image(image: Image) -> Disk {
        Disk(Mutex::new(Inner { synced: image.clone(), written: image, syncs_left: None }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What would be there after a power cut now that loses all it can.
    pub(super) fn synced(&self) -> Image {
        self.inner().synced.clone()
    }

    /// Power goes in the sync after so many more.
    pub(super) fn cut_in(&self, syncs: u32) {
        self.inner().syncs_left = Some(syncs);
    }

    /// What is there after a power cut: of the pages that were not synced, those that `survives` names.
    pub(super) fn after_cut(&self, survives: impl Fn(u64) -> bool) -> Image {
        let inner = self.inner();
        let mut image = inner.synced.clone();
        for (at, page) in &inner.written.pages {
            let known = inner.synced.pages.get(at).is_some_and(|synced| Arc::ptr_eq(synced, page));
            if !known && survives(*at) {
                image.pages.insert(*at, Arc::clone(page));
                image.len = image.len.max((at + 1) * PAGE_BYTES);
            }
        }
        image
    }
}

impl Inner {
    fn powered(&self) -> io::Result<()> {
        match self.syncs_left {
            Some(0) => Err(io::Error::other("the power is off")),
            _ => Ok(()),
        }
    }
}

impl Medium for Disk {
    fn length(&self) -> io::Result<u64> {
        Ok(self.inner().written.len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let inner = self.inner();
        let mut done = 0;
        while done < out.len() {
            let at = offset + done as u64;
            let within = (at % PAGE_BYTES) as usize;
            let count = (PAGE_BYTES as usize - within).min(out.len() - done);
            match inner.written.pages.get(&(at / PAGE_BYTES)) {
                Some(page) => out[done..done + count].copy_from_slice(&page[within..within + count]),
                None => out[done..done + count].fill(0),
            }
            done += count;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut inner = self.inner();
        inner.powered()?;
        inner.written.len = len;
        let _ = inner.written.pages.split_off(&len.div_ceil(PAGE_BYTES));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut inner = self.inner();
        inner.powered()?;
        if let Some(left) = &mut inner.syncs_left {
            *left -= 1;
            if *left == 0 {
                return Err(io::Error::other("the power went"));
            }
        }
        inner.synced = inner.written.clone();
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.inner();
        inner.powered()?;
        let mut done = 0;
        while done < bytes.len() {
            let at = offset + done as u64;
            let within = (at % PAGE_BYTES) as usize;
            let count = (PAGE_BYTES as usize - within).min(bytes.len() - done);
            let page = inner.written.pages.entry(at / PAGE_BYTES).or_insert_with(|| Arc::new([0; 4_096]));
            Arc::make_mut(page)[within..within + count].copy_from_slice(&bytes[done..done + count]);
            done += count;
        }
        Ok(())
    }
}
