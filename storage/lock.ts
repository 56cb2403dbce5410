import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Another process works in this folder. The message is one line for people. */
export class FolderInUse extends Error {
  readonly folder: string;
  readonly pid: number | undefined;
  constructor(folder: string, pid: number | undefined) {
    super(
      `${folder} is in use by ${pid === undefined ? "another process" : `process ${pid}`}; stop it first, or set DATA_DIR to another folder`,
    );
    this.folder = folder;
    this.pid = pid;
  }
}

export interface FolderLock {
  release(): void;
}

function holder(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the folder of the embedded engine for this process, or throws {@link FolderInUse}. PGlite itself lets a
 * second process in and then loses rows. The operating system holds the lock (Node has no flock, but SQLite
 * takes one on its file), so it ends with the process however that ends: nothing is ever stale, and a reused
 * process id, as in a container where every start is process 1, cannot mislead.
 */
export function lockFolder(folder: string): FolderLock {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true });
  // Not the locked file itself: closing any handle on that would let the lock go.
  const pidFile = join(path, "saypro.pid");
  const lock = new DatabaseSync(join(path, "saypro.lock"));
  try {
    lock.exec("pragma busy_timeout = 0; begin exclusive");
  } catch (error) {
    lock.close();
    const busy = error instanceof Error && "errcode" in error && error.errcode === 5; // SQLITE_BUSY
    throw busy ? new FolderInUse(path, holder(pidFile)) : error;
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      rmSync(pidFile, { force: true });
      lock.close();
    },
  };
}
