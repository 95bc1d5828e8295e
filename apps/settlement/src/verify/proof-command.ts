import { parseArgs } from "node:util";
import { leafHash, verifyInclusion } from "@tallystick/ledger-core";
import { fromHex, isProtocolError, toHex } from "@tallystick/protocol";
import { ownProofAnswerSchema, type OwnInclusion, type OwnProofAnswer } from "../operations/own/own-files.ts";
import { amountTexts, assetOf, type AmountText } from "./amount-texts.ts";
import { jsonOfFile, usage } from "./given-files.ts";
import { ledgerRoots } from "./ledger-roots.ts";
import { MAX_PROOF_BYTES } from "./limits.ts";
import { entryOf } from "./log-entry.ts";
import type { VerifyResult } from "./verify-command.ts";

export const proofHelp = `Usage: tallystick-settlement verify proof FILE [options]

Checks a voucher's proof, as GET /v1/own/vouchers/:id/proof gives it, without a network and without
the service: what the books say of the voucher stands in the log under the roots that the file names.
It exits with 0 where nothing is wrong. Nobody signs a proof: what it is worth, it is by its roots.

  --root HEX       a ledger root that you took from the transaction which the file names (tx), as the
                   chain shows it; again for each further one. Every root of the file must be among
                   them; without it they are the file's own claims
  --asset CODE:N   how amounts are shown, such as TUSD:6; else in the vault's units
  --json           one JSON object instead of the sentence
`;

/** Why a proof proves nothing. */
type ProofFault = "MALFORMED" | "ENTRY_WRONG" | "PROOF_WRONG" | "ROOT_WRONG";

const FAULTS: Readonly<Record<ProofFault, string>> = {
  MALFORMED: "The file is no proof of a voucher, or has nothing in it.",
  ENTRY_WRONG: "An entry is not the one of this voucher's payment, or the two are of different vouchers.",
  PROOF_WRONG: "An entry does not stand in the log under the root that the file names.",
  ROOT_WRONG: "A root of the file is none of those that were given, or no batch has put it on the chain yet.",
};

interface Booked {
  readonly what: "hold" | "paid";
  readonly inclusion: OwnInclusion;
  readonly entry: NonNullable<ReturnType<typeof entryOf>>;
}

/** Runs `verify proof` with the arguments behind it. Throws ProgramError where it cannot judge. */
export function proofCommand(args: readonly string[]): VerifyResult {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      root: { type: "string", multiple: true },
      asset: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage("Name one file.", "Give the proof's file.");
  const roots = ledgerRoots(values.root);
  const amount = amountTexts(values.asset === undefined ? null : assetOf(values.asset));
  const read = ownProofAnswerSchema.safeParse(jsonOfFile(file, { most: MAX_PROOF_BYTES, what: "proof" }));
  const booked = read.success ? bookedIn(read.data) : "MALFORMED";
  const fault = typeof booked === "string" ? booked : faultOf(booked, roots);
  const shown = typeof booked === "string" ? [] : booked;
  const line = values.json ? jsonOf(shown, fault, roots) : sentenceOf(shown, fault, { roots, amount });
  return { line, accepted: fault === null };
}

/** The entries of a file, each of the kind that stands in its place. */
function bookedIn(proof: OwnProofAnswer): readonly Booked[] | ProofFault {
  const given = (["hold", "paid"] as const).flatMap((what) => {
    const inclusion = proof[what];
    return inclusion === null ? [] : [{ what, inclusion, entry: entryOf(inclusion.entry) }];
  });
  if (given.length === 0) return "MALFORMED";
  const booked = given.flatMap(({ entry, ...rest }) => (entry === null ? [] : [{ ...rest, entry }]));
  return booked.length === given.length ? booked : "ENTRY_WRONG";
}

function faultOf(booked: readonly Booked[], roots: readonly string[]): ProofFault | null {
  const kinds = { hold: ["hold"], paid: ["post", "transfer"] } as const;
  const right = booked.every(
    ({ what, entry: { id, kind, debit } }) =>
      new RegExp(`^${what}:0x[0-9a-f]{64}$`).test(id) &&
      kinds[what].some((each) => each === kind) &&
      /^owed:0x[0-9a-f]{40}$/.test(debit),
  );
  const facts = booked.map(({ entry: { id, debit, credit, amount } }) => [
    voucherOf(id),
    debit,
    credit,
    String(amount),
  ]);
  if (!right || new Set(facts.map((each) => each.join(" "))).size > 1) return "ENTRY_WRONG";
  if (!booked.every(({ inclusion }) => isIncluded(inclusion))) return "PROOF_WRONG";
  if (roots.length > 0 && !booked.every(({ inclusion }) => roots.includes(inclusion.root))) return "ROOT_WRONG";
  return null;
}

function isIncluded({ entry, leafHash: claimed, index, size, root, path }: OwnInclusion): boolean {
  const leaf = leafHash(new TextEncoder().encode(entry));
  if (toHex(leaf) !== claimed || index < 0 || index >= size) return false;
  try {
    return verifyInclusion({ leaf, index, size, root: fromHex(root, 32), path: path.map((each) => fromHex(each, 32)) });
  } catch (error) {
    if (isProtocolError(error)) return false;
    throw error;
  }
}

function voucherOf(id: string): string {
  return id.slice(id.indexOf(":") + 1);
}

function jsonOf(booked: readonly Booked[], fault: ProofFault | null, roots: readonly string[]): string {
  const of = (what: Booked["what"]) => {
    const found = booked.find((each) => each.what === what);
    if (found === undefined || fault !== null) return null;
    const { entry, inclusion } = found;
    const { index, size, root, batch, tx } = inclusion;
    return { at: new Date(entry.atMs).toISOString(), index, size, root, batch, tx };
  };
  const [first] = booked;
  return JSON.stringify({
    ...{ schema: "tallystick.proof-verdict/1", fault },
    root: fault === null ? (roots.length > 0 ? "given" : "claimed") : null,
    voucher: first === undefined ? null : voucherOf(first.entry.id),
    payee: first === undefined ? null : voucherOf(first.entry.debit),
    units: first === undefined ? null : String(first.entry.amount),
    ...{ hold: of("hold"), paid: of("paid") },
  });
}

function sentenceOf(
  booked: readonly Booked[],
  fault: ProofFault | null,
  { roots, amount }: { readonly roots: readonly string[]; readonly amount: AmountText },
): string {
  const [first] = booked;
  if (fault !== null || first === undefined) return `${fault ?? "MALFORMED"}: ${FAULTS[fault ?? "MALFORMED"]}`;
  const { id, debit, amount: units } = first.entry;
  const said = booked.map(({ what, entry, inclusion }) => {
    const when = `${what === "hold" ? "taken in" : "paid by the vault"} at ${new Date(entry.atMs).toISOString()}`;
    const where =
      inclusion.tx === null
        ? "which no batch has put on the chain yet"
        : `of the transaction ${inclusion.tx}${roots.length > 0 ? ", as given" : ""}`;
    return `${when} (entry ${inclusion.index} of ${inclusion.size} under the root ${inclusion.root}, ${where})`;
  });
  const unpaid = booked.some(({ what }) => what === "paid")
    ? ""
    : " The file does not show that the vault paid it: it may be on its way, or have ended otherwise; the statement says how.";
  const claimed = roots.length > 0 ? "" : " Nothing was compared with a root from the chain (--root).";
  return `The voucher ${voucherOf(id)}, ${amount(units)} to ${voucherOf(debit)}, stands in the books: ${said.join("; ")}.${unpaid}${claimed}`;
}
