import { mkdirSync, openSync, closeSync, fsyncSync, rmSync, statfsSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { DISK_LOW_BYTES, DISK_PROBE_BYTES } from "./limits.ts";

/** The part of a file system that is looked at; the machine's own in a program. */
export interface DiskPort {
  /** Writes a new file of so many bytes, brings it to the disk and removes it. */
  tryWrite(path: string, bytes: number): void;
  /** Bytes that this user may still write; null where the system does not say. */
  freeBytes(folder: string): number | null;
}

/** What is wrong with the journal's disk. */
export interface DiskFault {
  readonly code: "JOURNAL_NOT_WRITABLE" | "DISK_LOW";
  readonly message: string;
}

/**
 * Looks whether the journal's disk takes writes: on a full one, or one that is read-only, no payment
 * can be taken, and a cashier should know before a card is there.
 */
export class DiskWatch {
  /** What the last look found; null where all is well, and before the first one. */
  fault: DiskFault | null = null;
  private readonly journalPath: string;
  private readonly disk: DiskPort;

  constructor(journalPath: string, disk: DiskPort = machineDisk) {
    this.journalPath = journalPath;
    this.disk = disk;
  }

  look(): DiskFault | null {
    this.fault = this.find();
    return this.fault;
  }

  private find(): DiskFault | null {
    try {
      this.disk.tryWrite(`${this.journalPath}.probe`, DISK_PROBE_BYTES);
    } catch (error) {
      return { code: "JOURNAL_NOT_WRITABLE", message: sentenceOf(error) };
    }
    const free = this.disk.freeBytes(dirname(this.journalPath));
    if (free === null || free >= DISK_LOW_BYTES) return null;
    const megabytes = Math.floor(free / 1_000_000);
    const message = `The disk of this terminal has ${megabytes} MB left. Have somebody free some space soon.`;
    return { code: "DISK_LOW", message };
  }
}

function sentenceOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "The disk of this terminal is full: no payment can be kept. Free some space.";
    case "EROFS":
      return "The disk of this terminal cannot be written: no payment can be kept. Have somebody look at it.";
    case "EACCES":
    case "EPERM":
      return "The terminal may not write beside its journal. Give its user the right to that folder.";
    default:
      return `The disk of this terminal failed (${typeof code === "string" ? code : "unknown"}). Have somebody look at it.`;
  }
}

const machineDisk: DiskPort = {
  tryWrite: (path, bytes) => {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, "w", 0o600);
    try {
      writeSync(file, new Uint8Array(bytes));
      fsyncSync(file);
    } finally {
      closeSync(file);
      rmSync(path, { force: true });
    }
  },
  freeBytes: (folder) => {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch {
      return null;
    }
  },
};
