import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { VoucherBundle } from "@tallystick/protocol";
import { startRpcProxy, type RpcProxy } from "@tallystick/stack";
import { commandsUnder, printedCommands } from "../harness/drills/printed-commands.ts";
import { type DrillTools, drillTools } from "../harness/drills/drill-tools.ts";
import { eventually } from "../harness/eventually.ts";
import { certifiedTerminal, fundedCard } from "../harness/issued.ts";
import { createHarness, type SettlementHarness, type TestService } from "../harness/settlement-harness.ts";
import { emptyDatabase } from "../harness/shared-cluster.ts";
import { idOf, type TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

/** Where nothing listens. */
const NOBODY = "http://127.0.0.1:9";

describe("drills of what the chain shows", () => {
  let harness: SettlementHarness;
  /** Stands before the chain, and lies. */
  let node: RpcProxy;
  let service: TestService | null = null;
  let drill: DrillTools;

  beforeAll(async () => {
    harness = await createHarness("PackedVault");
    node = await startRpcProxy(harness.anvil.rpc);
    harness.startMining();
    drill = drillTools(harness, () => service?.doors.administration ?? NOBODY);
  });
  afterEach(async () => {
    node.heal();
    await stop();
    harness.startMining();
  });
  afterAll(async () => {
    await node.stop();
    await harness.stop();
  });

  const running = (): TestService => {
    if (service === null) throw new Error("No service runs.");
    return service;
  };
  const stop = async (): Promise<void> => {
    const stopped = service;
    service = null;
    await stopped?.stop();
  };
  const start = async (databaseUrl: string, change: Record<string, unknown> = {}): Promise<void> => {
    await stop();
    service = await harness.start(databaseUrl, change);
  };
  const pay = async (terminal: TestTerminal, card: TestCard) => {
    const { payee, terminalId } = terminal;
    const sale = await card.pay({ payee, terminalId, amount: 10_000n });
    const upload = await terminal.upload({ vouchers: [sale] });
    await running().call("POST", "/v1/uploads", { body: upload });
    return { sale, upload };
  };
  const becomesFinal = (sale: VoucherBundle) =>
    eventually(
      () => running().call("GET", `/v1/vouchers/${idOf(sale)}`),
      ({ body }) => body.state === "final",
    );

  it("NodeContradicts: a node hides events, the proof says that no block is another, and another node ends it", async () => {
    const database = await harness.createDatabase();
    await start(database, { rpcUrl: node.url });
    const [terminal, card] = [await certifiedTerminal(harness, running()), await fundedCard(harness, running())];
    await drill.ready();
    node.fault({ kind: "noLogs" });
    const { sale: hidden } = await pay(terminal, card);
    await drill.becomes(["SettlementNotReady", "NodeContradicts"]);
    const { exit, output } = await drill.follow(printedCommands("NodeContradicts").look);
    expect([exit, JSON.parse(output)]).toEqual([0, expect.objectContaining({ state: "STANDS" })]);
    // The block stands, and still the node hides what is in others.
    await drill.becomes(["SettlementNotReady", "NodeContradicts"]);
    await start(database, { rpcUrl: harness.anvil.rpc });
    await becomesFinal(hidden);
    await drill.ready();
  });

  it("NodeContradicts: the chain drops final blocks in which nothing was posted, and a person accepts the others", async () => {
    await start(await harness.createDatabase());
    const { db } = running().platform;
    const [terminal, card] = [await certifiedTerminal(harness, running()), await fundedCard(harness, running())];
    await becomesFinal((await pay(terminal, card)).sale);
    await drill.ready();
    await harness.stopMining();
    const latest = async () => BigInt((await harness.rpc("eth_blockNumber")) as string);
    const before = await latest();
    const snapshot = await harness.rpc("evm_snapshot");
    await harness.mine(5);
    await eventually(
      () => db.selectFrom("chain_cursor").select("block_number").executeTakeFirstOrThrow(),
      ({ block_number: read }) => read > before,
    );
    await harness.rpc("evm_revert", [snapshot]);
    // Another miner's blocks stand in their place.
    await harness.rpc("anvil_setCoinbase", [`0x${"77".repeat(20)}`]);
    await harness.mine(10);
    await drill.becomes(["SettlementNotReady", "NodeContradicts"]);
    const { look, act } = printedCommands("NodeContradicts");
    const seen = await drill.follow(look);
    expect([seen.exit, JSON.parse(seen.output)]).toEqual([1, expect.objectContaining({ state: "REPLACED", gone: [] })]);
    const [accept = ""] = act;
    const accepted = await drill.follow(accept);
    expect([accepted.exit, JSON.parse(accepted.output)]).toEqual([0, expect.objectContaining({ accepted: true })]);
    harness.startMining();
    await drill.ready();
    await becomesFinal((await pay(terminal, card)).sale);
  });

  it("OldCopy: a copy was put in place while the node was away; the newest database ends it, or a raised generation", async () => {
    const [backup = ""] = commandsUnder("docs/operating/backup.md", "Back up");
    const [restore = ""] = commandsUnder("docs/operating/backup.md", "Restore");
    /** A printed command with this drill's file in the place of the page's. */
    const ofFile = (command: string) => command.replace(/\/backup\/\S+/, join(drill.folder, "copy"));

    const written = (databaseUrl: string, change: object = {}) => {
      const config = JSON.parse(readFileSync(harness.configFile, "utf8")) as object;
      const { rpc: rpcUrl } = harness.anvil;
      writeFileSync(harness.configFile, JSON.stringify({ ...config, rpcUrl, databaseUrl, ...change }));
    };

    const newest = await harness.createDatabase();
    await start(newest);
    const [terminal, card] = [await certifiedTerminal(harness, running()), await fundedCard(harness, running())];
    await becomesFinal((await pay(terminal, card)).sale);
    expect((await drill.follow(ofFile(backup))).exit).toBe(0);
    const { sale, upload } = await pay(terminal, card);
    const settled = (await becomesFinal(sale)).body.tx as string;
    await stop();

    // By another tool than ours; a start that reaches the node refuses it at once.
    const old = await emptyDatabase(harness.postgres);
    expect((await drill.follow('pg_restore --no-owner --dbname "$OLD" copy', { OLD: old })).exit).toBe(0);
    await expect(start(old)).rejects.toMatchObject({ code: "COPY_BEHIND_CHAIN", exit: "store" });
    const checked = await drill.follow(printedCommands("SettlementDown").look);
    expect([checked.exit, checked.output.includes("COPY_BEHIND_CHAIN")]).toEqual([4, true]);
    node.fault({ kind: "hangUp" });
    await start(old, { rpcUrl: node.url });
    await drill.becomes(["SettlementNotReady", "PartAway"]);
    node.heal();
    await drill.becomes(["SettlementNotReady", "OldCopy"]);
    const { exit, output } = await drill.follow(printedCommands("OldCopy").look);
    expect([exit, output.includes("COPY_BEHIND_CHAIN"), output.includes(settled)]).toEqual([0, true, true]);

    await stop();
    written(newest);
    const { act } = printedCommands("OldCopy");
    for (const check of act) expect((await drill.follow(check)).exit).toBe(0);
    await start(newest);
    await drill.ready();
    await stop();

    // As if it were lost: the file is all there is.
    const restored = await emptyDatabase(harness.postgres);
    written(restored);
    expect((await drill.follow(ofFile(restore))).exit).toBe(4);
    written(restored, { restoreGeneration: 1 });
    expect((await drill.follow(ofFile(restore))).exit).toBe(0);
    await start(restored, { restoreGeneration: 1 });
    await running().call("POST", "/v1/uploads", { body: upload });
    expect((await becomesFinal(sale)).body.tx).toBe(settled);
    await drill.ready();
  });
});
