//! Nodes never outlive whoever started them. A shell holds the other end of a pipe and the list of
//! running nodes; when the pipe closes, because we ended or were killed, it ends the nodes that are left.

use anyhow::{Context, Result};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;

/// Reads `+pid` and `-pid` until the pipe closes; deaf to what a terminal sends to the whole group.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
pids=' '
while read -r line; do
  pid=${line#?}
  case $line in
    +*) pids="$pids$pid " ;;
    -*) pids=${pids%% $pid *}' '${pids#* $pid } ;;
  esac
done
[ "$pids" = ' ' ] || kill -KILL $pids
"#;

/// Ends what it was told of when the process that made it ends.
#[derive(Debug)]
pub struct Guard {
    shell: Mutex<Child>,
    pipe: Mutex<Option<ChildStdin>>,
}

impl Guard {
    /// Starts the shell.
    pub fn start() -> Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("start sh, which watches over the nodes")?;
        let pipe = shell.stdin.take();
        Ok(Self { shell: Mutex::new(shell), pipe: Mutex::new(pipe) })
    }

    /// A node runs.
    pub fn watch(&self, pid: u32) {
        self.tell(format_args!("+{pid}\n"));
    }

    /// A node has ended.
    pub fn forget(&self, pid: u32) {
        self.tell(format_args!("-{pid}\n"));
    }

    fn tell(&self, line: std::fmt::Arguments<'_>) {
        if let Ok(mut pipe) = self.pipe.lock()
            && let Some(pipe) = pipe.as_mut()
        {
            // A shell that is gone cannot guard; the nodes are still ended by `Drop`.
            let _ = pipe.write_all(line.to_string().as_bytes());
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Ok(mut pipe) = self.pipe.lock() {
            pipe.take();
        }
        if let Ok(mut shell) = self.shell.lock() {
            let _ = shell.wait();
        }
    }
}
