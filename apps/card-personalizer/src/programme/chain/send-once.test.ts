import { expect, it } from "@jest/globals";
import { FakeChain, pausedClock, stateFile } from "../../../test/harness/fake-chain.ts";
import { isRpcError } from "@tallystick/evm";
import type { ProgrammeState } from "../files/programme-state.ts";
import { sendOnce, type SendOptions } from "./send-once.ts";

const call = { to: new Uint8Array(20).fill(1), data: Uint8Array.of(1, 2, 3, 4) };

function options(chain: FakeChain, state: ProgrammeState): SendOptions {
  const { environment } = pausedClock();
  return { chain, signer: chain.signer, state, environment, waitSeconds: 10, observe: () => undefined };
}

it("has one transaction mined, wherever the node stops answering", async () => {
  for (let failAfter = 0; failAfter < 14; failAfter++) {
    const [chain, state] = [new FakeChain(), stateFile()];
    chain.failAfter = failAfter;
    const lives = [0, 1];
    for (const _ of lives)
      await sendOnce("a", call, options(chain, state.open())).catch((error: unknown) => {
        if (!isRpcError(error)) throw error;
      });
    expect([failAfter, chain.mined.size, chain.nonce]).toEqual([failAfter, 1, 1n]);
  }
});

it("sends the same bytes until they are in a block, and answers the block", async () => {
  const [chain, state] = [new FakeChain(), stateFile()];
  chain.isMining = false;
  await expect(sendOnce("a", call, options(chain, state.open()))).rejects.toMatchObject({ code: "NOT_FINAL" });
  expect(chain.sent).toHaveLength(1);
  chain.isMining = true;
  expect(await sendOnce("a", call, options(chain, state.open()))).toMatchObject({ block: 11 });
  expect(await sendOnce("a", call, options(chain, state.open()))).toMatchObject({ block: 11 });
  expect([chain.sent.length, chain.nonce]).toEqual([1, 1n]);
});

it("is made anew where another transaction took its number, and not while that is unknown", async () => {
  const [chain, state] = [new FakeChain(), stateFile()];
  chain.isMining = false;
  await expect(sendOnce("a", call, options(chain, state.open()))).rejects.toMatchObject({ code: "NOT_FINAL" });
  chain.nonce = 1n;
  chain.isMining = true;
  await sendOnce("a", call, options(chain, state.open()));
  expect([chain.sent.length, chain.mined.size, chain.nonce]).toEqual([2, 1, 2n]);
});

it("says that it was undone, and may be tried anew", async () => {
  const [chain, state] = [new FakeChain(), stateFile()];
  chain.succeeds = false;
  const failed = sendOnce("a", call, options(chain, state.open()));
  await expect(failed).rejects.toMatchObject({ code: "TRANSACTION_FAILED" });
  chain.succeeds = true;
  await sendOnce("a", call, options(chain, state.open()));
  expect(chain.nonce).toBe(2n);
});
