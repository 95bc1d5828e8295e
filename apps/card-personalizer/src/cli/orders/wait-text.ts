import type { Awaited } from "../../steps/funding-options.ts";

/** What is waited for, with block and time. */
export function waitText({ what, block, finalBlock, sinceMs }: Awaited): string {
  const since = new Date(sinceMs).toISOString();
  const chain = block === null ? "" : ` Block ${block}, final ${finalBlock ?? "none yet"}.`;
  return `${what}, since ${since}.${chain}`;
}
