import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { bytesToHex } from "@tallystick/apdu";
import { createKeySigner } from "@tallystick/evm/ethers";
import type { ChainSigner } from "@tallystick/evm";
import { openMasterKey } from "@tallystick/keystore";
import { type KeyUse, makeDevelopmentKey, makeKeyFile, readAccountKey, readDevelopmentKey } from "@tallystick/program";
import { createSigner, fromHex, toHex, uncompressKey } from "@tallystick/protocol";
import { FIRST_KEY_ID } from "../../limits.ts";
import { drawMasterKeyFile } from "../../keys/key-files.ts";
import { writeDurably } from "./programme-state.ts";
import { keyFileOf, type Answers, type KeyRole } from "../answers/load-answers.ts";

/**
 * A programme's keys as a programme needs them: what may be shown of each, and a signature where the
 * chain wants one. Key files here; a token takes their place behind the same port.
 */
export interface ProgrammeKeys {
  /** Sends the transactions of the programme's making; settlement's treasury afterwards. */
  readonly treasury: ChainSigner;
  /** Null where the issuer bears nothing. */
  readonly guaranteeAddress: string | null;
  readonly issuerKey: { readonly id: number; readonly publicKey: string };
  readonly testPayee: string;
  /** Of the first terminal, uncompressed as settlement certifies it. */
  readonly terminalKey: string;
  /** By what each key is known without being shown: 0x of an address, or a check value. */
  readonly checkValues: Readonly<Partial<Record<KeyRole, string>>>;
  /** Bearer tokens of settlement's administration. */
  readonly issuerTokenFile: string;
  readonly operatorTokenFile: string;
}

/** Roles whose files hold a secp256k1 key. */
const SIGNING_ROLES = ["treasury", "guarantee", "issuer", "issuerTerminal", "testPayee", "terminal"] as const;

/**
 * The keys of a programme: those that are there are read and never touched, and in development what
 * is missing is drawn. Throws KeyFileError.
 */
export function openProgrammeKeys(answers: Answers): ProgrammeKeys {
  const use: KeyUse = { chainIds: [answers.chainId], production: answers.mode === "production" };
  const fileOf = (role: KeyRole): string => keyFileOf(answers, role);
  const isUsed = (role: KeyRole): boolean => role !== "guarantee" || answers.guarantee.bears;
  if (answers.mode === "development") drawMissing(answers, isUsed);
  const secretOf = (role: KeyRole): Uint8Array => readAccountKey(fileOf(role), use);
  const addressOf = (role: KeyRole): string => toHex(createKeySigner(secretOf(role)).address);
  const publicOf = (role: KeyRole): string => toHex(createSigner(secretOf(role)).publicKey);
  const issuer = readDevelopmentKey(fileOf("issuer"), use);
  const issuerKey = { id: issuer.keyId, publicKey: toHex(createSigner(issuer.secretKey).publicKey) };
  return {
    treasury: createKeySigner(secretOf("treasury")),
    guaranteeAddress: isUsed("guarantee") ? addressOf("guarantee") : null,
    issuerKey,
    testPayee: addressOf("testPayee"),
    terminalKey: toHex(uncompressKey(fromHex(publicOf("terminal")))),
    checkValues: {
      issuer: publicCheckValue(issuerKey.publicKey),
      master: bytesToHex(openMasterKey(fileOf("master"), use).checkValue),
      issuerTerminal: publicCheckValue(publicOf("issuerTerminal")),
      terminal: publicCheckValue(publicOf("terminal")),
      treasury: addressOf("treasury"),
      testPayee: addressOf("testPayee"),
      ...(isUsed("guarantee") ? { guarantee: addressOf("guarantee") } : {}),
    },
    issuerTokenFile: tokenFile(answers, "issuer-token"),
    operatorTokenFile: tokenFile(answers, "operator-token"),
  };
}

function drawMissing(answers: Answers, isUsed: (role: KeyRole) => boolean): void {
  for (const role of SIGNING_ROLES) {
    const path = keyFileOf(answers, role);
    if (!isUsed(role) || existsSync(path)) continue;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const secret = Uint8Array.from(randomBytes(32));
    if (role === "terminal") drawTerminalKey(path, secret);
    else makeDevelopmentKey(path, secret, FIRST_KEY_ID);
  }
  const master = keyFileOf(answers, "master");
  if (!existsSync(master)) drawMasterKeyFile(master);
}

/** As a gateway draws its own and reads it. */
function drawTerminalKey(path: string, secret: Uint8Array): void {
  const publicKey = toHex(createSigner(secret).publicKey);
  makeKeyFile(path, { schema: "tallystick.terminal-key/1", privateKey: toHex(secret), publicKey });
}

/** A token file that settlement and its callers share; drawn once. */
function tokenFile({ folder }: Pick<Answers, "folder">, name: string): string {
  const path = join(folder, "keys", name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) writeDurably(path, `${randomBytes(24).toString("hex")}\n`);
  return path;
}

/** The first eight bytes of SHA-256 over the compressed key: short enough to be read aloud. */
function publicCheckValue(publicKey: string): string {
  return createHash("sha256")
    .update(Buffer.from(publicKey.slice(2), "hex"))
    .digest("hex")
    .slice(0, 16);
}
