import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkServerIdentity as checkIdentity, connect, type PeerCertificate } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import * as x509 from "@peculiar/x509";
import { codeOfRejection } from "../../../test/harness/codes.ts";
import { DAY_SECONDS } from "../../limits.ts";
import { makeAuthority, makeKeys, makeLeaf } from "./box-certificates.ts";
import { type BoxTls, openBoxTls } from "./box-tls.ts";
import { LEAF_DAYS, RENEW_BEFORE_DAYS } from "./limits.ts";

const NOW = Math.floor(Date.now() / 1_000);
const NAMES = ["counter.local", "192.0.2.7"];
let folder: string;
const servers: Server[] = [];

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "tallystick-tls-")), "tls");
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(join(folder, ".."), { recursive: true });
});

/** What a client that trusts only this authority says of a server: null where all is well. */
async function verdict(served: { readonly key: string; readonly cert: string }, ca: string, servername: string) {
  const server = createServer(served);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const host = /^[0-9.]+$/.test(servername) ? { host: "127.0.0.1" } : { host: "127.0.0.1", servername };
  return await new Promise<string | null>((resolve) => {
    // The name that is meant is checked as a client checks it, wherever the connection goes.
    const checkServerIdentity = (_: string, shown: PeerCertificate) => checkIdentity(servername, shown);
    const socket = connect({ ...host, port, ca, checkServerIdentity });
    socket.once("secureConnect", () => {
      socket.destroy();
      resolve(null);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? "no code");
    });
  });
}

async function pem(keys: Awaited<ReturnType<typeof makeKeys>>): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
}

describe("the box's certificate", () => {
  it("is taken by whoever has its authority, under its names", async () => {
    const box = await openBoxTls({ folder, names: NAMES }, NOW);
    expect(await verdict(box, box.authority, "counter.local")).toBeNull();
    expect(await verdict(box, box.authority, "192.0.2.7")).toBeNull();
    expect(await verdict(box, box.authority, "evil.example")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    const other = await openBoxTls({ folder: `${folder}.other`, names: NAMES }, NOW);
    expect(["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "SELF_SIGNED_CERT_IN_CHAIN", "CERT_SIGNATURE_FAILURE"]).toContain(
      await verdict(box, other.authority, "counter.local"),
    );
    rmSync(`${folder}.other`, { recursive: true });
  });

  it.each([
    ["a name", NAMES, "evil.example"],
    ["an address", NAMES, "192.0.2.8"],
    ["an address, of a box with names alone", ["counter.local"], "192.0.2.7"],
    ["a name, of a box with addresses alone", ["192.0.2.7"], "counter.local"],
    ["a longer name of another", NAMES, "xcounter.local"],
  ])("cannot be made for %s that is not its own, by whoever has the authority's key", async (_, names, stolen) => {
    const keys = await makeKeys();
    const certificate = await makeAuthority(keys, names, NOW);
    const leaf = await makeKeys();
    const forge = async (of: string) => {
      const made = await makeLeaf({ certificate, keys }, { publicKey: leaf.publicKey, names: [of] }, NOW);
      return { key: await pem(leaf), cert: made.toString("pem") };
    };
    const ca = certificate.toString("pem");
    expect(await verdict(await forge(names[0] ?? ""), ca, names[0] ?? "")).toBeNull();
    // Node has no name of its own for OpenSSL's violations of name constraints.
    expect(await verdict(await forge(stolen), ca, stolen)).toBe("UNSPECIFIED");
  });

  it("is made anew before its end, by the same key, and by a clock that was wrong", async () => {
    const first = await openBoxTls({ folder, names: NAMES }, NOW);
    const again = async (now: number): Promise<BoxTls> => await openBoxTls({ folder, names: NAMES }, now);
    const before = NOW + (LEAF_DAYS - RENEW_BEFORE_DAYS) * DAY_SECONDS;
    expect((await again(before - 1)).cert).toBe(first.cert);
    const renewed = await again(before);
    expect(renewed.notAfter).toBe(before + LEAF_DAYS * DAY_SECONDS);
    expect([renewed.keyFingerprint, renewed.authority]).toEqual([first.keyFingerprint, first.authority]);
    expect((await again(NOW - 10 * DAY_SECONDS)).notAfter).toBe(NOW + (LEAF_DAYS - 10) * DAY_SECONDS);
  });

  it("keeps its keys to itself, and is of its names alone", async () => {
    await openBoxTls({ folder, names: NAMES }, NOW);
    for (const file of ["authority.key.pem", "box.key.pem"]) expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
    expect(existsSync(join(folder, "box.key.pem.new"))).toBe(false);
    expect(await codeOfRejection(openBoxTls({ folder, names: ["other.local"] }, NOW))).toBe("TLS_NAMES_CHANGED");
    chmodSync(folder, 0o700);
  });
});
