//! What a shelf keeps over a restart, and what it throws away.

use super::support::{ask, doc, empty, found, id, query, shelf};
use crate::Shelf;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Files whose damage must be noticed: lock files are empty, and `.managed.json` only lists files to delete.
fn is_vital(file: &Path) -> bool {
    let name = file.file_name().unwrap().to_str().unwrap();
    !name.starts_with('.') && fs::metadata(file).unwrap().len() > 0
}

#[test]
fn the_cursor_and_the_documents_survive_reopening() {
    let (dir, first) = shelf(&[doc(1, "A", "mot"), doc(2, "B", "mot")]);
    first.remove(id(2)).unwrap();
    first.commit(77).unwrap();
    drop(first);
    let again = Shelf::open(dir.path()).unwrap();
    assert_eq!((again.cursor(), again.len(), again.is_empty()), (77, 1, false));
    assert_eq!(found(&again, "mot"), [1]);
}

#[test]
fn a_commit_without_changes_still_moves_the_cursor() {
    let (dir, first) = empty();
    first.commit(u64::MAX).unwrap();
    drop(first);
    assert_eq!(Shelf::open(dir.path()).unwrap().cursor(), u64::MAX);
}

#[test]
fn an_empty_index_reopens_at_zero() {
    let (dir, first) = empty();
    drop(first);
    let again = Shelf::open(dir.path()).unwrap();
    assert_eq!((again.cursor(), again.is_empty()), (0, true));
}

#[test]
fn uncommitted_changes_are_neither_found_nor_kept() {
    let (dir, first) = shelf(&[doc(1, "A", "mot")]);
    first.put(&doc(2, "B", "mot")).unwrap();
    first.remove(id(1)).unwrap();
    assert_eq!(found(&first, "mot"), [1]);
    drop(first);
    assert_eq!(found(&Shelf::open(dir.path()).unwrap(), "mot"), [1]);
}

#[test]
fn putting_again_replaces() {
    let (_dir, shelf) = shelf(&[doc(1, "Ancien", "premier"), doc(1, "Moyen", "second")]);
    assert_eq!((found(&shelf, "premier"), found(&shelf, "second")), (vec![], vec![1]));
    shelf.put(&doc(1, "Nouveau", "troisième")).unwrap();
    shelf.commit(9).unwrap();
    assert_eq!((found(&shelf, "second"), found(&shelf, "troisieme")), (vec![], vec![1]));
    assert_eq!((shelf.len(), ask(&shelf, &query("")).total), (1, 1));
}

#[test]
fn memory_is_released_only_when_nothing_waits() {
    let (_dir, shelf) = shelf(&[doc(1, "A", "mot")]);
    shelf.put(&doc(2, "B", "mot")).unwrap();
    shelf.release_memory();
    shelf.commit(5).unwrap();
    assert_eq!(found(&shelf, "mot"), [2, 1], "a waiting change is not lost");
    shelf.release_memory();
    shelf.put(&doc(3, "C", "mot")).unwrap();
    shelf.commit(6).unwrap();
    assert_eq!(found(&shelf, "mot"), [3, 2, 1]);
}

/// An index with every kind of file. Too little is deleted for a merge, so there is one segment and no
/// leftover.
fn closed() -> tempfile::TempDir {
    let docs: Vec<_> = (1..=4).map(|n| doc(n, "A", "mot")).collect();
    let (dir, shelf) = shelf(&docs);
    shelf.remove(id(1)).unwrap();
    shelf.commit(5).unwrap();
    dir
}

fn damaged(extension: &OsStr, damage: impl Fn(&Path)) {
    let dir = closed();
    let file = files(dir.path())
        .into_iter()
        .find(|file| is_vital(file) && file.extension() == Some(extension))
        .unwrap();
    damage(&file);
    begins_again(dir.path(), &file);
}

#[test]
fn a_damaged_file_begins_the_index_again() {
    let dir = closed();
    let vital: Vec<_> = files(dir.path()).into_iter().filter(|file| is_vital(file)).collect();
    assert_eq!(vital.len(), 8, "{vital:?}");
    for extension in vital.iter().filter_map(|file| file.extension()) {
        for kept_of_8 in [0, 4, 7] {
            damaged(extension, |file| {
                let bytes = fs::read(file).unwrap();
                fs::write(file, &bytes[..bytes.len() * kept_of_8 / 8]).unwrap();
            });
        }
        damaged(extension, |file| fs::remove_file(file).unwrap());
        damaged(extension, |file| {
            let mut bytes = fs::read(file).unwrap();
            bytes[0] ^= 4;
            fs::write(file, bytes).unwrap();
        });
    }
    assert_eq!(Shelf::open(dir.path()).unwrap().cursor(), 5, "left alone, it is believed");
}

#[test]
fn another_version_or_a_wrong_position_begins_the_index_again() {
    let edits: [fn(&str) -> String; 4] = [
        |meta| meta.replace("\"1:0000", "\"2:0000"),
        |meta| meta.replace("\"1:0000000000000001", "\"1:0000000000000003"),
        |meta| meta.replace("\"name\":\"body\"", "\"name\":\"text\""),
        |_| String::from("{}"),
    ];
    for edit in edits {
        let (dir, first) = shelf(&[doc(1, "A", "mot")]);
        drop(first);
        let meta = dir.path().join("meta.json");
        let text = fs::read_to_string(&meta).unwrap();
        let packed: String = text.lines().map(str::trim).collect::<String>().replace("\": ", "\":");
        let edited = edit(&packed);
        assert_ne!(edited, packed);
        fs::write(&meta, edited).unwrap();
        begins_again(dir.path(), &meta);
    }
}

#[test]
fn a_directory_of_other_files_begins_empty() {
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("other");
    fs::write(&other, "x").unwrap();
    begins_again(dir.path(), &other);
}

fn begins_again(dir: &Path, damaged: &Path) {
    let again = Shelf::open(dir).unwrap();
    assert_eq!((again.cursor(), again.len()), (0, 0), "{}", damaged.display());
    again.put(&doc(9, "Neuf", "reconstruit")).unwrap();
    again.commit(1).unwrap();
    assert_eq!(found(&again, "reconstruit"), [9]);
}
