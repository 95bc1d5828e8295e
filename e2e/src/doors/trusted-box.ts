/**
 * `pnpm soak doors`: Chromium in front of a real gateway with the box's own authority. It trusts the box
 * where that authority is in its store, and nothing else by it; no flag makes it ignore a certificate.
 * Needs Debian's `chromium` and `libnss3-tools`, or TALLYSTICK_CHROMIUM and TALLYSTICK_CERTUTIL.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createSigner, toHex } from "@tallystick/protocol";
import { makeWorkFolder, projectRoot } from "@tallystick/stack";
import { chromium } from "playwright-core";

const BOX = "counter.local";
const OTHER = "other.local";
const browser = process.env["TALLYSTICK_CHROMIUM"] ?? "/usr/bin/chromium";
const certutil = process.env["TALLYSTICK_CERTUTIL"] ?? "certutil";
const folder = makeWorkFolder("trusted-box");
const at = (...parts: readonly string[]): string => join(folder.path, ...parts);

/** Starts the gateway's program; answers its port and what stops it. */
async function startBox(): Promise<{ readonly port: number; readonly stop: () => void }> {
  const secret = new Uint8Array(32).fill(7);
  const { publicKey } = createSigner(secret);
  const key = { schema: "tallystick.terminal-key/1", privateKey: toHex(secret), publicKey: toHex(publicKey) };
  writeFileSync(at("key.json"), JSON.stringify(key), { mode: 0o600 });
  const config = {
    ...{ listen: { host: "127.0.0.1", port: 0 }, tls: { names: [BOX], folder: "tls", helpPort: null } },
    ...{
      journal: "j.sqlite",
      reader: "none",
      payee: `0x${"91".repeat(20)}`,
      category: 12,
      terminalId: `0x${"07".repeat(8)}`,
    },
    ...{ terminalKeyFile: "key.json", issuerKeys: [{ id: 1, publicKey: toHex(publicKey) }], log: { level: "warn" } },
    domains: [{ chainId: 31_337, vault: `0x${"51".repeat(20)}`, asset: { code: "USDC", decimals: 6 } }],
  };
  writeFileSync(at("box.json"), JSON.stringify(config));
  const program = join(projectRoot(), "apps/merchant-gateway/bin/tallystick-gateway.mjs");
  const box = spawn(process.execPath, [program, "--config", at("box.json"), "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: box.stdout })) {
    const { url } = JSON.parse(line) as { readonly url: string };
    return { port: Number(new URL(url).port), stop: () => box.kill() };
  }
  throw new Error("the gateway did not start");
}

/** What Chromium says of a page: `taken`, or its name of the error. */
async function opened(url: string): Promise<string> {
  const context = await chromium.launchPersistentContext(at("profile"), {
    executablePath: browser,
    args: ["--no-sandbox", "--host-resolver-rules=MAP *.local 127.0.0.1"],
    env: { ...(process.env as Record<string, string>), HOME: folder.path },
  });
  try {
    const page = await context.newPage();
    const response = await page.goto(url);
    return response?.ok() === true ? "taken" : String(response?.status());
  } catch (error) {
    return /net::(ERR_[A-Z_]+)/.exec(String(error))?.[1] ?? String(error);
  } finally {
    await context.close();
  }
}

/** A certificate of another name that somebody makes who has stolen the authority's key. */
async function forge(): Promise<{ readonly port: number; readonly server: Server }> {
  const openssl = (...args: readonly string[]): void => void execFileSync("openssl", args, { stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", ...key, "-keyout", at("forged.key"), "-out", at("forged.csr"), "-subj", "/CN=forged");
  writeFileSync(
    at("forged.ext"),
    `subjectAltName=DNS:${OTHER}\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n`,
  );
  const authority = ["-CA", at("tls/authority.crt"), "-CAkey", at("tls/authority.key.pem"), "-CAcreateserial"];
  openssl(
    "x509",
    "-req",
    "-in",
    at("forged.csr"),
    ...authority,
    "-days",
    "90",
    "-extfile",
    at("forged.ext"),
    "-out",
    at("forged.crt"),
  );
  const server = createServer(
    { key: readFileSync(at("forged.key")), cert: readFileSync(at("forged.crt")) },
    (_, answer) => answer.end("no"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

function trustAuthority(): void {
  const store = `sql:${at(".pki/nssdb")}`;
  mkdirSync(at(".pki/nssdb"), { recursive: true });
  execFileSync(certutil, ["-d", store, "-N", "--empty-password"]);
  execFileSync(certutil, ["-d", store, "-A", "-t", "C,,", "-n", "box", "-i", at("tls/authority.crt")]);
}

const faults: string[] = [];
let passed = 0;
function expectThat(what: string, found: string, expected: string): void {
  if (found === expected) passed += 1;
  else faults.push(`${what}: ${found}, not ${expected}`);
}

const box = await startBox();
const forged = await forge();
try {
  const page = `https://${BOX}:${box.port}/`;
  expectThat("without the authority", await opened(page), "ERR_CERT_AUTHORITY_INVALID");
  trustAuthority();
  expectThat("with the authority", await opened(page), "taken");
  expectThat("the session of the page", await opened(`${page}v1/session`), "taken");
  expectThat(
    "by a name that is not its own",
    await opened(`https://${OTHER}:${box.port}/`),
    "ERR_CERT_COMMON_NAME_INVALID",
  );
  expectThat("a forged certificate", await opened(`https://${OTHER}:${forged.port}/`), "ERR_CERT_INVALID");
} finally {
  forged.server.close();
  box.stop();
  folder.remove();
}
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.stdout.write(`${passed} passed, ${faults.length} failed\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
