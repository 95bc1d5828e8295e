import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { EXIT } from "@tallystick/program";
import type { Ended, IssuerHarness } from "./harness/issuer-harness.ts";
import { startPersonalizationHarness, type PersonalizationHarness } from "./harness/personalization-harness.ts";

let harness: PersonalizationHarness;

beforeAll(async () => {
  harness = await startPersonalizationHarness();
});
afterAll(async () => {
  await harness.close();
});

/** Makes the card of an order until its deposit is awaited, and stops there. */
async function begin(issuer: IssuerHarness, reference: string): Promise<Ended> {
  issuer.settlement.freezeChain(true);
  const order = join(issuer.folder, "order.csv");
  writeFileSync(order, `reference\n${reference}\n`);
  return await issuer.run(["issue", order, "--config", issuer.configFile, "--json"], {
    onLine: ({ event }, child) => {
      if (event === "await") child.kill("SIGINT");
    },
  });
}

async function finish(issuer: IssuerHarness, reference: string): Promise<Ended> {
  issuer.settlement.freezeChain(false);
  const order = join(issuer.folder, "order.csv");
  writeFileSync(order, `reference\n${reference}\n`);
  return await issuer.run(["issue", order, "--config", issuer.configFile, "--json"]);
}

const eventsOf = ({ lines }: Ended) =>
  lines.map(({ event }) => String(event)).filter((event) => event !== "await" && event !== "end");

it("takes mistakes back while a card has no money, and a lost journal from the register and the card", async () => {
  const issuer = await harness.issuer({ station: "one", operator: "otto", pinFolder: "letters" });
  const card = harness.card();
  await card.insert();
  const letters = () => readdirSync(join(issuer.folder, "letters"));
  const abandon = (reference: string, ...more: readonly string[]) => {
    const flags = ["--config", issuer.configFile, "--reason", "another label", "--json", ...more];
    return issuer.run(["abandon", "--reference", reference, ...flags]);
  };
  const begun = await begin(issuer, "C-1");
  expect([begun.exitCode, eventsOf(begun), letters()]).toEqual([EXIT.interrupted, ["put", "made"], ["C-1.json"]]);
  expect(begun.lines.at(-1)).toMatchObject({ event: "end", awaited: ["C-1"], left: 0 });

  // Given to another reference: only its PIN and its deposit are made anew.
  expect((await abandon("C-1", "--to", "C-2")).exitCode).toBe(0);
  expect([[...issuer.settlement.cards.values()].map(({ reference }) => reference), letters()]).toEqual([["C-2"], []]);
  expect(eventsOf(await begin(issuer, "C-2"))).toEqual(["put", "made"]);
  expect(letters()).toEqual(["C-2.json"]);

  // Given up: it goes to the reference that it is put on the reader for next.
  const given = await abandon("C-2");
  expect([given.exitCode, given.lines[0]]).toEqual([
    0,
    expect.objectContaining({ event: "abandoned", reference: "C-2", to: null }),
  ]);
  const other = ["--owner", `0x${"0d".repeat(20)}`];
  const refused = await issuer.personalize({ reference: "C-3", flags: [...other, "--visits", "one"] });
  expect(refused.failure?.["code"]).toBe("REFERENCE_OTHER_PARTICULARS");
  const made = await finish(issuer, "C-3");
  expect([made.exitCode, eventsOf(made)]).toEqual([0, ["put", "made", "done", "report"]]);
  const { cards, fundings } = issuer.settlement;
  expect([...cards.values()].map(({ reference, funded }) => [reference, funded])).toEqual([["C-3", 20_000_000n]]);
  expect([...fundings.values()].map(({ state }) => state)).toEqual(["failed", "failed", "final"]);
  expect((await abandon("C-3")).failure?.["code"]).toBe("CARD_HAS_MONEY");

  // Labels, and letters for a printer; what was printed stays nowhere.
  const printer = join(issuer.folder, "printer");
  const print = async (...args: readonly string[]) => {
    const { exitCode, lines } = await issuer.run([...args, "--config", issuer.configFile, "--out", printer, "--json"]);
    return [exitCode, lines[0]?.["event"], lines[0]?.["cards"]];
  };
  const order = join(issuer.folder, "order.csv");
  expect([await print("labels", order), await print("letters", "export", order)]).toEqual([
    [0, "labels", 1],
    [0, "letters", 1],
  ]);
  expect(readdirSync(printer).sort()).toEqual(["C-3.svg", "labels.csv", "pins.csv", "puks.csv"]);
  expect([await print("letters", "confirm"), letters()]).toEqual([[0, "letters-removed", 1], []]);
  expect(readdirSync(printer).sort()).toEqual(["C-3.svg", "labels.csv"]);

  // The journal is lost, and with it the terminal's chain of uploads: another terminal takes its place.
  const payee = { payee: `0x${"0b".repeat(20)}`, terminalId: `0x${"0d".repeat(8)}` };
  const reader = { reader: harness.reader.name, pcscSocket: harness.socket };
  const more = { station: "two", pinFolder: "letters", journal: "second.sqlite" };
  issuer.configure({ ...reader, ...more, testPayee: { ...payee, terminalKeyFile: "second-terminal.json" } });
  issuer.settlement.uploads.length = 0;
  const claimed = await issuer.personalize({ reference: "C-3" });
  expect(claimed.failure?.["code"]).toBe("REFERENCE_TAKEN");
  const adopt = (...args: readonly string[]) => issuer.run(["adopt", "--config", issuer.configFile, "--json", ...args]);
  // A refusal leaves nothing in the journal that the next attempt would find there.
  const registered = [...cards];
  cards.clear();
  expect((await adopt("--reference", "C-3")).failure?.["code"]).toBe("CARD_CONTRADICTS");
  for (const [address, entry] of registered) cards.set(address, entry);
  const adopted = await adopt();
  expect([adopted.exitCode, adopted.lines]).toEqual([
    0,
    [
      // Its letter was printed and removed.
      expect.objectContaining({ event: "warning" }),
      expect.objectContaining({ event: "adopted", reference: "C-3", card: [...cards.keys()][0], wasRegistered: true }),
    ],
  ]);
  expect((await adopt()).failure?.["code"]).toBe("CARD_OF_OTHER_REFERENCE");
  const claim = await issuer.personalize({ reference: "C-3" });
  expect(claim.failure?.["code"]).toBe("REFERENCE_CLAIMED");
  const again = await issuer.personalize({ reference: "C-3", flags: ["--take-over"] });
  expect([again.exitCode, again.lines.at(-1)?.["event"]]).toEqual([0, "done"]);
  expect([cards.size, fundings.size]).toEqual([1, 3]);
  await card.remove();
});
