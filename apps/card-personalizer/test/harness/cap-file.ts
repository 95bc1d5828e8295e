import { deflateRawSync } from "node:zlib";

/** A file in a zip; packed unless its method says otherwise. */
export interface Packed {
  readonly path: string;
  readonly content: Buffer;
  readonly method?: number;
}

/** A zip as packers write it: local headers, directory, end. */
export function zipOf(files: readonly Packed[]): Buffer {
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

/** Bytes of the filler that stands for the code of a package. */
const CODE_BYTES = 2_000;

/** A CAP file that names a package and holds no code: a simulated card runs its own applet. */
export function capFileOf(packageAid: Uint8Array): Buffer {
  const info = [0xde, 0xca, 0xff, 0xed, 1, 2, 4, 0, 1, packageAid.length, ...packageAid];
  const header = Buffer.from([0x01, 0x00, info.length, ...info]);
  const component = (name: string, content: Buffer): Packed => ({
    ...{ path: `org/tallystick/applet/javacard/${name}.cap`, content },
  });
  return zipOf([component("Header", header), component("Method", Buffer.alloc(CODE_BYTES, 0x07))]);
}
