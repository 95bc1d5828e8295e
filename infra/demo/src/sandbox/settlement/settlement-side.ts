import { type AppProcess, startApp } from "../../stack/app-process.ts";
import { LOOK_DEADLINE_MS } from "../limits.ts";
import type { Notes } from "../notes.ts";
import type { SandboxPlan } from "../plan.ts";
import { SandboxError } from "../sandbox-error.ts";

/** What settlement says of a card. */
export interface CardAtSettlement {
  readonly status: string;
  /** What lies behind it at the newest block: a payment leaves it when a batch is paid. */
  readonly balance: string;
  /** It has signed two messages with one counter. */
  readonly convicted: boolean;
}

/** The issuer's and the operator's side: settlement as a process, and what it says. */
export interface SettlementSide {
  readonly state: () => "up" | "down" | "changing";
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly process: () => AppProcess["process"] | undefined;
  readonly revoke: (address: string, reason: string) => Promise<void>;
  /** Asks about the cards again; what does not answer keeps what it said. */
  readonly look: (addresses: readonly string[]) => Promise<void>;
  readonly cards: () => ReadonlyMap<string, CardAtSettlement>;
  /** Double spends that it has found. */
  readonly forks: () => number;
  readonly chainId: () => Promise<unknown>;
}

/** Makes it; settlement is started by `start`. */
export function createSettlementSide(plan: Pick<SandboxPlan, "settlement" | "folder">, notes: Notes): SettlementSide {
  const { program, configFile, administration, issuerToken, operatorToken } = plan.settlement;
  let running: AppProcess | undefined;
  let changing = false;
  let forks = 0;
  const cards = new Map<string, CardAtSettlement>();
  const call = async (token: string, path: string, put?: unknown): Promise<unknown> => {
    const response = await fetch(administration + path, {
      method: put === undefined ? "GET" : "PUT",
      headers: {
        authorization: `Bearer ${token}`,
        ...(put === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(put === undefined ? {} : { body: JSON.stringify(put) }),
      signal: AbortSignal.timeout(LOOK_DEADLINE_MS),
    });
    if (!response.ok) throw new Error(`settlement answered ${response.status}`);
    return await response.json();
  };
  const change = async (todo: () => Promise<void>): Promise<void> => {
    changing = true;
    try {
      await todo();
    } finally {
      changing = false;
    }
  };
  const isUp = (): boolean => running?.process.isRunning() === true;
  const look = async (addresses: readonly string[]): Promise<void> => {
    const found = (await call(operatorToken, "/v1/forks")) as { forks: readonly { card: string }[] };
    const convicted = new Set(found.forks.map(({ card }) => card.toLowerCase()));
    for (const address of addresses) {
      const shown = (await call(issuerToken, `/v1/cards/${address}`)) as { status: string; balanceLatest: string };
      const before = cards.get(address);
      const now = {
        ...{ status: shown.status, balance: shown.balanceLatest },
        convicted: convicted.has(address.toLowerCase()),
      };
      cards.set(address, now);
      if (now.convicted && before?.convicted === false)
        notes.add("Settlement found a double spend: two messages with one counter. The card is blocked everywhere.");
    }
    forks = found.forks.length;
  };
  return {
    state: () => {
      if (changing) return "changing";
      return isUp() ? "up" : "down";
    },
    start: async () => {
      if (isUp()) return;
      await change(async () => {
        running = await startApp({ program, configFile, folder: plan.folder, name: "settlement" });
      });
    },
    stop: async () => await change(async () => void (await running?.process.stop())),
    process: () => running?.process,
    revoke: async (address, reason) => {
      if (!isUp()) throw new SandboxError("SETTLEMENT_DOWN", "Settlement is down. Switch it on to block a card.");
      await call(issuerToken, `/v1/cards/${address}/status`, { status: "revoked", reason });
    },
    look: async (addresses) => {
      if (!isUp() || changing) return;
      // It may be on its way down, or its node behind: what it said before stands until it answers again.
      await look(addresses).catch(() => undefined);
    },
    cards: () => cards,
    forks: () => forks,
    chainId: async () => ((await call(issuerToken, "/v1/domain")) as { chainId: unknown }).chainId,
  };
}
