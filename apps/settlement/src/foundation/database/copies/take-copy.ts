import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ProgramError } from "@tallystick/program";
import { runPostgresProgram } from "./postgres-program.ts";

/** A copy of a database in a file of its own. */
export interface CopyFile {
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes one consistent state of the database into a file that did not exist before; the service may
 * run meanwhile. The file has its name only when it is whole and on the disk: a run that is killed
 * leaves `FILE.part`, which the next one writes anew. Rejects with ProgramError.
 */
export async function takeCopy(url: string, file: string): Promise<CopyFile> {
  if (existsSync(file))
    throw new ProgramError("FILE_EXISTS", `${file} is there already.`, {
      exit: "usage",
      next: "Name a new file: a copy is never written over another one.",
    });
  const part = `${file}.part`;
  await rm(part, { force: true });
  // Made with its rights before anything is written into it: it holds everything but the keys.
  await (await open(part, "wx", 0o600)).close();
  await runPostgresProgram({
    ...{ program: "pg_dump", url, code: "BACKUP_FAILED" },
    args: ["--format=custom", `--file=${part}`],
    next: "See what pg_dump says; nothing was kept.",
  });
  await readContents(part);
  await toDisk(part, "r+");
  await rename(part, file);
  await toDisk(dirname(resolve(file)), "r");
  return await describeCopy(file);
}

/** Reads a copy's table of contents. Rejects with BACKUP_UNREADABLE. */
export async function readContents(file: string): Promise<void> {
  await runPostgresProgram({
    ...{ program: "pg_restore", args: ["--list", file], code: "BACKUP_UNREADABLE" },
    next: "Name a file that tallystick-settlement backup, or pg_dump --format=custom, has written whole.",
  });
}

/** Size and SHA-256 of a copy. */
export async function describeCopy(file: string): Promise<CopyFile> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(file)) hash.update(part as Uint8Array);
  return { file, bytes: (await stat(file)).size, sha256: hash.digest("hex") };
}

async function toDisk(path: string, flags: "r" | "r+"): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
