import { describe, expect, it } from "@jest/globals";
import { createReplay, type RecordedExchange, recordInto } from "./recorded-exchanges.ts";

const SELECT = Uint8Array.of(0x00, 0xa4, 0x04, 0x00);
const GET_DATA = Uint8Array.of(0x80, 0xca, 0x00, 0x66);
const answerFor = (command: Uint8Array): Uint8Array => Uint8Array.of(command[1] ?? 0, 0x90, 0x00);

async function record(): Promise<RecordedExchange[]> {
  const exchanges: RecordedExchange[] = [];
  const channel = recordInto(exchanges, (command) => Promise.resolve(answerFor(command)));
  await channel(SELECT);
  await channel(GET_DATA);
  return exchanges;
}

describe("a recorded card", () => {
  it("answers the same commands as the card did", async () => {
    const replay = createReplay(await record());
    expect(await replay(SELECT)).toEqual(answerFor(SELECT));
    expect(await replay(GET_DATA)).toEqual(answerFor(GET_DATA));
    await expect(replay(SELECT)).rejects.toMatchObject({ code: "RECORD_AT_END" });
  });

  it("refuses another command, and waits for the right one", async () => {
    const replay = createReplay(await record());
    await expect(replay(GET_DATA)).rejects.toMatchObject({ code: "RECORD_MISMATCH" });
    expect(await replay(SELECT)).toEqual(answerFor(SELECT));
  });
});
