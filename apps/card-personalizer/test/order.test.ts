import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { EXIT } from "@tallystick/program";
import type { Line } from "./harness/issuer-harness.ts";
import {
  startPersonalizationHarness,
  type HarnessCard,
  type PersonalizationHarness,
} from "./harness/personalization-harness.ts";

let harness: PersonalizationHarness;

beforeAll(async () => {
  harness = await startPersonalizationHarness();
});
afterAll(async () => {
  await harness.close();
});

it("makes the cards of an order in one visit each, after a kill too, and awaits their deposits beside it", async () => {
  const issuer = await harness.issuer();
  const order = join(issuer.folder, "order.csv");
  const issue = ["issue", order, "--config", issuer.configFile, "--json"];
  writeFileSync(order, "reference,fund\nC-1,5.00\nC-1,x\n");
  const refused = await issuer.run(issue);
  expect([refused.exitCode, refused.lines, refused.failure?.["code"]]).toEqual([EXIT.usage, [], "CONFIG"]);

  writeFileSync(order, "reference,fund\nC-1,5.00\nC-2,7.00\n");
  const planned = await issuer.run([...issue, "--dry-run"]);
  expect(planned.lines.map(({ event, reference, fund }) => [event, reference, fund])).toEqual([
    ["planned", "C-1", "5.00"],
    ["planned", "C-2", "7.00"],
  ]);
  expect(issuer.settlement.cards.size).toBe(0);

  const [first, second] = [harness.card(), harness.card()];
  await first.insert();
  const change = async (): Promise<void> => {
    await first.remove();
    await second.insert();
  };
  const changes: Promise<void>[] = [];
  const seen: string[] = [];
  const onLine = ({ event, reference }: Line): void => {
    seen.push(`${String(event)} ${String(reference ?? "")}`.trim());
    if (event === "take") changes.push(change());
  };
  const atReader = (): string[] => seen.filter((line) => !/^(await|done)/.test(line));
  issuer.settlement.freezeChain(true);
  const killed = await issuer.run(issue, {
    onLine: (line, child) => {
      onLine(line);
      if (line["event"] === "put" && line["reference"] === "C-2") child.kill("SIGKILL");
    },
  });
  await Promise.all(changes);
  expect(killed.exitCode).toBeNull();
  expect(atReader()).toEqual(["put C-1", "made C-1", "take C-1", "put C-2"]);
  seen.length = 0;
  const resumed = await issuer.run(issue, {
    onLine: (line) => {
      onLine(line);
      // Both are made and on no reader; only now the chain goes on.
      if (line["event"] === "made") issuer.settlement.freezeChain(false);
    },
  });
  // Settlement's audit log says by itself what each was for.
  expect([...new Set(issuer.settlement.reasons)].sort()).toEqual([
    ...["Order order.csv, card C-1: first deposit", "Order order.csv, card C-1: its first allowance"],
    ...["Order order.csv, card C-2: first deposit", "Order order.csv, card C-2: its first allowance"],
  ]);
  expect([resumed.exitCode, atReader()]).toEqual([0, ["put C-2", "made C-2", "report", "end"]]);
  expect(seen.filter((line) => line.startsWith("done")).sort()).toEqual(["done C-1", "done C-2"]);
  expect(resumed.lines.find(({ event }) => event === "await")).toMatchObject({
    count: 1,
    block: "12",
    finalBlock: "9",
  });
  const made = resumed.lines.find(({ event }) => event === "made");
  expect(made).toMatchObject({
    visits: "one",
    steps: { install: expect.any(Number), "final-tap": expect.any(Number) },
  });
  // A settlement that does not take the report changes nothing of the order, and gets it at the end of the next run.
  const reportOf = ({ lines: told }: { readonly lines: readonly Line[] }) =>
    told.find(({ event }) => event === "report");
  expect(reportOf(resumed)).toMatchObject({ sent: true, digest: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
  issuer.settlement.takeReports(false);
  const untaken = await issuer.run(issue);
  issuer.settlement.takeReports(true);
  expect([untaken.exitCode, reportOf(untaken)]).toEqual([
    ...[0, expect.objectContaining({ sent: false, code: "SETTLEMENT_REFUSED" })],
  ]);
  const again = await issuer.run(issue);
  expect([again.exitCode, again.lines.map(({ event }) => event)]).toEqual([0, ["known", "known", "report", "end"]]);
  const ran = issuer.settlement.orderReports.map((sent) => JSON.parse(sent.split("\n").at(-3) ?? "") as Line);
  expect(ran.map(({ cards: of, ready, deposited }) => [of, ready, deposited])).toEqual([
    ...[
      [2, 2, "12.00"],
      [2, 2, "12.00"],
    ],
  ]);
  const { cards, fundings, vouchers, uploads, proofs } = issuer.settlement;
  expect([...cards.values()].map(({ reference, funded }) => [reference, funded])).toEqual([
    ["C-1", 5_000_000n],
    ["C-2", 7_000_000n],
  ]);
  // A proof of state each, for nothing could be paid yet.
  expect([fundings.size, vouchers.size, uploads.length, proofs.length]).toEqual([2, 0, 2, 2]);

  const out = join(issuer.folder, "order.report");
  const reported = await issuer.run(["report", order, "--config", issuer.configFile, "--out", out, "--json"]);
  expect([reported.exitCode, reported.lines[0]]).toEqual([
    0,
    expect.objectContaining({ order: "order.csv", cards: 2, ready: 2, deposited: "12.00" }),
  ]);
  // Settlement has it as it stands in the file, and the order is no other where it does not take it.
  const text = readFileSync(out, "utf8");
  expect(reported.lines.slice(1)).toEqual([
    { ...{ schema: "tallystick.order-report-sent/1", sent: true, digest: expect.stringMatching(/^0x[0-9a-f]{64}$/) } },
  ]);
  expect(issuer.settlement.orderReports.slice(2)).toEqual([text]);
  issuer.settlement.takeReports(false);
  const unsent = await issuer.run(["report", order, "--config", issuer.configFile, "--out", `${out}.2`, "--json"]);
  expect([unsent.exitCode, unsent.lines[1]]).toEqual([
    0,
    expect.objectContaining({ sent: false, code: "SETTLEMENT_REFUSED" }),
  ]);
  expect([readFileSync(`${out}.2`, "utf8").length > 0, issuer.settlement.orderReports.slice(2)]).toEqual([
    ...[true, [text]],
  ]);
  const lines = text.split("\n");
  const shown = lines.slice(1, 3).map((line) => JSON.parse(line) as Line);
  expect(shown.map(({ card, outcome, seen, deposited }) => [card, outcome, seen, deposited])).toEqual(
    [...cards.keys()].map((card, index) => [card, "ready", "configuration", ["5.00", "7.00"][index]]),
  );
  expect(shown[0]).toMatchObject({
    cplc: expect.stringMatching(/^0x[0-9a-f]{84}$/),
    applet: { version: expect.stringMatching(/^0x01[0-9a-f]{8}$/) },
    keys: { card: expect.stringMatching(/^(?:[0-9A-F]{6}-){2}[0-9A-F]{6}$/) },
  });
  const key = `1:0x${Buffer.from(issuer.settlement.issuerKey.publicKey).toString("hex")}`;
  const verify = () => issuer.run(["report", "verify", out, "--issuer-key", key, "--json"]);
  expect((await verify()).lines).toEqual(reported.lines.slice(0, 1));
  writeFileSync(out, lines.join("\n").replace('"seconds"', '"Seconds"'));
  expect([(await verify()).failure?.["code"]]).toEqual(["CONFIG"]);

  // A card that is another reference's is no reason to give this one up.
  const third = harness.card();
  writeFileSync(order, "reference\nC-3\n");
  seen.length = 0;
  const wrong = await issuer.run(issue, {
    onLine: (line) => {
      onLine(line);
      if (line["event"] === "wrong") changes.push(second.remove().then(async () => void (await third.insert())));
    },
  });
  await Promise.all(changes);
  expect([wrong.exitCode, atReader()]).toEqual([0, ["put C-3", "wrong C-3", "put C-3", "made C-3", "report", "end"]]);
  expect(wrong.lines.find(({ event }) => event === "wrong")).toMatchObject({ code: "CARD_OF_OTHER_REFERENCE" });
  await third.remove();
});

it("calls a card again when its deposit is final, where it is to pay at once", async () => {
  const issuer = await harness.issuer();
  const order = join(issuer.folder, "order.csv");
  writeFileSync(order, "reference\nC-1\nC-2\n");
  const [first, second] = [harness.card(), harness.card()];
  await first.insert();
  issuer.settlement.freezeChain(true);
  const changes: Promise<void>[] = [];
  const seen: string[] = [];
  const swap = async (off: HarnessCard, on: HarnessCard): Promise<void> => {
    await off.remove();
    await on.insert();
  };
  const ended = await issuer.run(["issue", order, "--config", issuer.configFile, "--visits", "two", "--json"], {
    onLine: ({ event, reference }) => {
      if (event !== "await") seen.push(`${String(event)} ${String(reference ?? "")}`.trim());
      if (event === "take") changes.push(reference === "C-1" ? swap(first, second) : swap(second, first));
      if (event === "made" && reference === "C-2") issuer.settlement.freezeChain(false);
    },
  });
  await Promise.all(changes);
  expect([ended.exitCode, seen.slice(0, 5)]).toEqual([0, ["put C-1", "made C-1", "take C-1", "put C-2", "made C-2"]]);
  // Either deposit may be final first; the other card is then called when this one is done.
  expect(seen.filter((line) => line.startsWith("done")).sort()).toEqual(["done C-1", "done C-2"]);
  const { vouchers, proofs, fundings } = issuer.settlement;
  expect([vouchers.size, proofs.length, fundings.size]).toEqual([2, 0, 2]);
  await first.remove();
  await second.remove();
});
