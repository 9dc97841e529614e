//! The door for whoever holds the node's folder: a socket in it that says how the federation stands,
//! once, in JSON, to anybody who connects. The folder is its owner's alone.

use crate::desks::Desks;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};

/// The socket's name in the node's folder.
pub(crate) const SOCKET: &str = "status.sock";

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
            // One after the other: whoever asks is on this machine and reads at once, or is cut off.
            Ok((stream, _)) => answer(stream, &desks).await,
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
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok((listener, InFolder(path)))
}

async fn answer(mut stream: UnixStream, desks: &Desks) {
    let view = desks.federation_of_operator().into_inner();
    let Ok(bytes) = serde_json::to_vec(&view) else { return };
    let written = async {
        stream.write_all(&bytes).await?;
        stream.shutdown().await
    };
    // Whoever asked may have gone.
    drop(tokio::time::timeout(crate::limits::STATUS_TIME_MAX, written).await);
}
