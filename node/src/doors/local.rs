//! The door for whoever holds the node's folder: a socket in it that takes one line, `status` or
//! `backup` and a path, and answers it in JSON. The folder is its owner's alone.

use crate::desks::Desks;
use crate::limits::{STATUS_BYTES_MAX, STATUS_TIME_MAX};
use serde::Serialize;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as StdStream;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// A command and a path.
const LINE_BYTES_MAX: u64 = 8 * 1024;
/// The socket's name in the node's folder.
const SOCKET: &str = "status.sock";

/// Answers until it is dropped. A node whose socket cannot be made serves all the same.
pub(crate) async fn serve(dir: &Path, desks: Desks) {
    let (listener, _in_folder) = match bind(dir) {
        Ok(bound) => bound,
        Err(error) => {
            let path = dir.join(SOCKET);
            tracing::warn!(error = &error as &dyn std::error::Error, path = %path.display(), "status.no_socket");
            return;
        }
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(answer(stream, desks.clone()))),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "status.socket_failed");
                return;
            }
        }
    }
}

/// The socket's entry in the folder, which goes with the node.
struct InFolder(PathBuf);

impl Drop for InFolder {
    fn drop(&mut self) {
        // Whoever copies the folder of a stopped node finds files only.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn bind(dir: &Path) -> io::Result<(UnixListener, InFolder)> {
    let path = dir.join(SOCKET);
    // Left by a node that was killed; only one process at a time has this folder's store.
    match std::fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok((listener, InFolder(path)))
}

/// Reads the line and answers it.
async fn answer(stream: UnixStream, desks: Desks) {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut asked = BufReader::new(read.take(LINE_BYTES_MAX));
    let heard = tokio::time::timeout(STATUS_TIME_MAX, asked.read_line(&mut line)).await;
    if !matches!(heard, Ok(Ok(1..))) {
        return;
    }
    let Ok(bytes) = answered(line.trim_end(), desks).await else { return };
    let written = async {
        write.write_all(&bytes).await?;
        write.shutdown().await
    };
    // Whoever asked may have gone.
    drop(tokio::time::timeout(STATUS_TIME_MAX, written).await);
}

async fn answered(line: &str, desks: Desks) -> serde_json::Result<Vec<u8>> {
    if let Some(to) = line.strip_prefix("backup ").map(PathBuf::from) {
        let written = tokio::task::spawn_blocking(move || desks.back_up(&to)).await;
        return match written {
            Ok(Ok(report)) => serde_json::to_vec(&report),
            Ok(Err(problem)) => serde_json::to_vec(&Refused { refused: problem.to_string() }),
            Err(_) => serde_json::to_vec(&Refused { refused: "an internal error".to_owned() }),
        };
    }
    match line {
        "status" => serde_json::to_vec(&desks.federation_of_operator().into_inner()),
        _ => serde_json::to_vec(&Refused { refused: "expected status, or backup and a path".to_owned() }),
    }
}

/// Asks the node that runs in `dir`; `None` when none does.
pub(crate) fn ask(dir: &Path, line: &str) -> io::Result<Option<String>> {
    let mut stream = match StdStream::connect(dir.join(SOCKET)) {
        Ok(stream) => stream,
        // No node, or one that was killed.
        Err(error) if [ErrorKind::NotFound, ErrorKind::ConnectionRefused].contains(&error.kind()) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.write_all(format!("{line}\n").as_bytes())?;
    let mut text = String::new();
    stream.take(STATUS_BYTES_MAX).read_to_string(&mut text)?;
    Ok(Some(text))
}

/// Why nothing was done.
#[derive(Serialize)]
struct Refused {
    refused: String,
}
