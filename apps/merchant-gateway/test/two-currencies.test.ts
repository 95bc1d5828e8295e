import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createVpcdProvider } from "@tallystick/apdu/vpcd";
import type { ReaderProvider } from "@tallystick/apdu";
import { createAsset } from "@tallystick/money";
import { encodeDomain, toAddress } from "@tallystick/protocol";
import { type Cardhost, freePort, makeWorkFolder, startCardhost, type WorkFolder } from "@tallystick/stack";
import type { ServedDomain } from "../src/config/gateway-config.ts";
import { createGateway, type Gateway } from "../src/app/gateway.ts";
import type { TapResult } from "../src/taps/tap-result.ts";
import {
  allowanceBody,
  domain,
  issuer,
  servedDomain,
  signCertificate,
  signList,
  terminalSigner,
  TestTerminal,
} from "./harness/test-terminal.ts";
import { connected } from "./harness/connected.ts";
import { personalize } from "./harness/personalize.ts";

const READER = "Listening card";
const DEADLINE_MS = 40_000;
const DOLLARS = 2_500_000n;
const EUROS = 1_750_000n;
const euroDomain = { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(0x52)) };
const nowSeconds = Math.floor(Date.now() / 1_000);

let folder: WorkFolder;
let provider: ReaderProvider;
let port: number;
let host: Cardhost | null = null;
let terminal: TestTerminal;
let gateway: Gateway;

/** Puts the card on the reader; with a tear it loses its power at that durable write. */
async function insert(tear?: { readonly event: number; readonly when: "before" | "after" }): Promise<void> {
  await gateway.engine.rest();
  await host?.stop();
  host = await startCardhost({
    port,
    state: `${folder.path}/card`,
    listen: true,
    ...(tear === undefined ? {} : { tear }),
  });
}

/** Takes a payment in one of the two currencies. */
async function take(currency: "USDC" | "EURC", amount: bigint): Promise<TapResult> {
  const domains = gateway.policies.all().filter(({ served }) => served.asset.code === currency);
  return await gateway.engine.tap({ saleId: null, amount, domains, waitMs: DEADLINE_MS });
}

async function serve(): Promise<readonly ServedDomain[]> {
  const euro = {
    domain: euroDomain,
    domainBytes: encodeDomain(euroDomain),
    asset: createAsset({ code: "EURC", decimals: 6, scale: 1n }),
    certificate: await signCertificate({ domain: euroDomain }),
  };
  return [await servedDomain(), await servedDomain(euro)];
}

beforeAll(async () => {
  folder = makeWorkFolder("two-currencies");
  port = await freePort();
  provider = createVpcdProvider([{ name: READER, host: "127.0.0.1", port }]);
  terminal = await TestTerminal.make(
    { lanes: [{ name: "1", reader: READER, vpcd: null }], domains: await serve() },
    { list: false },
  );
  terminal.gateway.journal.close();
  const readers = { of: () => provider.reader(READER), names: () => Promise.resolve([READER]) };
  gateway = createGateway({ config: terminal.config, signer: terminalSigner, readers });
  for (const served of terminal.config.domains) {
    const list = await signList({ issuedAt: nowSeconds, asOf: nowSeconds, domain: served.domain });
    expect(gateway.lists.offer(served, list, nowSeconds)).toMatchObject({ ok: true });
  }
  await insert();
  const connection = await connected(provider.reader(READER), DEADLINE_MS);
  const body = { ...allowanceBody, notBefore: nowSeconds - 3_600, notAfter: nowSeconds + 86_400 };
  try {
    await personalize(connection, { domain, issuer, body });
    await personalize(connection, { domain: euroDomain, issuer, body, instance: 2 });
  } finally {
    await connection.disconnect();
  }
});

afterAll(async () => {
  await gateway.engine.rest();
  await host?.stop();
  gateway.journal.close();
  await provider.close();
  terminal.remove();
  folder.remove();
});

describe("a card with two currencies", () => {
  it("pays each sale with the instance of its currency", async () => {
    const dollars = await take("USDC", DOLLARS);
    expect(dollars).toMatchObject({ outcome: "accepted", counter: 1, apdus: 2, spentAfter: DOLLARS });
    const euros = await take("EURC", EUROS);
    expect(euros).toMatchObject({ outcome: "accepted", counter: 1, apdus: 3, spentAfter: EUROS });
    expect(euros.card).not.toEqual(dollars.card);
  });

  it("finds out what became of a torn payment in the second instance before it pays with the first", async () => {
    await insert({ event: 1, when: "after" });
    expect(await take("EURC", EUROS)).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
    const dollars = await take("USDC", DOLLARS);
    expect(dollars).toMatchObject({ outcome: "accepted", counter: 2, spentAfter: 2n * DOLLARS });
    expect(dollars.resolved).toMatchObject([
      { outcome: "accepted", counter: 2, amount: EUROS, spentAfter: 2n * EUROS },
    ]);
    expect(await take("EURC", EUROS)).toMatchObject({
      outcome: "accepted",
      counter: 3,
      spentAfter: 3n * EUROS,
      resolved: [],
    });
  });

  it("finds out what became of a torn payment in the first instance before it pays with the second", async () => {
    await insert({ event: 1, when: "before" });
    const torn = await take("USDC", DOLLARS);
    expect(torn).toMatchObject({ outcome: "unresolved", code: "TAP_TORN" });
    const euros = await take("EURC", EUROS);
    expect(euros).toMatchObject({ outcome: "accepted", counter: 4, spentAfter: 4n * EUROS });
    // It was torn before the card wrote, and its sale is over: it is never debited for it.
    expect(euros.resolved).toMatchObject([{ id: torn.id, outcome: "refused", code: "TAP_CANCELLED" }]);
    expect(await take("USDC", DOLLARS)).toMatchObject({ outcome: "accepted", counter: 3, spentAfter: 3n * DOLLARS });
  });

  it("goes on with an open sale in its own currency", async () => {
    await insert({ event: 1, when: "after" });
    const torn = await take("EURC", EUROS);
    expect(torn).toMatchObject({ outcome: "unresolved" });
    expect(await take("EURC", EUROS)).toMatchObject({ outcome: "accepted", id: torn.id, spentAfter: 5n * EUROS });
  });

  it("stays at two commands as soon as nothing is open", async () => {
    expect(await take("USDC", DOLLARS)).toMatchObject({ outcome: "accepted", apdus: 2, resolved: [] });
  });
});
