import { describe, expect, it } from "@jest/globals";
import { createScriptedReader, SCRIPTED_READER } from "../testing/scripted-reader.ts";
import { createReaderProvider } from "./create-reader-provider.ts";
import { ReaderError } from "./reader-error.ts";

const READ = Uint8Array.of(0xe0, 0x00, 0x00, 0x24, 0x00);

async function connect(escapes: boolean) {
  const scripted = createScriptedReader({ escapes });
  const connection = await createReaderProvider(scripted.binding).reader(SCRIPTED_READER).connect();
  scripted.calls.length = 0;
  return { scripted, connection };
}

describe("a command to the reader itself", () => {
  it("goes past the card, in turn with its commands", async () => {
    const { scripted, connection } = await connect(true);
    scripted.answer = (command) => Uint8Array.of(0xe1, command.length);
    const answers = await Promise.all([
      connection.transmit(Uint8Array.of(0x80, 0x10, 0, 0)),
      connection.escape?.(READ),
    ]);
    expect(answers[1]).toEqual(Uint8Array.of(0xe1, 5));
    expect(scripted.calls).toEqual(["transmit 80100000", "escape e000002400"]);
  });

  it("may have an answer shorter than a status word", async () => {
    const { scripted, connection } = await connect(true);
    scripted.answer = () => new Uint8Array(0);
    expect(await connection.escape?.(READ)).toEqual(new Uint8Array(0));
  });

  it("is not offered where the binding has no way to the reader", async () => {
    expect((await connect(false)).connection.escape).toBeUndefined();
  });

  it("fails as the driver does, and on a connection that was let go", async () => {
    const { scripted, connection } = await connect(true);
    scripted.before = (call) => {
      if (call.startsWith("escape")) throw new ReaderError("READER_FAULT", { reader: SCRIPTED_READER });
    };
    await expect(connection.escape?.(READ)).rejects.toMatchObject({ code: "READER_FAULT" });
    await connection.disconnect();
    await expect(connection.escape?.(READ)).rejects.toMatchObject({ code: "NOT_CONNECTED" });
  });
});
