import { existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ReaderProvider } from "@tallystick/apdu";
import type { Config } from "../../config/load-config.ts";
import { Failure } from "../../failures.ts";
import { BYTES_A_MEGABYTE, LEAST_FREE_BYTES, MOST_CLOCK_SECONDS } from "../../limits.ts";
import { listReaders } from "../../reader/reader-config.ts";
import { programsWithReaders, serviceSocket } from "../../reader/service-cause.ts";
import type { SettlementClient } from "../../settlement/settlement-client.ts";

const OTHERS_MASK = 0o077;

/** The reader service: where it answers, how many readers it has, and which other programs use it. */
export async function serviceLook(readers: ReaderProvider): Promise<string> {
  const found = await listReaders(readers);
  const others = programsWithReaders();
  const shared = others.length === 0 ? "" : `; used by ${others.join(", ")} too`;
  return `answers at ${serviceSocket()}, ${found.length} readers${shared}`;
}

/** Which program may hold a reader that is held. */
export function holderText(): string {
  const others = programsWithReaders();
  return others.length === 0 ? "held by another program, of another user" : `held by one of ${others.join(", ")}`;
}

/** Files and folders with secrets, which nobody else may read. Throws Failure JOURNAL_FAULT. */
export function permissionsLook({ journal, pinFolder }: Pick<Config, "journal" | "pinFolder">): string {
  const paths = [journal, ...(pinFolder === undefined ? [] : [pinFolder])].filter((path) => existsSync(path));
  // Windows keeps rights elsewhere and shows none here.
  const open = process.platform === "win32" ? [] : paths.filter((path) => (statSync(path).mode & OTHERS_MASK) !== 0);
  if (open.length === 0) return `nobody else reads ${paths.length === 0 ? "what will be made" : paths.join(", ")}`;
  throw new Failure("JOURNAL_FAULT", undefined, {
    message: `Others may read ${open.join(", ")}.`,
    next: `Take their rights: chmod -R go= ${open.join(" ")}`,
  });
}

/** Room on the journal's disk. Throws Failure JOURNAL_FAULT. */
export function diskLook({ journal }: Pick<Config, "journal">): string {
  let folder = dirname(journal);
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${Math.floor(free / BYTES_A_MEGABYTE)} MB free for the journal`;
  if (free >= LEAST_FREE_BYTES) return text;
  throw new Failure("JOURNAL_FAULT", undefined, {
    message: `Only ${text}.`,
    next: "Make room: a card is not begun without a durable journal.",
  });
}

/** This clock against settlement's. Throws Failure CLOCK_WRONG. */
export async function clockLook(settlement: SettlementClient, nowMs: number): Promise<string> {
  const theirs = await settlement.time();
  if (theirs === null) return "settlement names no time";
  const difference = Math.round(nowMs / 1_000 - theirs);
  if (Math.abs(difference) <= MOST_CLOCK_SECONDS) return `${Math.abs(difference)} s from settlement's`;
  const way = difference > 0 ? "ahead of" : "behind";
  throw new Failure("CLOCK_WRONG", `It is ${Math.abs(difference)} s ${way} settlement's.`);
}

/** Whether money moves: the node, the database and the token, as settlement sees them. Throws Failure by its first reason. */
export async function nodeLook(settlement: SettlementClient): Promise<string> {
  const { reasons, warnings } = await settlement.readiness();
  const [first] = reasons;
  if (first !== undefined)
    throw new Failure("SETTLEMENT_REFUSED", undefined, {
      message: `${first.code}: ${first.message}`,
      next: first.next,
    });
  const told = warnings.length === 0 ? "" : `; ${warnings.map(({ message }) => message).join(" ")}`;
  return `settlement's node and database answer, and money moves${told}`;
}
