import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { concatBytes } from "../iso7816/bytes.ts";
import { decodeVpcdMessages, encodeVpcdMessage } from "./vpcd-message.ts";

describe("vpcd messages", () => {
  it("are found in a stream that is cut anywhere", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), fc.nat(), (bodies, cut) => {
        const stream = concatBytes(...bodies.map(encodeVpcdMessage));
        const at = stream.length === 0 ? 0 : cut % (stream.length + 1);
        const first = decodeVpcdMessages(stream.slice(0, at));
        const second = decodeVpcdMessages(concatBytes(first.rest, stream.slice(at)));
        expect([...first.messages, ...second.messages]).toEqual(bodies);
        expect(second.rest).toHaveLength(0);
      }),
      { seed: 35_963, numRuns: 300 },
    );
  });
  it("longer than their length field are refused", () => {
    expect(encodeVpcdMessage(new Uint8Array(65_535))).toHaveLength(65_537);
    expect(() => encodeVpcdMessage(new Uint8Array(65_536))).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  });
});
