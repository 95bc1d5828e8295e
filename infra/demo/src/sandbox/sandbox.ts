import { alarmNote } from "./settlement/alarms.ts";
import { requireDevelopmentChain } from "./development-chain.ts";
import { startFrame } from "./frame.ts";
import { LOOK_MS } from "./limits.ts";
import { type NetworkState, networkStates, startNetwork } from "./network.ts";
import { createNotes } from "./notes.ts";
import { createSettlementSide } from "./settlement/settlement-side.ts";
import type { SandboxPlan, SandboxReady } from "./plan.ts";
import { SandboxError } from "./sandbox-error.ts";
import { type Action, startServer } from "./server.ts";
import { startTerminal, type Terminal } from "./terminals.ts";
import { cardsIn, createWallet } from "./wallet.ts";

function textOf(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  if (typeof value !== "string") throw new SandboxError("MALFORMED_REQUEST", `${name} is a text.`);
  return value;
}

type Parts = {
  readonly network: Awaited<ReturnType<typeof startNetwork>>;
  readonly settlementSide: ReturnType<typeof createSettlementSide>;
  readonly terminals: ReadonlyMap<string, Terminal>;
  readonly wallet: ReturnType<typeof createWallet>;
  readonly notes: ReturnType<typeof createNotes>;
  readonly alarmSecret: string;
};

/** What the page can do. */
function actionsOf({
  network,
  settlementSide,
  terminals,
  wallet,
  notes,
  alarmSecret,
}: Parts): Readonly<Record<string, Action>> {
  const terminalOf = (name: string): Terminal => {
    const terminal = terminals.get(name);
    if (terminal === undefined) throw new SandboxError("TERMINAL_UNKNOWN", `There is no terminal ${name}.`);
    return terminal;
  };
  return {
    // Settlement's own: the page has no button for it.
    alarm: (_, received) => {
      notes.add(alarmNote(alarmSecret, received));
      return Promise.resolve();
    },
    hold: async (body) =>
      await wallet.hold(textOf(body, "card"), textOf(body, "terminal"), { tear: body["tear"] === true }),
    take: async (body) => await wallet.take(textOf(body, "card")),
    copy: async (body) => void (await wallet.copy(textOf(body, "card"))),
    revoke: async (body) => {
      const name = textOf(body, "card");
      await settlementSide.revoke(wallet.addressOf(name), "reported lost in the sandbox");
      notes.add(
        "The issuer has blocked the card. Terminals refuse it from their next list on; a terminal without a line does not know yet.",
      );
    },
    network: (body) => {
      const wanted = textOf(body, "state");
      const state = networkStates.find((each) => each === wanted);
      if (state === undefined)
        throw new SandboxError("MALFORMED_REQUEST", `state is one of ${networkStates.join(", ")}.`);
      network.set(state);
      notes.add(networkNotes[state]);
      return Promise.resolve();
    },
    settlement: async (body) => {
      const wanted = textOf(body, "state");
      if (wanted === "up") await settlementSide.start();
      else if (wanted === "down") await settlementSide.stop();
      else throw new SandboxError("MALFORMED_REQUEST", "state is up or down.");
      notes.add(
        wanted === "up" ? "Settlement is up again, with all it had." : "Settlement is down. Terminals go on selling.",
      );
    },
    clock: (body) => {
      const terminal = terminalOf(textOf(body, "terminal"));
      const seconds = Number(body["seconds"]);
      terminal.shiftClock(seconds);
      notes.add(
        seconds === 0
          ? `Terminal ${terminal.name}'s clock is right again.`
          : `Terminal ${terminal.name}'s clock was set wrong.`,
      );
      return Promise.resolve();
    },
  };
}

const networkNotes: Readonly<Record<NetworkState, string>> = {
  on: "The terminals have their line again.",
  cut: "The terminals' line is cut: no settlement, no chain.",
  stalled: "The terminals' line stands still: connections stay open and carry nothing.",
};

/**
 * Starts settlement, the terminals with their lines, and the page.
 * @throws SandboxError NOT_A_DEVELOPMENT_CHAIN before anything is started
 */
export async function startSandbox(plan: SandboxPlan, readConfig: (file: string) => unknown): Promise<SandboxReady> {
  const named = chainIdsIn(
    readConfig(plan.settlement.configFile),
    ...plan.terminals.map((terminal) => readConfig(terminal.configFile)),
  );
  await requireDevelopmentChain({ rpc: plan.rpc, named });
  const notes = createNotes(() => Date.now());
  const settlementSide = createSettlementSide(plan, notes);
  const network = await startNetwork({ settlement: plan.settlement.url, chain: plan.rpc });
  const terminals = new Map<string, Terminal>();
  const readers = new Map(plan.terminals.map(({ name, slot }) => [name, slot]));
  const wallet = createWallet({ cards: plan.cards, readers, notes, open: cardsIn(plan.cardFolder) });
  const parts = { network, settlementSide, terminals, wallet, notes, alarmSecret: plan.alarmSecret };
  const frames = new Map<string, string>();
  // Before settlement, which tells it of alarms.
  const { url, origins } = await startServer({
    port: plan.port,
    state: () => stateOf(parts, frames),
    actions: actionsOf(parts),
    frames: () => [...frames.values()],
  });
  await settlementSide.start();
  for (const terminal of plan.terminals) {
    const { gatewayProgram: program, folder } = plan;
    terminals.set(terminal.name, await startTerminal({ terminal, program, folder, lines: network.lines }));
  }
  for (const terminal of terminals.values()) frames.set(terminal.name, await startFrame(terminal.url, () => origins));
  notes.add("All is ready. Hold a card to a reader, and take a payment on the terminal's own page.");
  const look = async (): Promise<void> => {
    await settlementSide.look([...new Set(wallet.list().map(({ address }) => address))]);
    setTimeout(() => void look(), LOOK_MS);
  };
  void look();
  return {
    ...{ schema: "tallystick.sandbox/1", url },
    ...{ settlement: plan.settlement.url, administration: plan.settlement.administration },
    gateways: [...terminals.values()].map((terminal) => terminal.url),
    pids: [settlementSide.process()?.pid ?? 0, ...[...terminals.values()].map((terminal) => terminal.process.pid)],
  };
}

/** Every chain id that configurations name. */
function chainIdsIn(...configs: readonly unknown[]): unknown[] {
  return configs.flatMap((config) => {
    const { chainId, domains } = config as { chainId?: unknown; domains?: readonly { chainId?: unknown }[] };
    return [...(chainId === undefined ? [] : [chainId]), ...(domains ?? []).map((domain) => domain.chainId)];
  });
}

function stateOf(
  { network, settlementSide, terminals, wallet, notes }: Parts,
  frames: ReadonlyMap<string, string>,
): unknown {
  return {
    cards: wallet.list().map((card) => ({ ...card, settlement: settlementSide.cards().get(card.address) ?? null })),
    terminals: [...terminals.values()].map((terminal) => ({
      ...{ name: terminal.name, url: terminal.url.replace("127.0.0.1", "localhost"), frame: frames.get(terminal.name) },
      clockShiftSeconds: terminal.clockShiftSeconds(),
    })),
    ...{
      network: network.state(),
      settlement: settlementSide.state(),
      forks: settlementSide.forks(),
      notes: notes.list(),
    },
  };
}
