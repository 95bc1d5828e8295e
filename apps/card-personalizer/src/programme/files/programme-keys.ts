import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { bytesToHex } from "@tallystick/apdu";
import { createChainSigner } from "@tallystick/evm/ethers";
import type { ChainSigner } from "@tallystick/evm";
import { openMasterKey, openSigningKey } from "@tallystick/keystore";
import { type KeyUse, makeDevelopmentKey, makeKeyFile, readAccountKey } from "@tallystick/program";
import { createSigner, toHex, uncompressKey } from "@tallystick/protocol";
import { FIRST_KEY_ID } from "../../limits.ts";
import { drawMasterKeyFile } from "../../keys/key-files.ts";
import { writeDurably } from "./programme-state.ts";
import { isRoleUsed, keyFileOf, type Answers, type KeyRole } from "../answers/load-answers.ts";

/**
 * A programme's keys as a programme needs them: what may be shown of each, and a signature where the
 * chain wants one. Each is in a development file, or in an HSM that its file names.
 */
export interface ProgrammeKeys {
  /** Sends the transactions of the programme's making; settlement's treasury afterwards. */
  readonly treasury: ChainSigner;
  /** Null where the treasury pays for gas. */
  readonly gasAddress: string | null;
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
const SIGNING_ROLES = ["treasury", "gas", "guarantee", "issuer", "issuerTerminal", "testPayee", "terminal"] as const;

/**
 * The keys of a programme: those that are there are read and never touched, and in development what
 * is missing is drawn. Throws KeyFileError and KeystoreError.
 */
export function openProgrammeKeys(answers: Answers): ProgrammeKeys {
  const use: KeyUse = { chainIds: [answers.chainId], production: answers.mode === "production" };
  const fileOf = (role: KeyRole): string => keyFileOf(answers, role);
  const isUsed = (role: KeyRole): boolean => isRoleUsed(role, { gas: answers.gas, bears: answers.guarantee.bears });
  if (answers.mode === "development") drawMissing(answers, isUsed);
  const open = (role: Exclude<KeyRole, "master" | "terminal">) => openSigningKey(fileOf(role), use);
  const issuer = open("issuer");
  const treasury = open("treasury").key;
  const gas = isUsed("gas") ? toHex(open("gas").key.address) : null;
  const guarantee = isUsed("guarantee") ? toHex(open("guarantee").key.address) : null;
  const testPayee = toHex(open("testPayee").key.address);
  // A gateway reads its key from a file of its own.
  const terminalKey = createSigner(readAccountKey(fileOf("terminal"), use)).publicKey;
  const issuerKey = { id: issuer.keyId, publicKey: toHex(issuer.key.publicKey) };
  return {
    treasury: createChainSigner(treasury),
    gasAddress: gas,
    guaranteeAddress: guarantee,
    issuerKey,
    testPayee,
    terminalKey: toHex(uncompressKey(terminalKey)),
    checkValues: {
      issuer: publicCheckValue(issuerKey.publicKey),
      master: bytesToHex(openMasterKey(fileOf("master"), use).checkValue),
      issuerTerminal: publicCheckValue(toHex(open("issuerTerminal").key.publicKey)),
      terminal: publicCheckValue(toHex(terminalKey)),
      treasury: toHex(treasury.address),
      testPayee,
      ...(gas === null ? {} : { gas }),
      ...(guarantee === null ? {} : { guarantee }),
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
