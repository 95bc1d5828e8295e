import { describe, expect, it } from "@jest/globals";
import * as protocol from "../index.ts";
import { cached, counting, heldList, makeCard, now, policy, testSigner } from "../testing/fixture.ts";

interface Case {
  readonly select?: Partial<protocol.SelectAnswer>;
  readonly body?: Partial<protocol.AllowanceBody>;
  readonly status?: protocol.CardStatus;
  readonly state?: Partial<protocol.CachedState>;
  readonly time?: number;
}

async function decide({ select: changes, body, status = 0, state, time = now }: Case): Promise<string> {
  const { select } = await makeCard({ body: body ?? {}, select: changes ?? {} });
  const held = heldList();
  const { cards } = held.head;
  const statuses = Array.from({ length: cards }, () => status);
  const list = { ...held, list: protocol.encodeStatusList(statuses) };
  const decision = protocol.decideUpdate(policy, { ...cached, statusLists: [list], ...state }, select, time);
  return decision.ok ? (decision.suspended ? "suspended" : "yes") : decision.reason;
}

describe("whether a card may be given a newer allowance (spec §5.10)", () => {
  it.each<[string, Case, string]>([
    ["a valid card", {}, "yes"],
    ["one whose own state is suspended", { select: { state: protocol.cardStates.suspended } }, "yes"],
    ["one that the list suspends", { status: 1 }, "suspended"],
    ["a revoked one", { status: 2 }, "STATUS_REVOKED"],
    ["a lost one", { status: 3 }, "STATUS_LOST"],
    ["a convicted one", { state: { convicted: true } }, "STATUS_REVOKED"],
    ["a convicted one that the list suspends", { status: 1, state: { convicted: true } }, "STATUS_REVOKED"],
    ["a terminated one", { select: { state: protocol.cardStates.terminated } }, "CARD_TERMINATED"],
    ["one of another domain", { select: { cardTag: counting(1, 8) } }, "DOMAIN_NOT_SERVED"],
    ["one of an unknown issuer key", { body: { issuerKeyId: 2 } }, "ISSUER_KEY_UNKNOWN"],
    ["one with a foreign allowance", { select: { cardKey: testSigner("else").publicKey } }, "DOMAIN_NOT_SERVED"],
    ["one whose allowance has expired", { body: { notAfter: now - 1 } }, "yes"],
    ["any, without a list", { state: { statusLists: [] } }, "STATUS_LIST_MISSING"],
    ["any, by an old list", { time: now + 30 * 86_400 }, "STATUS_LIST_TOO_OLD"],
  ])("%s", async (_name, change, verdict) => {
    expect(await decide(change)).toBe(verdict);
  });
});
