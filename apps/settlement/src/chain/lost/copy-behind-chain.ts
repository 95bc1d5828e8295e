import { ProgramError } from "@tallystick/program";
import { LOST_NAMED } from "./limits.ts";
import { findLostWork, type LostTransaction, type LostWork, type LostWorkParts } from "./lost-work.ts";

/**
 * The chain has what this installation sent and its database does not know: an older copy of the
 * database was put in place of the newer one.
 */
export class CopyBehindChain extends ProgramError {
  override readonly name = "CopyBehindChain";
  /** The proof. */
  readonly lost: LostWork;

  constructor(lost: LostWork) {
    const roots = lost.transactions.filter(({ root }) => root !== null).length;
    const shown = lost.transactions.slice(0, LOST_NAMED).map(nameOf).join("; ");
    const more = lost.transactions.length > LOST_NAMED ? "; and more" : "";
    super(
      "COPY_BEHIND_CHAIN",
      `The chain has ${lost.transactions.length} transactions of this installation, ${roots} of them with a root ` +
        `of its books, that the database does not know: ${shown}${more}.`,
      {
        exit: "store",
        next:
          "Find the newest database. Where it is lost, raise restoreGeneration by one: " +
          "docs/operating/backup.md says what else is to be done.",
      },
    );
    this.lost = lost;
  }
}

function nameOf({ tx, block, did, root }: LostTransaction): string {
  return `${did} by ${tx} in block ${block}${root === null ? "" : ` with root ${root}`}`;
}

/**
 * Nothing is sent and nothing taken in with books that the chain is ahead of (spec §6.14). Rejects
 * with CopyBehindChain, and with RpcError where the node does not say.
 */
export async function assertNotBehind(parts: LostWorkParts): Promise<void> {
  const lost = await findLostWork(parts);
  if (lost !== null && lost.transactions.length > 0) throw new CopyBehindChain(lost);
}
