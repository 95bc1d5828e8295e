import { mkdirSync } from "node:fs";
import {
  BACKUP_KEY_BYTES,
  createFolderPlace,
  createTokenPlace,
  type KeyPlace,
  LEAST_THRESHOLD,
} from "@tallystick/keystore";
import { keyLabel, MAX_CUSTODIANS, tokenFields, tokenOf } from "@tallystick/keystore";
import { address, chainId, type FaultList, filePath, type PartialConfig, readConfigFile } from "@tallystick/program";
import type { Domain } from "@tallystick/protocol";
import { z } from "zod";
import { MAX_CEREMONY_KEYS } from "../limits.ts";

/** A token of an HSM, or a folder of development keys for a rehearsal. */
const placeSchema = z.union([z.strictObject({ folder: filePath }), z.strictObject(tokenFields)]);

const keySchema = z.strictObject({
  label: keyLabel,
  kind: z.enum(["signing", "card-master"]),
  /** Of an issuer key. */
  keyId: z.int().min(0).max(255).optional(),
  /** Of a card master key. */
  bytes: z.union([z.literal(16), z.literal(24), z.literal(32)]).optional(),
});

const ceremonySchema = z.strictObject({
  /** `production` draws in an HSM alone. */
  mode: z.enum(["production", "development"]).default("production"),
  domain: z.strictObject({ chainId, vault: address }),
  /** Where the keys are drawn. */
  place: placeSchema,
  /** Where their backup is restored at once: a second HSM. */
  spare: placeSchema.optional(),
  keys: z.array(keySchema).min(1).max(MAX_CEREMONY_KEYS),
  /** Who gets a share of the backup's key, each one. */
  custodians: z
    .array(z.string().regex(/^[a-z][a-z0-9.-]{0,39}$/, "must be lower-case letters, digits, dots and hyphens"))
    .min(LEAST_THRESHOLD)
    .max(MAX_CUSTODIANS),
  /** How many of them restore it. */
  threshold: z.int().min(LEAST_THRESHOLD).max(MAX_CUSTODIANS),
  /** Folder of backup, shares, key files and record; made by the ceremony. */
  output: filePath,
});

type CeremonyFile = z.output<typeof ceremonySchema>;

/** What a ceremony is about. */
export interface CeremonyConfig extends Omit<CeremonyFile, "place" | "spare" | "domain"> {
  readonly domain: Domain;
  /** Opens nothing before it is called. Throws KeystoreError. */
  readonly openPlace: () => KeyPlace;
  readonly openSpare: (() => KeyPlace) | null;
}

/** Reads a ceremony's configuration; throws ConfigError. */
export function loadCeremony(path: string, randomBytes: (length: number) => Uint8Array): CeremonyConfig {
  const { value, resolvePath } = readConfigFile(path, ceremonySchema, { check: checkMeaning });
  const { place, spare, ...rest } = value;
  const opening = (given: CeremonyFile["place"]) => (): KeyPlace => {
    if ("folder" in given) {
      const folder = resolvePath(given.folder);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return createFolderPlace(folder, randomBytes);
    }
    const { pinFile } = given;
    const reference = { ...given, ...(pinFile === undefined ? {} : { pinFile: resolvePath(pinFile) }) };
    return createTokenPlace(tokenOf(reference, path), reference);
  };
  return {
    ...rest,
    output: resolvePath(value.output),
    openPlace: opening(place),
    openSpare: spare === undefined ? null : opening(spare),
  };
}

function checkMeaning(given: PartialConfig<CeremonyFile>, faults: FaultList): void {
  const { mode, place, spare, keys, custodians, threshold } = (given ?? {}) as Partial<CeremonyFile>;
  for (const [name, at] of Object.entries({ place, spare }))
    if (mode === "production" && at !== undefined && "folder" in at)
      faults.add(name, "production keys are drawn in an HSM; a folder is for a rehearsal, with mode development");
  if (place !== undefined && JSON.stringify(place) === JSON.stringify(spare))
    faults.add("spare", "is the same place: a backup is restored elsewhere, or it shows nothing");
  if (hasTwice((keys ?? []).map(({ label }) => label))) faults.add("keys", "two keys have one label");
  if (hasTwice((keys ?? []).flatMap(({ keyId }) => keyId ?? []))) faults.add("keys", "two keys have one id");
  if (hasTwice(custodians ?? [])) faults.add("custodians", "one custodian stands there twice");
  if (threshold !== undefined && custodians !== undefined && threshold > custodians.length)
    faults.add("threshold", "is above the number of custodians: nobody could restore the backup");
}

function hasTwice(values: readonly (string | number)[]): boolean {
  return new Set(values).size < values.length;
}

/** Draws the key that wraps a backup. */
export function drawBackupKey(randomBytes: (length: number) => Uint8Array): Uint8Array {
  return randomBytes(BACKUP_KEY_BYTES);
}
