import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { codeOf } from "../../test/harness/codes.ts";
import { toAddress, toHex, uncompressKey } from "@tallystick/protocol";
import { Policies } from "./policies.ts";
import {
  issuer,
  payee,
  signCertificate,
  START,
  terminalSigner,
  terminalId,
  testSigner,
} from "../../test/harness/test-terminal.ts";
import { ConfigError } from "@tallystick/program";
import { MAX_LANE_NAME_LENGTH, MAX_LANES } from "./limits.ts";
import { loadConfig, parseConfig } from "./load-config.ts";

let folder: string;
let good: Record<string, unknown>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-config-"));
  const { certificate, signature } = await signCertificate();
  good = {
    journal: "journal.db",
    reader: "Reader 00 00",
    payee: toHex(payee),
    category: 12,
    terminalId: toHex(terminalId),
    terminalKeyFile: "key.json",
    certificate: toHex(certificate),
    certificateSignature: toHex(signature),
    issuerKeys: [{ id: 1, publicKey: toHex(issuer.publicKey) }],
    domains: [{ chainId: 31_337, vault: `0x${"51".repeat(20)}`, asset: { code: "USDC", decimals: 6, scale: 1 } }],
    settlementUrl: "http://127.0.0.1:8400/",
  };
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Where the configuration is faulty, with these changes. */
function faultsOf(changes: Record<string, unknown>): readonly string[] {
  try {
    Policies.of(parseConfig({ ...good, ...changes }, folder), terminalSigner.publicKey);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe("webhooks", () => {
  const stock = { name: "stock", url: "https://stock.example/hook", secretFile: "stock.secret" };
  it("have a name, an address and a secret each", () => {
    expect(parseConfig(good, folder).webhooks).toEqual([]);
    const lan = { name: "lan", url: "http://192.168.1.9/hook", secretFile: "/s", private: true, events: ["sale.paid"] };
    expect(parseConfig({ ...good, webhooks: [stock, lan] }, folder).webhooks).toEqual([
      { name: "stock", url: stock.url, secretFile: join(folder, "stock.secret"), events: null, isPrivate: false },
      { name: "lan", url: lan.url, secretFile: "/s", events: ["sale.paid"], isPrivate: true },
    ]);
  });

  it.each<[object[], string]>([
    [[{ ...stock, url: "http://stock.example/hook" }], "webhooks.0.url"],
    [[{ ...stock, url: "ftp://stock.example/hook" }], "webhooks.0.url"],
    [[stock, stock], "webhooks.1.name"],
    [[{ ...stock, name: "a b" }], "webhooks.0.name"],
    [[{ ...stock, events: ["sale.other"] }], "webhooks.0.events.0"],
    [Array.from({ length: 9 }, (_, index) => ({ ...stock, name: `n${index}` })), "webhooks"],
  ])("are refused as %j", (webhooks, at) => {
    expect(faultsOf({ webhooks })).toEqual([at]);
  });
});

describe("a configuration", () => {
  it("has defaults for all that a merchant need not decide", () => {
    expect(parseConfig(good, folder)).toMatchObject({
      listen: { host: "127.0.0.1", port: 8300 },
      journalPath: join(folder, "journal.db"),
      witnessPath: join(folder, "journal.db.witness"),
      pcscSocket: null,
      raisesReaderRate: true,
      lanes: [{ name: "1", reader: "Reader 00 00", vpcd: null }],
      windows: {
        listAgeSeconds: 604_800,
        uploadWindowSeconds: 604_800,
        chainMarginSeconds: 86_400,
        vaultDelaySeconds: 1_382_400,
      },
      batteryBacked: false,
      assuranceClasses: [0, 1],
      sync: { intervalSeconds: 15, background: true },
      domains: [{ settlementUrl: "http://127.0.0.1:8400", softwareCardSum: null }],
    });
    expect(faultsOf({})).toEqual([]);
  });

  it("starts before the merchant is registered", () => {
    expect(faultsOf({ certificate: null, certificateSignature: null })).toEqual([]);
  });

  it("reads the certificate from the file that settlement answered, and lets a domain have its own", async () => {
    const { certificate, signature } = await signCertificate({ perTap: 7n });
    writeFileSync(
      join(folder, "certificate.json"),
      JSON.stringify({ certificate: toHex(certificate), signature: toHex(signature) }),
    );
    const base = { ...good, certificate: undefined, certificateSignature: undefined };
    const config = parseConfig({ ...base, certificateFile: "certificate.json" }, folder);
    expect(Policies.of(config, terminalSigner.publicKey).all()[0]?.policy?.perTap).toBe(7n);
    const [domain] = good["domains"] as object[];
    const own = parseConfig({ ...good, domains: [{ ...domain, certificateFile: "certificate.json" }] }, folder);
    expect(Policies.of(own, terminalSigner.publicKey).all()[0]?.policy?.perTap).toBe(7n);
  });

  it("reads the chain for every domain, where one does not say otherwise", () => {
    const [domain] = good["domains"] as object[];
    const chain = { rpcUrl: "http://127.0.0.1:8545/", startBlock: 7 };
    const chainsOf = (changes: object) =>
      parseConfig({ ...good, ...changes }, folder).domains.map((served) => served.chain);
    expect(chainsOf({})).toEqual([null]);
    expect(chainsOf({ chain })).toEqual([{ rpcUrl: "http://127.0.0.1:8545", startBlock: 7n }]);
    expect(chainsOf({ chain, domains: [{ ...domain, chain: null }] })).toEqual([null]);
    expect(faultsOf({ chain: { rpcUrl: "ws://node" } })).toEqual(["chain.rpcUrl"]);
    expect(faultsOf({ chain: { ...chain, startBlock: -1 } })).toEqual(["chain.startBlock"]);
  });

  it("takes plain http to a node elsewhere where nothing has worth, or the line is said to be private", () => {
    const [domain] = good["domains"] as object[];
    const elsewhere = { rpcUrl: "http://node.example" };
    const claim = { ...elsewhere, keyFile: "payee.json" };
    const worth = { ...domain, chainId: 8453 };
    const base = { certificate: null, certificateSignature: null };
    expect(faultsOf({ ...base, chain: elsewhere, claim })).toEqual([]);
    expect(faultsOf({ ...base, chain: elsewhere, claim, domains: [worth] })).toEqual(["chain.rpcUrl", "claim.rpcUrl"]);
    const own = { ...worth, chain: elsewhere };
    // The file's own node is asked for no chain of worth then.
    expect(faultsOf({ ...base, chain: elsewhere, domains: [own] })).toEqual(["domains.0.chain.rpcUrl"]);
    const said = { ...base, chain: { ...elsewhere, private: true }, claim: { ...claim, private: true } };
    expect(faultsOf({ ...said, domains: [worth] })).toEqual([]);
    expect(parseConfig({ ...good, ...said }, folder).claim).not.toHaveProperty("private");
  });

  it("pins the account of the guarantee for every domain, where one does not say otherwise", () => {
    const [domain] = good["domains"] as object[];
    const guaranteeAccount = `0x${"6a".repeat(20)}`;
    const accountsOf = (changes: object) =>
      parseConfig({ ...good, ...changes }, folder).domains.map(({ guaranteeAccount: account }) =>
        account === null ? null : toHex(account),
      );
    expect(accountsOf({})).toEqual([null]);
    expect(accountsOf({ guaranteeAccount })).toEqual([guaranteeAccount]);
    expect(accountsOf({ guaranteeAccount, domains: [{ ...domain, guaranteeAccount: null }] })).toEqual([null]);
    expect(faultsOf({ guaranteeAccount: "0x6a" })).toEqual(["guaranteeAccount"]);
  });

  it("takes the lower of its own and the certificate's limits", () => {
    const policy = (limits: object) =>
      Policies.of(parseConfig({ ...good, limits }, folder), terminalSigner.publicKey).all()[0]?.policy;
    expect(policy({ perTap: "5.00", unsentSum: "20.00", unsentCount: 3 })).toMatchObject({
      perTap: 5_000_000n,
      unsentSum: 20_000_000n,
      unsentCount: 3,
    });
    expect(policy({ perTap: "5000.00", unsentSum: "20000.00", unsentCount: 30_000 })).toMatchObject({
      perTap: 100_000_000n,
      unsentSum: 1_000_000_000n,
      unsentCount: 500,
    });
  });

  it("accepts S + U + C one second below W and refuses them at W", () => {
    const windows = { listAgeSeconds: 100, uploadWindowSeconds: 100, chainMarginSeconds: 50 };
    expect(faultsOf({ limits: { ...windows, vaultDelaySeconds: 251 } })).toEqual([]);
    expect(faultsOf({ limits: { ...windows, vaultDelaySeconds: 250 } })).toEqual(["limits"]);
  });

  it("reports all faults at once, each with its place", () => {
    expect(faultsOf({ category: 64, payee: "0x00", terminalId: "0x01", reader: "" })).toEqual([
      "reader",
      "payee",
      "category",
      "terminalId",
    ]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a door for other machines without a token", { listen: { host: "0.0.0.0" } }, "listen.host"],
    ["a token that can be guessed", { tokens: ["1234"] }, "tokens.0"],
    ["an unknown setting", { batery: true }, "batery"],
    ["the zero address as payee", { payee: `0x${"00".repeat(20)}` }, "payee"],
    ["no domain", { domains: [] }, "domains"],
    ["no issuer key", { issuerKeys: [] }, "issuerKeys"],
    ["a certificate without its signature", { certificateSignature: undefined }, "certificateSignature"],
    [
      "a certificate file that is not there",
      { certificate: undefined, certificateSignature: undefined, certificateFile: "nowhere.json" },
      "certificateFile",
    ],
    ["two ways to the card", { pcscSocket: "/run/x", vpcd: { host: "127.0.0.1", port: 1 } }, "vpcd"],
    ["an amount that is none", { limits: { perTap: "1,5" } }, "limits.perTap"],
    ["more decimals than the asset has", { limits: { unsentSum: "0.0000001" } }, "limits.unsentSum"],
    ["assurance class 3", { policy: { assuranceClasses: [3] } }, "policy.assuranceClasses.0"],
    ["a settlement without http", { settlementUrl: "ftp://settlement" }, "settlementUrl"],
  ])("refuses %s", (_, changes, at) => {
    expect(faultsOf(changes)).toEqual([at]);
  });

  it("has a reader, or lanes with a reader each", () => {
    const lanes = [
      { name: "Bar", reader: "Reader 00 00" },
      { name: "مقهى 2", reader: "Reader 01 00", vpcd: { host: "127.0.0.1", port: 1 } },
    ];
    expect(parseConfig({ ...good, reader: undefined, lanes }, folder).lanes).toEqual([
      { ...lanes[0], vpcd: null },
      lanes[1],
    ]);
    const [bar = {}, cafe = {}] = lanes;
    const alone = (changed: readonly unknown[]) => faultsOf({ reader: undefined, lanes: changed });
    expect(faultsOf({ reader: undefined })).toEqual(["reader"]);
    expect(faultsOf({ lanes })).toEqual(["reader"]);
    expect(alone([])).toEqual(["lanes"]);
    expect(alone([bar, { ...cafe, name: "Bar" }])).toEqual(["lanes.1.name"]);
    expect(alone([bar, { ...cafe, reader: "Reader 00 00" }])).toEqual(["lanes.1.reader"]);
    for (const name of ["", " Bar", "Bar ", "a/b", "a\nb", "\u202ebar", "x".repeat(MAX_LANE_NAME_LENGTH + 1)])
      expect([name, alone([{ ...bar, name }])]).toEqual([name, ["lanes.0.name"]]);
    const many = Array.from({ length: MAX_LANES + 1 }, (_, index) => ({ name: `${index}`, reader: `r ${index}` }));
    expect(alone(many)).toEqual(["lanes"]);
    expect(faultsOf({ reader: undefined, lanes, vpcd: { host: "127.0.0.1", port: 1 } })).toEqual(["vpcd"]);
  });

  it("pairs devices over TLS or behind a proxy alone, under names of its own", () => {
    const open = { host: "0.0.0.0", port: 8300 };
    const tls = { names: ["Counter.local", "192.0.2.7"] };
    expect(parseConfig({ ...good, listen: open, tls }, folder)).toMatchObject({
      ...{ pairing: true, listen: { hosts: ["counter.local", "192.0.2.7"] } },
      tls: { names: ["counter.local", "192.0.2.7"], folder: join(folder, "journal.db.tls"), helpPort: 8_301 },
      roles: { sell: "cashier", refund: "manager", withdraw: "owner" },
    });
    expect(parseConfig({ ...good, listen: open, tls, pairing: false, tokens: ["x".repeat(16)] }, folder).pairing).toBe(
      false,
    );
    expect(faultsOf({ listen: { host: "0.0.0.0" }, pairing: true })).toEqual(["pairing"]);
    expect(faultsOf({ listen: { host: "0.0.0.0", proxies: ["192.0.2.9"] }, pairing: true })).toEqual([]);
    expect(faultsOf({ pairing: true })).toEqual([]);
    expect(faultsOf({ tls: {} })).toEqual(["tls.names"]);
    expect(faultsOf({ tls: {}, listen: { hosts: ["fe80::7"] } })).toEqual(["tls.names"]);
    for (const name of ["", "a b", "-a", "a..b", "*.local", "a/b", `${"x".repeat(64)}.local`])
      expect([name, faultsOf({ tls: { names: [name] } })]).toEqual([name, ["tls.names.0"]]);
    expect(faultsOf({ roles: { refund: "king" } })).toEqual(["roles.refund"]);
    expect(faultsOf({ roles: { sale: "owner" } })).toEqual(["roles.sale"]);
  });

  it("refuses the same domain twice", () => {
    expect(faultsOf({ domains: [...(good["domains"] as unknown[]), ...(good["domains"] as unknown[])] })).toEqual([
      "domains.1",
    ]);
  });

  it.each<[string, Parameters<typeof signCertificate>]>([
    ["another payee", [{ payee: toAddress(new Uint8Array(20).fill(1)) }]],
    ["another category", [{ category: 13 }]],
    ["another terminal", [{ terminalId: new Uint8Array(8) }]],
    ["another terminal key", [{ terminalKey: uncompressKey(issuer.publicKey) }]],
    ["another vault", [{ domain: { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(9)) } }]],
    ["an issuer key that is not pinned", [{ issuerKeyId: 2 }]],
    ["another signer", [{}, testSigner("nobody pinned")]],
  ])("refuses a certificate of %s", async (_, options) => {
    const { certificate, signature } = await signCertificate(...options);
    expect(faultsOf({ certificate: toHex(certificate), certificateSignature: toHex(signature) })).toEqual([
      "domains.0.certificate",
    ]);
  });

  it("takes settlement's answer with the same certificate by other pinned keys, and no other ones", async () => {
    const second = testSigner("second issuer");
    const hexOf = ({ certificate, signature }: Awaited<ReturnType<typeof signCertificate>>) => ({
      ...{ certificate: toHex(certificate), signature: toHex(signature) },
    });
    const own = hexOf(await signCertificate());
    const [firstKey] = good["issuerKeys"] as unknown[];
    const issuerKeys = [firstKey, { id: 2, publicKey: toHex(second.publicKey) }];
    const faultsWith = (others: unknown, keys: unknown[] = issuerKeys) => {
      writeFileSync(join(folder, "certificate.json"), JSON.stringify({ ...own, others }));
      const none = { certificate: undefined, certificateSignature: undefined };
      return faultsOf({ ...none, certificateFile: "certificate.json", issuerKeys: keys });
    };
    const other = hexOf(await signCertificate({ issuerKeyId: 2 }, second));
    expect([faultsWith([other]), faultsWith(undefined)]).toEqual([[], []]);
    for (const wrong of [
      hexOf(await signCertificate({ issuerKeyId: 2 }, testSigner("thief"))),
      hexOf(await signCertificate({ issuerKeyId: 2, perTap: 1n }, second)),
      hexOf(await signCertificate({ issuerKeyId: 3 }, second)),
      own,
    ])
      expect(faultsWith([wrong])).toEqual(["domains.0.certificate"]);
    expect(faultsWith([other], [firstKey])).toEqual(["domains.0.certificate"]);
    for (const none of ["others", [{}], [null]]) expect(faultsWith(none)).toEqual(["certificateFile"]);
  });

  it("takes a door for other machines with a token, or with a proxy", () => {
    expect(faultsOf({ listen: { host: "0.0.0.0" }, tokens: ["a-token-of-16-letters"] })).toEqual([]);
    expect(faultsOf({ listen: { host: "0.0.0.0", proxies: ["10.0.0.1"] } })).toEqual([]);
  });

  it("takes a certificate that is not valid now: the terminal says so and sells nothing", async () => {
    const { certificate, signature } = await signCertificate({ notAfter: START - 1 });
    expect(faultsOf({ certificate: toHex(certificate), certificateSignature: toHex(signature) })).toEqual([]);
  });

  it("must be a JSON file", () => {
    expect(codeOf(() => loadConfig(join(folder, "nowhere.json")))).toBe("CONFIG");
    writeFileSync(join(folder, "bad.json"), "{");
    expect(codeOf(() => loadConfig(join(folder, "bad.json")))).toBe("CONFIG");
    writeFileSync(join(folder, "good.json"), JSON.stringify(good));
    expect(loadConfig(join(folder, "good.json")).journalPath).toBe(join(folder, "journal.db"));
  });
});
