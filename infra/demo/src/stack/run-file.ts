import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@tallystick/stack";
import type { DemoStack } from "./demo-stack.ts";

/**
 * Writes where everything is, for a person or a program that goes on where the demo stopped.
 * @param options.processes all processes that were left, by what they are; `guardian` stops all others when it is asked to
 * stop, and is the first of `pids`
 * @param options.sandbox the sandbox's page; null where it was not opened
 */
export function writeRunFile(
  stack: DemoStack,
  {
    sandbox,
    processes,
  }: {
    readonly sandbox: string | null;
    readonly processes: { readonly guardian: number } & Readonly<Record<string, number>>;
  },
): string {
  const folder = join(projectRoot(), ".tallystick");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "run.json");
  const content = {
    sandbox,
    gateways: [stack.merchants.A.http().url, stack.merchants.B.http().url],
    settlement: stack.settlement.url,
    administration: stack.settlement.administration,
    operatorToken: stack.settlement.operatorToken,
    rpc: stack.anvil.rpc,
    chainId: stack.deployment.chainId,
    vault: stack.deployment.vault,
    token: stack.deployment.token,
    pcscSocket: stack.pcscd?.socket ?? null,
    readers: [stack.issuerSlot.name, stack.merchants.A.slot.name, stack.merchants.B.slot.name],
    processes,
    pids: [processes.guardian, ...Object.values(processes).filter((pid) => pid !== processes.guardian)],
  };
  // It holds a token.
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  return file;
}
