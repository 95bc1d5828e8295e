import { ProgramError } from "@tallystick/program";

/** Ledger roots that a command is given, in lower case. Throws ProgramError USAGE. */
export function ledgerRoots(given: readonly string[] = []): readonly string[] {
  const roots = given.map((root) => root.toLowerCase());
  if (roots.every((root) => /^0x[0-9a-f]{64}$/.test(root))) return roots;
  throw new ProgramError("USAGE", "--root is no root.", {
    exit: "usage",
    next: "Write 0x and 64 hexadecimal digits.",
  });
}
