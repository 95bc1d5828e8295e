import { randomBytes, randomUUID } from "node:crypto";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database } from "../../../src/foundation/database/database.ts";

/** What somebody types, and where the console says that it is. */
export interface NamedRecord {
  readonly kind: string;
  readonly typed: string;
  readonly href: string;
}

/** An id with its digits as wallets write addresses, in both cases. */
const wallet = (id: string): string => id.replace(/(?<=:0x).*/, (digits) => digits.toUpperCase());

/** Stores a record of each kind that the console finds, and answers by what and where it is found. */
export async function nameRecords(db: Database): Promise<readonly NamedRecord[]> {
  const [payout, approval, waiting] = [randomUUID(), randomUUID(), randomUUID()];
  const [mined, batch] = [randomUUID(), randomUUID()];
  const [tx, request, aside] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const [batchRoot, ledgerRoot, digest] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  // One that was sent: what a filled history has in its place is no certificate.
  const upload = await db
    .selectFrom("uploads")
    .selectAll()
    .orderBy(sql`length(certificate)`, "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  const { payee, terminal_id: terminal, hash, seq } = upload;
  await db
    .insertInto("terminals")
    .values({ payee, terminal_id: terminal, certificate: upload.certificate, signature: null, issued_at: new Date() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const at = sql`now()`;
  for (const row of [
    sql`payouts values (${payout}, ${payee}, ${waiting}, ${at})`,
    sql`approvals (id, kind, name, subject, units, request, asked_by, asked_role, reason, asked_at, ends_at, state)
      values (${approval}, 'payout', 'named', ${payee}, 1, '{}', 'ada', 'issuer', 'r', ${at}, ${at}, 'ended')`,
    ...[
      { id: waiting, key: "named:waiting", hash: null },
      { id: mined, key: "named:mined", hash: tx },
    ].map(
      (action) => sql`chain_actions (id, key, kind, account, target, data, state, mined_hash, created_at, changed_at)
        values (${action.id}, ${action.key}, 'payout', ${payee}, ${payee}, '', 'final', ${action.hash}, ${at}, ${at})`,
    ),
    sql`certificate_requests (id, request, signature, source, time, received_at, state)
      values (${request}, ${Buffer.alloc(130)}, ${Buffer.alloc(64)}, 's', 1, ${at}, 'waiting')`,
    sql`set_aside_uploads values (${aside}, ${payee}, ${terminal}, 77, ${Buffer.alloc(128)}, ${Buffer.alloc(64)}, ${hash}, ${at})`,
    sql`batches (id, state, action_id, payload, payload_hash, batch_root, ledger_root, voucher_count, created_at)
      values (${batch}, 'failed', ${mined}, '', ${batchRoot}, ${batchRoot}, ${ledgerRoot}, 1, ${at})`,
    sql`order_reports values (${digest}, 'r', 'June/order', 's', 'o', ${payee}, ${terminal}, ${at}, 1, 1, '1', 1, 1, ${at})`,
  ])
    await sql`insert into ${row}`.execute(db);
  const posting = await db
    .selectFrom(sql<{ id: string; history: string; place: number }>`ledger_transfers`.as("t"))
    .select(["t.id", "t.history", "t.place"])
    .where("t.id", "like", "hold:%")
    .limit(1)
    .executeTakeFirstOrThrow();
  const account = await db
    .selectFrom(sql<{ id: string }>`ledger_accounts`.as("a"))
    .select("a.id")
    .where("a.id", "like", "owed:%")
    .limit(1)
    .executeTakeFirstOrThrow();
  const owned = await db.selectFrom("cards").select(["card", "owner"]).limit(1).executeTakeFirstOrThrow();
  const shortened = `${toHex(owned.owner).slice(0, 10)}…${toHex(owned.owner).slice(-4)}`;
  const place = `/console/merchants/${toHex(payee)}`;
  const terminalPlace = `${place}#t-${toHex(terminal)}`;
  const digits = toHex(request).slice(2, 22);
  return [
    { kind: "Payout", typed: payout, href: place },
    { kind: "Payout", typed: payout.slice(0, 18), href: place },
    { kind: "Approval", typed: approval, href: "/console/approvals" },
    { kind: "Chain action", typed: waiting, href: "/console/queues" },
    { kind: "Chain action", typed: "named:mined", href: `/console/transactions/${toHex(tx)}` },
    { kind: "Certificate request", typed: digits, href: `/v1/certificate-requests?digits=${digits}` },
    {
      ...{ kind: "Certificate request", typed: digits.replace(/(.{4})(?=.)/g, "$1 ") },
      href: `/v1/certificate-requests?digits=${digits}`,
    },
    { kind: "Upload", typed: toHex(hash), href: terminalPlace },
    { kind: "Upload", typed: toHex(aside), href: terminalPlace },
    { kind: "Upload", typed: `${toHex(terminal)}:${seq}`, href: terminalPlace },
    { kind: "Batch root", typed: toHex(batchRoot), href: `/console/batches/${batch}` },
    { kind: "Ledger root", typed: toHex(ledgerRoot), href: `/console/batches/${batch}` },
    { kind: "Order report", typed: toHex(digest), href: `/v1/order-reports/${toHex(digest)}` },
    { kind: "Order report", typed: "June/", href: `/v1/order-reports/${toHex(digest)}` },
    { kind: "Card of the owner", typed: toHex(owned.owner), href: `/console/cards/${toHex(owned.card)}` },
    { kind: "Card of the owner", typed: shortened, href: `/console/cards/${toHex(owned.card)}` },
    { kind: "Account", typed: account.id, href: `/console/books?account=${encodeURIComponent(account.id)}` },
    { kind: "Account", typed: wallet(account.id), href: `/console/books?account=${encodeURIComponent(account.id)}` },
    {
      kind: "Posting",
      typed: wallet(posting.id),
      href: `/console/books?before=${posting.history}-${posting.place + 1}`,
    },
    { kind: "Posting", typed: posting.id, href: `/console/books?before=${posting.history}-${posting.place + 1}` },
  ];
}
