/** Fills the journal in a folder: `fill-journal.ts FOLDER VOUCHERS`. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Journal } from "../src/journal/journal.ts";
import { openJournal } from "../src/journal/open-journal.ts";
import { TIDIES_PER_CHECKPOINT } from "../src/limits.ts";
import { servedDomain, signCertificate, START, terminalSigner, TestTerminal } from "../test/harness/test-terminal.ts";
import { FILL_STEP, FILLED_CARDS } from "./limits.ts";

/** An id or a key of a number, the same in every run. */
function named(kind: string, number: number): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(`${kind} ${number}`).digest());
}

/**
 * Fills a journal with vouchers that settlement has and no final block shows at their end. What
 * cards signed in them is nothing: nobody reads it here.
 */
function fillJournal(journal: Journal, domainBytes: Uint8Array, vouchers: number, now: number): void {
  const requestTime = now - 3_600;
  const intent = { selectAnswer: new Uint8Array(234), request: new Uint8Array(67), requestTime, pinVerified: false };
  for (let begun = 0; begun < vouchers; begun += FILL_STEP) {
    // The log is copied into the file as often as a terminal does it.
    for (let tidies = 0; tidies < TIDIES_PER_CHECKPOINT; tidies += 1) journal.tidy();
    journal.write(() => {
      for (let number = begun; number < Math.min(begun + FILL_STEP, vouchers); number += 1) {
        const tapId = `filled ${number}`;
        const id = named("voucher", number);
        const cardKey = Uint8Array.of(2, ...named("card", number % FILLED_CARDS));
        const counter = 1 + Math.floor(number / FILLED_CARDS);
        const tap = { id: tapId, saleId: tapId, lane: "1", domainBytes, amount: 1n, cardKey, spentBefore: 0n, now };
        journal.taps.intend({ ...tap, intent: { ...intent, counter } });
        journal.taps.finish({
          ...{ id: tapId, from: "intent", to: "accepted", saleOpen: false, code: null, sw: null, apdus: 2 },
          ...{ answer: null, voucherId: id, spentAfter: null, now },
        });
        const software = number % 2 === 0;
        const voucher = { id, tapId, domainBytes, cardKey, counter, amount: 1n, requestTime, software };
        journal.vouchers.keep({ ...voucher, reversed: false, entry: new Uint8Array(382) }, now);
        journal.vouchers.pack([id], 1);
        journal.vouchers.deliver({ id, status: "new", code: null, delivery: "taken" }, now);
      }
    });
  }
}

const [folder = "", vouchers = ""] = process.argv.slice(2);
const terminal = await TestTerminal.make({ domains: [await servedDomain({ certificate: await signCertificate() })] });
terminal.gateway.journal.close();
const config = { ...terminal.config, journalPath: join(folder, "journal.db"), witnessPath: join(folder, "witness") };
const [served] = config.domains;
if (served === undefined) throw new Error("the terminal serves no domain");
const journal = openJournal(config, { terminalKey: terminalSigner.publicKey, now: START });
fillJournal(journal, served.domainBytes, Number(vouchers), START);
journal.close();
terminal.remove();
