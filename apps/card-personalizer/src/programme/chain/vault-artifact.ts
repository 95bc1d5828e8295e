import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { equalBytes, fromHex } from "@tallystick/protocol";
import { z } from "zod";
import { Failure } from "../../failures.ts";

const codeSchema = z.string().regex(/^0x[0-9a-fA-F]+$/);
const artifactSchema = z.looseObject({
  bytecode: z.looseObject({ object: codeSchema }),
  deployedBytecode: z.looseObject({
    object: codeSchema,
    /** Where the constructor writes what it was made for. */
    immutableReferences: z.record(z.string(), z.array(z.looseObject({ start: z.int(), length: z.int() }))).default({}),
  }),
});

/** A compiled contract: what makes it, and what stands on the chain afterwards. */
export interface ContractArtifact {
  readonly creation: Uint8Array;
  /** Whether code on a chain is this contract's, whatever it was made for. */
  isDeployed(code: Uint8Array): boolean;
}

/** Where `forge build` puts the contracts of this checkout. */
function ownPath(name: string): string {
  return fileURLToPath(new URL(`../../../../../contracts/out/${name}.sol/${name}.json`, import.meta.url));
}

/** Reads a compiled contract. Throws Failure USAGE where there is none. */
export function readArtifact(name: "PackedVault" | "TestDollar", path: string = ownPath(name)): ContractArtifact {
  const { bytecode, deployedBytecode } = parse(path);
  const places = Object.values(deployedBytecode.immutableReferences).flat();
  const blank = (code: Uint8Array): Uint8Array => {
    const copy = code.slice();
    for (const { start, length } of places) copy.fill(0, start, start + length);
    return copy;
  };
  const expected = blank(fromHex(deployedBytecode.object.toLowerCase()));
  return {
    creation: fromHex(bytecode.object.toLowerCase()),
    isDeployed: (code) => code.length === expected.length && equalBytes(blank(code), expected),
  };
}

function parse(path: string): z.output<typeof artifactSchema> {
  try {
    return artifactSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new Failure(
      "USAGE",
      `${path} is no compiled contract; run \`forge build\` in contracts, or name one as vaultArtifact.`,
    );
  }
}
