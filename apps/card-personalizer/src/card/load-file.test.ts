import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { asFailure } from "../failures.ts";
import { readLoadFile } from "./load-file.ts";

interface Packed {
  readonly path: string;
  readonly content: Buffer;
  readonly method?: number;
}

/** A zip as packers write it: local headers, directory, end. */
function zipOf(files: readonly Packed[]): Buffer {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content, method = 8 } of files) {
    const bytes = method === 8 ? deflateRawSync(content) : content;
    const name = Buffer.from(path);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(name.length, 26);
    header.writeUInt16LE(4, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(bytes.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    local.push(header, name, Buffer.alloc(4), bytes);
    directory.push(entry, name);
    offset += 34 + name.length + bytes.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, ...directory, end]);
}

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
