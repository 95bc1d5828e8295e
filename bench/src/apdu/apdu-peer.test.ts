import { execFileSync } from "node:child_process";
import { makeWorkFolder } from "@tallystick/stack";
import { describe, expect, it } from "@jest/globals";
import { compilePeer, parseTimes } from "./apdu-peer.ts";

describe("parseTimes", () => {
  it("reads nanoseconds as microseconds", () => {
    expect(parseTimes("1500 250\n", 2)).toEqual([1.5, 0.25]);
  });

  it.each(["", "1500", "1500 250 1", "1500 -2", "1500 0", "1500 x", "1500 1.5"])("refuses %j for two times", (line) => {
    expect(() => parseTimes(line, 2)).toThrow(expect.objectContaining({ code: "PEER_ANSWER" }));
  });
});

describe("the peer", () => {
  it("compiles without a warning and ends with 2 when it is not told what to send", () => {
    const folder = makeWorkFolder("peer-test");
    try {
      const program = compilePeer(folder.path);
      expect(() => execFileSync(program, ["reader"])).toThrow(expect.objectContaining({ status: 2 }));
    } finally {
      folder.remove();
    }
  });
});
