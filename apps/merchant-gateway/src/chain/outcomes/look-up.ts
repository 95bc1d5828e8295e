import type { Journal } from "../../journal/journal.ts";
import type { VoucherRecord } from "../../journal/payments/voucher-record.ts";
import type { TransactionReader } from "./transaction-facts.ts";
import { findingOf, soughtVoucher, type VoucherFinding } from "./voucher-end.ts";

/** What looking up is done with. */
export interface LookUpParts {
  readonly journal: Pick<Journal, "write" | "outcomes" | "chainCalls">;
  readonly reader: TransactionReader;
  /** Seconds. */
  readonly now: number;
}

/**
 * Looks vouchers of one domain up in the transactions that are named for them: this terminal's own
 * claim, and the one that settlement names. Records what final blocks show, and answers the ids
 * that are final then (0x hex). A claim whose transaction is gone counts as not made. Rejects with
 * RpcError or VaultError; nothing is recorded then.
 */
export async function lookUpNamed(
  { journal, reader, now }: LookUpParts,
  vouchers: readonly VoucherRecord[],
): Promise<ReadonlySet<string>> {
  const findings: { readonly record: VoucherRecord; readonly finding: VoucherFinding }[] = [];
  const gone: VoucherRecord[] = [];
  for (const record of vouchers) {
    const finding = await findingIn(reader, record);
    if (finding !== null) findings.push({ record, finding });
    else if (await isClaimGone({ journal, reader }, record)) gone.push(record);
  }
  journal.write(() => {
    for (const { record, finding } of findings) recordFinding(journal, record, finding, now);
    for (const { id } of gone) journal.outcomes.claimed(id, null, now);
    journal.outcomes.checked(
      vouchers.map(({ id }) => id),
      now,
    );
  });
  return new Set(findings.flatMap(({ record, finding }) => (finding.kind === "end" ? [nameOf(record)] : [])));
}

/** Records what a final block shows, in the caller's transaction. */
export function recordFinding(
  { outcomes }: Pick<Journal, "outcomes">,
  { id }: VoucherRecord,
  finding: VoucherFinding,
  now: number,
): void {
  if (finding.kind === "end") outcomes.end(id, finding.outcome, now);
  else outcomes.rival(id, finding.tx, now);
}

/** A voucher's name in sets. */
export function nameOf({ id }: Pick<VoucherRecord, "id">): string {
  return Buffer.from(id).toString("hex");
}

async function findingIn(reader: TransactionReader, record: VoucherRecord): Promise<VoucherFinding | null> {
  const sought = soughtVoucher(record);
  let rival: VoucherFinding | null = null;
  for (const tx of [record.claimTx, record.tx]) {
    if (tx === null) continue;
    const { stands, facts } = await reader.read(tx);
    const finding = stands === "final" ? findingOf(sought, facts) : null;
    if (finding?.kind === "end") return finding;
    rival ??= finding;
  }
  return rival;
}

/** Whether the block of a claim was taken back, and nothing that was sent can still bring it. */
async function isClaimGone(
  { journal, reader }: Pick<LookUpParts, "journal" | "reader">,
  { claimTx, domainBytes }: VoucherRecord,
): Promise<boolean> {
  if (claimTx === null || journal.chainCalls.hasClaims(domainBytes)) return false;
  const { stands } = await reader.read(claimTx);
  return stands !== "mined";
}
