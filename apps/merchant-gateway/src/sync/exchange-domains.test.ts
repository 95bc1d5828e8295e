import { afterEach, describe, expect, it } from "@jest/globals";
import { createAsset } from "@tallystick/money";
import { encodeDomain, toAddress, toHex } from "@tallystick/protocol";
import type { UploadResponse } from "@tallystick/protocol/wire";
import { LineSettlement } from "../../test/harness/line/line-settlement.ts";
import { TerminalSuite } from "../../test/harness/terminal-suite.ts";
import {
  domain,
  servedDomain,
  signCertificate,
  signList,
  terminalSigner,
  type TestTerminal,
} from "../../test/harness/test-terminal.ts";
import { Exchange } from "./exchange.ts";
import { type FollowedVoucher, SettlementError, type SettlementPort } from "./settlement-client.ts";
import { Uploader } from "./uploader.ts";

const suite = new TerminalSuite();
const URL = "https://settlement.example";

afterEach(() => {
  suite.removeAll();
});

/** The settlement of one domain, by name; it knows no payment until a test says where it is. */
class DomainSettlement implements SettlementPort {
  readonly authenticated = true;
  /** What was asked of all settlements, in its order. */
  readonly asked: string[];
  readonly name: string;
  state: FollowedVoucher | null = null;
  /** What the next calls by this name throw. */
  readonly throws = new Map<string, Error>();
  list: SettlementPort["statusList"] = () => signList();
  private readonly line = new LineSettlement();

  constructor(name: string, asked: string[]) {
    this.name = name;
    this.asked = asked;
  }

  async upload(...request: Parameters<SettlementPort["upload"]>): Promise<UploadResponse> {
    this.note("upload");
    return await this.line.upload(...request);
  }

  async statusList() {
    this.note("list");
    return await this.list();
  }

  vouchers(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, FollowedVoucher | null>> {
    return Promise.resolve().then(() => {
      this.note("vouchers");
      return new Map(ids.map((id) => [toHex(id), this.state] as const));
    });
  }

  private note(call: string): void {
    this.asked.push(`${this.name} ${call}`);
    const fault = this.throws.get(call);
    if (fault !== undefined) throw fault;
  }
}

const euros = { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(0x52)) };

/** A terminal of two currencies, of which it sends euros to a settlement, and dollars where a test says so. */
async function make({ dollarsSent = true, certified = true } = {}) {
  const domains = [
    await servedDomain({ settlementUrl: dollarsSent ? URL : null }),
    await servedDomain({
      ...{ domain: euros, domainBytes: encodeDomain(euros), settlementUrl: URL },
      asset: createAsset({ code: "EURC", decimals: 6, scale: 1n }),
      certificate: certified ? await signCertificate({ domain: euros }) : null,
    }),
  ];
  const terminal = await suite.terminal({ domains });
  const asked: string[] = [];
  const dollar = new DomainSettlement("dollar", asked);
  const euro = new DomainSettlement("euro", asked);
  euro.list = () => signList({ domain: euros });
  const { gateway, config } = terminal;
  const exchange = new Exchange({
    ...gateway,
    uploader: new Uploader({ ...gateway, config, signer: terminalSigner }),
    settlementOf: ({ settlementUrl, asset }) => (settlementUrl === null ? null : asset.code === "EURC" ? euro : dollar),
  });
  return { terminal, exchange, dollar, euro, asked };
}

/** A payment in one of the currencies, by a card of its own. */
async function pay(terminal: TestTerminal, code: "USDC" | "EURC", name: string = code): Promise<Uint8Array> {
  const served = terminal.config.domains.find(({ asset }) => asset.code === code);
  terminal.reader.card = await terminal.card(name, {}, served?.domain ?? domain);
  const domains = terminal.gateway.policies.all().filter(({ served: each }) => each.asset.code === code);
  const { voucherId } = await terminal.gateway.engine.tap({ saleId: null, amount: 5n, domains, waitMs: 0, pin: null });
  if (voucherId === null) throw new Error("the card did not pay");
  return voucherId;
}

const final: FollowedVoucher = { state: "final", batch: "7", tx: "0xabc", refunds: [] };
const away = new SettlementError("SETTLEMENT_UNREACHABLE", "no line");
const refused = new SettlementError("SETTLEMENT_REFUSED", "no", { refusal: "UPLOAD_UNTRUSTED" });

describe("an exchange of a terminal with several currencies", () => {
  it("asks the settlement of each, and adds up what they took and reported", async () => {
    const { terminal, exchange, dollar, euro, asked } = await make();
    terminal.gateway.lists.offer(
      terminal.config.domains[1] ?? (await servedDomain()),
      await signList({ domain: euros }),
      terminal.now,
    );
    const ids = [await pay(terminal, "USDC"), await pay(terminal, "EURC")];
    expect(exchange.hasSettlement()).toBe(true);
    expect(exchange.last).toBeNull();
    expect(await exchange.run()).toMatchObject({ uploaded: { new: 2, duplicate: 0 }, reportedFinal: 0, faults: [] });
    expect(asked).toEqual(
      ["dollar", "euro"].flatMap((name) => ["list", "upload", "vouchers"].map((c) => `${name} ${c}`)),
    );
    dollar.state = final;
    euro.state = final;
    expect(await exchange.followNew()).toBe(2);
    for (const id of ids)
      expect(terminal.gateway.journal.vouchers.byId(id)).toMatchObject({ reported: "final", tx: "0xabc" });
    expect(await exchange.followNew()).toBe(0);
    expect(exchange.last).toEqual({ at: terminal.now, faults: [] });
  });

  it("leaves a currency without settlement alone, and the others go on", async () => {
    const { terminal, exchange, euro, asked } = await make({ dollarsSent: false });
    terminal.gateway.lists.offer(
      terminal.config.domains[1] ?? (await servedDomain()),
      await signList({ domain: euros }),
      terminal.now,
    );
    const dollars = await pay(terminal, "USDC");
    await pay(terminal, "EURC");
    expect(exchange.hasSettlement()).toBe(true);
    expect((await exchange.run()).uploaded.new).toBe(1);
    euro.state = final;
    expect(await exchange.followNew()).toBe(1);
    expect(asked.filter((call) => !call.startsWith("euro"))).toEqual([]);
    const kept = terminal.gateway.journal.vouchers.byId(dollars);
    expect(kept).toMatchObject({ delivery: "unsent" });
    expect(kept === null ? undefined : await exchange.refundsOf({ ...kept, delivery: "taken" })).toBeNull();
    expect(
      kept === null ? undefined : await exchange.refundsOf({ ...kept, domainBytes: new Uint8Array(28) }),
    ).toBeNull();
  });

  it("has none where no currency has a settlement, and an exchange asks nobody", async () => {
    const terminal = await suite.terminal();
    const { exchange } = terminal.gateway;
    expect(exchange.hasSettlement()).toBe(false);
    expect(await exchange.run()).toEqual({
      uploaded: { new: 0, duplicate: 0, forked: 0, refused: 0, setAside: 0 },
      ...{ statusList: null, reportedFinal: 0, faults: [] },
    });
    expect(exchange.last).toEqual({ at: terminal.now, faults: [] });
  });

  it("sends nothing of a currency without a certificate, and takes its list", async () => {
    const { terminal, exchange, asked } = await make({ dollarsSent: false, certified: false });
    expect(await exchange.run({ again: true })).toMatchObject({ statusList: { seq: 1, replaced: true }, faults: [] });
    expect(asked).toEqual(["euro list"]);
    expect(terminal.gateway.lists.of(encodeDomain(euros))).toMatchObject({ head: { seq: 1 } });
  });

  it("asks a settlement that is away for nothing more, and the other one for all", async () => {
    const { terminal, exchange, dollar, asked } = await make();
    await pay(terminal, "USDC");
    dollar.throws.set("list", away);
    const report = await exchange.run();
    expect(report.faults).toEqual([{ code: "SETTLEMENT_UNREACHABLE", message: "no line", away: true }]);
    expect(report.statusList).toMatchObject({ seq: 1, replaced: false });
    expect(asked).toEqual(["dollar list", "euro list", "euro upload"]);
    expect(await exchange.followNew()).toBe(0);
    dollar.throws.clear();
    expect(await exchange.run()).toMatchObject({ uploaded: { new: 1 }, faults: [] });
  });

  it("asks a settlement that refuses one thing for the others", async () => {
    const { terminal, exchange, dollar, asked } = await make({ certified: false });
    await pay(terminal, "USDC");
    await exchange.run();
    await pay(terminal, "USDC", "another card");
    asked.length = 0;
    dollar.throws.set("upload", refused);
    expect((await exchange.run()).faults).toEqual([{ code: "UPLOAD_UNTRUSTED", message: "no", away: false }]);
    expect(asked).toEqual(["dollar list", "dollar upload", "dollar vouchers", "euro list"]);
  });

  it.each(["list", "upload", "vouchers"])("throws on what is no fault of settlement: %s", async (call) => {
    const { terminal, exchange, dollar } = await make();
    const id = await pay(terminal, "USDC");
    await exchange.run();
    await pay(terminal, "USDC", "another card");
    const fault = new RangeError("a fault of the code");
    dollar.throws.set(call, fault);
    await expect(exchange.run()).rejects.toBe(fault);
    const kept = terminal.gateway.journal.vouchers.byId(id);
    if (kept === null) throw new Error("the voucher is not kept");
    if (call === "vouchers") {
      await expect(exchange.followNew()).rejects.toBe(fault);
      await expect(exchange.refundsOf(kept)).rejects.toBe(fault);
    }
    // A turn that failed holds up no other.
    dollar.throws.set("vouchers", refused);
    expect([await exchange.followNew(), await exchange.refundsOf(kept)]).toEqual([0, null]);
  });
});
