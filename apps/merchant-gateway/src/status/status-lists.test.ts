import { afterEach, describe, expect, it } from "@jest/globals";
import { type Beacon, decodeStatusListHead, encodeStatusList } from "@tallystick/protocol";
import {
  DAY,
  domain,
  issuer,
  servedDomain,
  signList,
  START,
  terminalSigner,
  testSigner,
  type TestTerminal,
} from "../../test/harness/test-terminal.ts";
import { TerminalSuite } from "../../test/harness/terminal-suite.ts";
import { Policies } from "../config/policies.ts";
import { StatusLists } from "./status-lists.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

/** A terminal without a list, unless a test says otherwise, and what it does with lists. */
async function make(options: { readonly list?: boolean } = { list: false }) {
  const terminal = await suite.terminal({ batteryBacked: false }, options);
  const [served] = terminal.config.domains;
  if (served === undefined) throw new Error("the terminal serves no domain");
  const { lists, journal } = terminal.gateway;
  const kept = () => journal.statusLists.of(served.domainBytes);
  return { terminal, served, lists, journal, kept };
}

async function beaconOf(...options: Parameters<typeof signList>): Promise<Beacon> {
  const { head, signature } = await signList(...options);
  return { head: decodeStatusListHead(head), signature };
}

/** The lists of a terminal as a start puts them together, with what it has read of the chain. */
function startedAgain({ gateway, config }: TestTerminal, chainAsOf?: () => number | null): StatusLists {
  const keys = Policies.of(config, terminalSigner.publicKey);
  return new StatusLists(gateway.journal, config, keys, gateway.clock, chainAsOf);
}

describe("a list that settlement offers", () => {
  it("replaces the one held by a higher number alone, and the same again changes nothing", async () => {
    const { served, lists, kept } = await make();
    const first = await signList({ seq: 4, asOf: START - 60 });
    expect(lists.offer(served, first, START)).toEqual({ ok: true, seq: 4, replaced: true });
    expect(lists.offer(served, first, START)).toEqual({ ok: true, seq: 4, replaced: false });
    const twin = await signList({ seq: 4, asOf: START - 30, statuses: [0, 0, 1, 0] });
    expect(lists.offer(served, twin, START)).toEqual({ ok: true, seq: 4, replaced: false });
    expect(lists.of(served.domainBytes)).toMatchObject({ asOf: START - 60 });
    expect(kept()?.head).toEqual(first.head);
    const next = await signList({ seq: 5, asOf: START - 60 });
    expect(lists.offer(served, next, START)).toEqual({ ok: true, seq: 5, replaced: true });
    expect(kept()?.head).toEqual(next.head);
  });

  it.each([
    ["a lower number", { seq: 3, asOf: START }],
    ["an older asOf", { seq: 5, asOf: START - 61 }],
  ])("is not taken with %s than the one held", async (_, older) => {
    const { served, lists, kept } = await make();
    const held = await signList({ seq: 4, asOf: START - 60 });
    lists.offer(served, held, START);
    expect(lists.offer(served, await signList(older), START)).toMatchObject({ ok: false, code: "STATUS_LIST_OLDER" });
    expect(kept()?.head).toEqual(held.head);
    expect(lists.of(served.domainBytes)?.head.seq).toBe(4);
  });

  it("is from the future 301 s after a clock that is confirmed, and not one second earlier", async () => {
    const { terminal, served, lists } = await make();
    const future = await signList({ seq: 2, issuedAt: START + 301 });
    terminal.gateway.journal.write(() => {
      terminal.clock.takeLiveAnswer({ time: START, uploadSeq: 1 });
    });
    expect(lists.offer(served, future, START)).toMatchObject({ ok: false, code: "STATUS_LIST_FROM_FUTURE" });
    expect(lists.of(served.domainBytes)).toBeNull();
    terminal.now += 1;
    expect(lists.offer(served, future, START)).toMatchObject({ ok: true });
  });
});

describe("how fresh a list is for a decision", () => {
  it.each([
    ["nothing is read of the chain", null, START - 60],
    ["the chain was read further", START - 59, START - 60],
    ["the chain was read as far", START - 60, START - 60],
    ["the chain was read less far", START - 61, START - 61],
  ])("where %s", async (_, chainAsOf, expected) => {
    const { terminal, served } = await make({ list: true });
    const lists = startedAgain(terminal, () => chainAsOf);
    expect(lists.trusted(served.domainBytes)).toMatchObject({ asOf: expected, head: { seq: 1 } });
    expect(lists.of(served.domainBytes)).toMatchObject({ asOf: START - 60 });
  });

  it("is nothing where no list is held, however far the chain was read", async () => {
    const { terminal, served } = await make();
    expect(startedAgain(terminal, () => START).trusted(served.domainBytes)).toBeNull();
  });
});

describe("the beacon for cards", () => {
  it("is the head that is held with the issuer's signature, and none without a list", async () => {
    const { served, lists } = await make();
    expect(lists.beacon(served.domainBytes, 1)).toBeNull();
    const offered = await signList({ seq: 7 });
    lists.offer(served, offered, START);
    expect(lists.beacon(served.domainBytes, 1)).toEqual({
      head: decodeStatusListHead(offered.head),
      signature: offered.signature,
    });
  });

  it("is none where the disk has a list whose key is no longer pinned", async () => {
    const { terminal, served, lists } = await make({ list: true });
    expect(lists.beacon(served.domainBytes, 1)).not.toBeNull();
    const { journal, clock } = terminal.gateway;
    const again = new StatusLists(journal, terminal.config, { issuerKeys: [] }, clock);
    expect([again.of(served.domainBytes), again.beacon(served.domainBytes, 1)]).toEqual([null, null]);
  });
});

describe("a beacon that a card brings", () => {
  it("makes exactly the list held younger, on the disk too, and says so once", async () => {
    const { terminal, served, lists, kept } = await make({ list: true });
    const younger = await beaconOf({ seq: 2, issuedAt: START + DAY, asOf: START + DAY });
    expect(lists.takeBeacon(served, younger, START)).toBe(true);
    expect(lists.of(served.domainBytes)).toMatchObject({ asOf: START + DAY, head: { seq: 2 } });
    expect(kept()?.signature).toEqual(younger.signature);
    expect(startedAgain(terminal).of(served.domainBytes)).toEqual(lists.of(served.domainBytes));
    expect(lists.takeBeacon(served, younger, START)).toBe(false);
  });

  it.each([
    ["of another list", { statuses: [0, 0, 0, 1] as const }],
    ["of another number of cards", { statuses: [0, 0, 0, 0, 0] as const }],
    ["that is not younger", { asOf: START - 60 }],
  ])("%s leaves the list as it is, and the floor rises", async (_, changes) => {
    const { terminal, served, lists, kept } = await make({ list: true });
    const before = kept();
    const beacon = await beaconOf({ seq: 2, issuedAt: START + DAY, asOf: START + DAY, ...changes });
    expect(lists.takeBeacon(served, beacon, START)).toBe(false);
    expect(kept()).toEqual(before);
    expect(lists.of(served.domainBytes)).toMatchObject({ asOf: START - 60, head: { seq: 1 } });
    expect(terminal.clock.floor()).toBe(START + DAY - 300);
  });

  it("raises the floor where no list is held, and makes none", async () => {
    const { terminal, served, lists, kept } = await make();
    expect(lists.takeBeacon(served, await beaconOf({ issuedAt: START + DAY }), START)).toBe(false);
    expect([lists.of(served.domainBytes), kept()]).toEqual([null, null]);
    expect(terminal.clock.floor()).toBe(START + DAY - 300);
  });

  it("that nobody known has signed does nothing", async () => {
    const { terminal, served, lists, kept } = await make({ list: true });
    const [before, floor] = [kept(), terminal.clock.floor()];
    const beacon = await beaconOf({ seq: 2, issuedAt: START + DAY }, testSigner("thief"));
    expect(lists.takeBeacon(served, beacon, START)).toBe(false);
    expect([kept(), terminal.clock.floor()]).toEqual([before, floor]);
  });

  it("of another vault does nothing, although its issuer is known too", async () => {
    const { terminal, served, kept } = await make({ list: true });
    const [before, floor] = [kept(), terminal.clock.floor()];
    const other = { chainId: 5n, vault: domain.vault };
    const issuerKeys = [domain, other].map((each) => ({ domain: each, id: 1, publicKey: issuer.publicKey }));
    const { journal, clock } = terminal.gateway;
    const lists = new StatusLists(journal, terminal.config, { issuerKeys }, clock);
    const beacon = await beaconOf({ seq: 2, issuedAt: START + DAY, asOf: START + DAY, domain: other });
    expect(lists.takeBeacon(served, beacon, START)).toBe(false);
    expect([kept(), terminal.clock.floor()]).toEqual([before, floor]);
  });
});

describe("at a start", () => {
  /** A list that is on the disk as some earlier run left it. */
  async function withKept(change: (record: { head: Uint8Array; list: Uint8Array }) => object) {
    const both = await make();
    const { head, signature } = await signList({ issuedAt: START });
    const list = encodeStatusList([0, 0, 0, 0]);
    const record = { domainBytes: both.served.domainBytes, head, signature, list };
    both.journal.write(() => {
      both.journal.statusLists.keep({ ...record, ...change(record) }, START);
    });
    return both;
  }

  it("a list that the journal holds is verified, and raises a floor that has no signed part yet", async () => {
    const { terminal, served, journal } = await withKept(() => ({}));
    expect(journal.clockFloor.read(served.domainBytes)).toEqual({ signed: 0, local: 0 });
    expect(startedAgain(terminal).of(served.domainBytes)).toMatchObject({ asOf: START - 60, head: { seq: 1 } });
    expect(journal.clockFloor.read(served.domainBytes)).toEqual({ signed: START - 300, local: 0 });
  });

  it.each<[string, (record: { head: Uint8Array; list: Uint8Array }) => object]>([
    ["a head that is none any more", ({ head }) => ({ head: head.subarray(1) })],
    ["another list under the head", () => ({ list: Uint8Array.of(1) })],
    ["a signature of nobody's", () => ({ signature: new Uint8Array(64).fill(1) })],
  ])("%s is forgotten, and raises nothing", async (_, change) => {
    const { terminal, served, journal } = await withKept(change);
    expect(startedAgain(terminal).of(served.domainBytes)).toBeNull();
    expect(journal.clockFloor.read(served.domainBytes)).toEqual({ signed: 0, local: 0 });
  });
});

describe("a list by two issuer keys", () => {
  const second = testSigner("second issuer");
  const pinned = [
    { id: 1, publicKey: issuer.publicKey },
    { id: 2, publicKey: second.publicKey },
  ];
  const offered = async (change: { readonly seq?: number } = {}, others = signList(change)) => {
    const { head, signature } = await others;
    return { ...(await signList({ ...change, issuerKeyId: 2 }, second)), others: [{ head, signature }] };
  };

  it("is carried by each card's own key", async () => {
    const terminal = await suite.terminal({ domains: [await servedDomain({ issuerKeys: pinned })] }, { list: false });
    const [served] = terminal.config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    const { lists } = terminal.gateway;
    const keyOf = (id: number) => lists.beacon(served.domainBytes, id)?.head.issuerKeyId;
    expect(lists.offer(served, await offered({ seq: 4 }), START)).toEqual({ ok: true, seq: 4, replaced: true });
    expect([1, 2, 3].map(keyOf)).toEqual([1, 2, 2]);
    const byFirst = lists.beacon(served.domainBytes, 1);
    expect(byFirst?.head).toMatchObject({ seq: 4 });
    expect(byFirst?.signature).toEqual((await signList({ seq: 4 })).signature);
    // One that is signed by nobody, or is of another list, is no head of this one.
    for (const other of [
      signList({ seq: 5 }, testSigner("thief")),
      signList({ seq: 4 }),
      signList({ seq: 5, asOf: 7 }),
    ]) {
      lists.offer(served, await offered({ seq: 5 }, other), START);
      expect(keyOf(1)).toBe(2);
    }
    lists.offer(served, await offered({ seq: 5 }), START);
    expect(keyOf(1)).toBe(1);
  });

  it("is taken by the key that a terminal pins, before it knows the new one", async () => {
    const { lists, served } = await make();
    expect(lists.offer(served, await offered({ seq: 4 }), START)).toEqual({ ok: true, seq: 4, replaced: true });
    expect(lists.beacon(served.domainBytes, 1)?.head.issuerKeyId).toBe(1);
    const unknown = await signList({ seq: 5, issuerKeyId: 2 }, second);
    expect(lists.offer(served, unknown, START)).toMatchObject({ ok: false, code: "ISSUER_KEY_UNKNOWN" });
  });
});
