import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { fromHex } from "@tallystick/protocol";
import { type Packed, zipOf } from "../../test/harness/cap-file.ts";
import { asFailure } from "../failures.ts";
import { openPackage, readLoadFile } from "./load-file.ts";

const component = (name: string, method = 8): Packed => ({
  ...{ path: `org/tallystick/applet/javacard/${name}.cap`, content: Buffer.from(`<${name}>`), method },
});
/** A zip whose directory is said to lie behind its end. */
function elsewhere(): Buffer {
  const zip = zipOf([component("Header")]);
  zip.writeUInt32LE(zip.length, zip.length - 6);
  return zip;
}

const codeOf = (cap: Uint8Array): string => {
  try {
    readLoadFile(cap);
    return "read";
  } catch (error) {
    return asFailure(error).code;
  }
};

describe("readLoadFile", () => {
  it("takes the components in their order, and leaves out what no card gets", () => {
    const zip = zipOf([
      { path: "META-INF/MANIFEST.MF", content: Buffer.from("today") },
      ...["Method", "Debug", "Header", "Descriptor", "RefLocation", "Directory"].map((name) => component(name)),
      component("Import", 0),
    ]);
    const expected = "<Header><Directory><Import><Method><RefLocation>";
    const { dataBlock, sha256 } = readLoadFile(zip);
    expect(Buffer.from(dataBlock).toString()).toBe(expected);
    expect(sha256).toBe(createHash("sha256").update(expected).digest("hex"));
    expect(readLoadFile(zipOf([component("Header"), component("Method")])).sha256).toBe(
      readLoadFile(zipOf([component("Method", 0), component("Header", 0)])).sha256,
    );
  });

  it.each<[string, Uint8Array]>([
    ["nothing", Buffer.alloc(0)],
    ["text", Buffer.from("this is no zip at all, whatever its name says")],
    ["a zip without components", zipOf([{ path: "a.txt", content: Buffer.from("a") }])],
    ["a zip that was cut", zipOf([component("Header")]).subarray(0, -1)],
    ["a directory that is elsewhere", elsewhere()],
    ["another packing", zipOf([component("Header", 12)])],
  ])("refuses %s", (_name, cap) => {
    expect(codeOf(cap)).toBe("USAGE");
  });
});

describe("openPackage", () => {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-cap-"));
  const file = join(folder, "tallystick.cap");
  writeFileSync(file, zipOf([component("Header"), component("Method")]));
  const { sha256, dataBlock } = readLoadFile(zipOf([component("Header"), component("Method")]));
  const open = (named: string, path = file): unknown => {
    try {
      return openPackage({ package: { file: path, sha256: fromHex(named) } });
    } catch (error) {
      return asFailure(error).code;
    }
  };

  it("takes the file that the profile names, by its data block's hash alone", () => {
    expect(open(`0x${sha256}`)).toEqual({ dataBlock, sha256 });
    expect(openPackage({})).toBeNull();
    expect(open(`0x${"00".repeat(32)}`)).toBe("LOAD_FILE_DIFFERS");
    expect(open(`0x${sha256}`, join(folder, "none.cap"))).toBe("USAGE");
    rmSync(folder, { recursive: true });
  });
});
