import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@tallystick/stack";
import type { DemoStack } from "./demo-stack.ts";

/**
 * Writes where everything is, for a person or a program that goes on where the demo stopped.
 * @param options.pids all processes that were left; the first is the one that stops all others when it is asked to stop
 * @param options.sandbox the sandbox's page; null where it was not opened
 */
export function writeRunFile(
  stack: DemoStack,
  { sandbox, pids }: { readonly sandbox: string | null; readonly pids: readonly number[] },
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
    pids,
  };
  // It holds a token.
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  return file;
}
