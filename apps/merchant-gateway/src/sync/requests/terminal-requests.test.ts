import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "@jest/globals";
import {
  decodeTerminalRequest,
  decodeVoucherStatesRequest,
  digestOf,
  fromHex,
  terminalRequestKinds,
  toHex,
  verifyDigest,
} from "@tallystick/protocol";
import type { TerminalRequestBody } from "@tallystick/protocol/wire";
import { codeOfRejection } from "../../../test/harness/codes.ts";
import { START, terminalId, terminalSigner, TestTerminal } from "../../../test/harness/test-terminal.ts";
import type { ServedDomain } from "../../config/gateway-config.ts";
import { NOTICE_SECONDS } from "../../limits.ts";
import { SettlementError } from "../settlement-client.ts";
import { TerminalRequests } from "./terminal-requests.ts";

const terminals: TestTerminal[] = [];

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.remove();
});

const unknown = { state: null, code: null, batch: null, tx: null, owes: null, refunded: null, refunds: [] };

/** A settlement that answers what a test says of the ids it was asked for. */
async function make(
  answer: (ids: readonly string[]) => unknown = (ids) => ({
    states: ids.map((voucherId) => ({ voucherId, ...unknown })),
  }),
) {
  const terminal = await TestTerminal.make();
  terminals.push(terminal);
  const asked: TerminalRequestBody[] = [];
  const [served] = terminal.config.domains;
  if (served === undefined) throw new Error("the terminal serves no domain");
  const told: number[] = [];
  const port = {
    authenticated: true,
    request: (body: TerminalRequestBody) => {
      asked.push(body);
      return Promise.resolve(answer(decodeVoucherStatesRequest(fromHex(body.body)).map(toHex)));
    },
  };
  const requests = new TerminalRequests({
    ...{ config: terminal.config, signer: terminalSigner, clock: terminal.gateway.clock },
    certificateOf: (of: ServedDomain) => of.certificate,
    ...{ randomBytes: (length: number) => randomBytes(length), portOf: () => port },
    onWithdrawn: (_, from) => void told.push(from),
  });
  const takeLiveAnswer = (time: number): void => {
    terminal.gateway.journal.write(() => terminal.clock.takeLiveAnswer({ time, uploadSeq: 1 }));
  };
  return { terminal, served, requests, asked, told, port, takeLiveAnswer };
}

const ids = (count: number): Uint8Array[] => Array.from({ length: count }, () => randomBytes(32));

describe("a request of the terminal", () => {
  it("is signed over its body, for this terminal, at the time of the live answer", async () => {
    const { terminal, served, requests, asked, takeLiveAnswer } = await make();
    // The right time is the live answer's, not that of a clock beside it.
    takeLiveAnswer(START + 200);
    terminal.now += 50;
    const [id] = ids(1) as [Uint8Array];
    expect(await requests.states(served, [id])).toEqual(new Map([[toHex(id), null]]));
    const [sent] = asked;
    if (sent === undefined) throw new Error("nothing was asked");
    const request = decodeTerminalRequest(fromHex(sent.request));
    expect(request).toMatchObject({ kind: terminalRequestKinds.voucherStates, time: START + 250, terminalId });
    expect(request.bodyHash).toEqual(digestOf(fromHex(sent.body)));
    expect(verifyDigest(fromHex(sent.signature), digestOf(fromHex(sent.request)), terminalSigner.publicKey)).toBe(true);
    expect(sent.certificate).toBe(toHex(served.certificate?.certificate ?? new Uint8Array(0)));
  });

  it("has a nonce of its own, also when the same is asked again", async () => {
    const { served, requests, asked, takeLiveAnswer } = await make();
    takeLiveAnswer(START);
    const [id] = ids(1) as [Uint8Array];
    for (let time = 0; time < 3; time += 1) await requests.states(served, [id]);
    const nonces = asked.map(({ request }) => toHex(decodeTerminalRequest(fromHex(request)).nonce));
    expect(new Set(nonces).size).toBe(3);
  });

  it("asks about at most 500 vouchers, and about more in several", async () => {
    const { served, requests, asked, takeLiveAnswer } = await make();
    takeLiveAnswer(START);
    const many = ids(501);
    expect((await requests.states(served, many)).size).toBe(501);
    expect(asked.map(({ body }) => decodeVoucherStatesRequest(fromHex(body)).length)).toEqual([500, 1]);
    expect(await requests.states(served, [])).toEqual(new Map());
    expect(asked).toHaveLength(2);
  });

  it("is not made before there is a live answer, nor without a certificate", async () => {
    const { served, requests, asked, takeLiveAnswer } = await make();
    expect(requests.canAsk(served)).toBe(false);
    expect(await requests.followed(served, ids(1))).toBeNull();
    expect(await codeOfRejection(requests.states(served, ids(1)))).toBe("SETTLEMENT_UNREACHABLE");
    takeLiveAnswer(START);
    const uncertified: ServedDomain = { ...served, certificate: null };
    expect([requests.canAsk(served), requests.canAsk(uncertified)]).toEqual([true, false]);
    expect(await requests.followed(uncertified, ids(1))).toBeNull();
    expect(asked).toEqual([]);
  });

  it("takes no answer about other vouchers, in another order, or of another form", async () => {
    const [first, second] = ids(2) as [Uint8Array, Uint8Array];
    const bad: readonly ((asked: readonly string[]) => unknown)[] = [
      (asked) => ({ states: [...asked].reverse().map((voucherId) => ({ voucherId, ...unknown })) }),
      (asked) => ({ states: asked.slice(1).map((voucherId) => ({ voucherId, ...unknown })) }),
      (asked) => ({ states: [...asked, asked[0]].map((voucherId) => ({ voucherId, ...unknown })) }),
      () => ({ states: ids(2).map((id) => ({ voucherId: toHex(id), ...unknown })) }),
      (asked) => ({ states: asked.map((voucherId) => ({ voucherId, ...unknown, tx: "0x12" })) }),
      () => ({ states: [] }),
      () => null,
    ];
    for (const answer of bad) {
      const { served, requests, takeLiveAnswer } = await make(answer);
      takeLiveAnswer(START);
      expect(await codeOfRejection(requests.states(served, [first, second]))).toBe("SETTLEMENT_ANSWER_UNREADABLE");
    }
  });

  it("keeps what settlement says of the token, until it is over or old", async () => {
    let notices: unknown = [{ code: "TOKEN_STOPPED", message: "The token says: Paused.", since: START }];
    const { terminal, served, requests, takeLiveAnswer } = await make((asked) => ({
      states: asked.map((voucherId) => ({ voucherId, ...unknown })),
      ...(notices === undefined ? {} : { notices }),
    }));
    takeLiveAnswer(START);
    expect(requests.notices()).toEqual([]);
    await requests.states(served, ids(1));
    expect(requests.notices()).toMatchObject([{ code: "TOKEN_STOPPED", since: START }]);
    // A service that says nothing of it.
    notices = undefined;
    await requests.states(served, ids(1));
    expect(requests.notices()).toEqual([]);
    notices = [{ code: "PAYEE_BLOCKED", message: "Blacklisted.", since: START }];
    await requests.states(served, ids(1));
    terminal.now += NOTICE_SECONDS - 1;
    expect(requests.notices()).toHaveLength(1);
    terminal.now += 1;
    expect(requests.notices()).toEqual([]);
  });
});

describe("a withdrawal of the terminal's certificate", () => {
  const refusal = (withdrawnFrom?: number) =>
    new SettlementError("SETTLEMENT_REFUSED", "", {
      ...{ status: 403, refusal: "CERTIFICATE_NOT_VALID" },
      ...(withdrawnFrom === undefined ? {} : { withdrawnFrom }),
    });

  it("is told by an answer, and by the refusal of one", async () => {
    let answer: () => unknown = () => ({ withdrawnFrom: START });
    const { served, requests, told, takeLiveAnswer } = await make((asked) => ({
      states: asked.map((voucherId) => ({ voucherId, ...unknown })),
      ...(answer() as object),
    }));
    takeLiveAnswer(START);
    await requests.states(served, ids(1));
    expect(told).toEqual([START]);
    answer = () => {
      throw refusal(0);
    };
    expect(await codeOfRejection(requests.states(served, ids(1)))).toBe("SETTLEMENT_REFUSED");
    expect(told).toEqual([START, 0]);
  });

  it("is not told by what says nothing of it, or says it in another form", async () => {
    let answer: () => unknown = () => ({});
    const { served, requests, told, takeLiveAnswer } = await make((asked) => ({
      states: asked.map((voucherId) => ({ voucherId, ...unknown })),
      ...(answer() as object),
    }));
    takeLiveAnswer(START);
    await requests.states(served, ids(1));
    answer = () => {
      throw refusal();
    };
    expect(await codeOfRejection(requests.states(served, ids(1)))).toBe("SETTLEMENT_REFUSED");
    for (const withdrawnFrom of [null, -1, 1.5, 2 ** 32, "1", [START]]) {
      answer = () => ({ withdrawnFrom });
      expect(await codeOfRejection(requests.states(served, ids(1)))).toBe("SETTLEMENT_ANSWER_UNREADABLE");
    }
    expect(told).toEqual([]);
  });

  it("is not told where nothing authenticates the answer: it would stop the terminal for good", async () => {
    const { served, requests, told, port, takeLiveAnswer } = await make((asked) => ({
      states: asked.map((voucherId) => ({ voucherId, ...unknown })),
      withdrawnFrom: START,
    }));
    takeLiveAnswer(START);
    port.authenticated = false;
    await requests.states(served, ids(1));
    expect(told).toEqual([]);
  });
});
