import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Anvil,
  makeWorkFolder,
  type Pcscd,
  type Postgres,
  projectRoot,
  type Redis,
  startAnvil,
  startPcscd,
  startPostgres,
  startRedis,
  type WorkFolder,
} from "@tallystick/stack";
import { runCommand } from "./app-process.ts";
import { createCard, type Card } from "./card.ts";
import { fundGuarantee, type GuaranteeAccount } from "./guarantee.ts";
import { writeDevelopmentKey } from "./key-files.ts";
import { readerSlots, type ReaderSlot } from "./reader-slot.ts";
import { type Deployment, type DomainAnswer, prepareSettlement, type Settlement } from "./settlement.ts";
import { openMerchant, type Merchant, type MerchantName } from "./merchant.ts";

/** All parts of the story, each a process of its own, on private ports and in one private folder. */
export interface DemoStack {
  readonly folder: WorkFolder;
  readonly anvil: Anvil;
  readonly pcscd: Pcscd | undefined;
  readonly issuerSlot: ReaderSlot;
  readonly settlement: Settlement;
  readonly deployment: Deployment;
  readonly guarantee: GuaranteeAccount;
  readonly domain: DomainAnswer;
  readonly merchants: Readonly<Record<MerchantName, Merchant>>;
  readonly programs: Programs;
  readonly card: (name: string) => Card;
  /** Every process, for those who want to stop or to watch one. */
  readonly processes: () => Readonly<Record<string, number>>;
  /** Stops every process and removes every folder. */
  readonly stop: () => Promise<void>;
}

/** What is started before any app. */
interface Parts {
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly anvil: Anvil;
  readonly pcscd: Pcscd | undefined;
}

/** What stands between the parts: URLs by which they are reached instead of their own. */
export interface Between {
  /** By which settlement reaches its parts. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly rpc: string;
  /** By which terminals reach settlement. */
  readonly settlement: (url: string) => Promise<string>;
}

/** The launchers of the programs, and the script that deploys the vault. */
export interface Programs {
  readonly deploy: string;
  readonly settlement: string;
  readonly gateway: string;
  readonly personalizer: string;
}

/** The programs of this checkout. */
export function programsOf(root: string): Programs {
  const app = (folder: string, launcher: string): string => join(root, "apps", folder, "bin", `${launcher}.mjs`);
  return {
    deploy: join(root, "contracts", "scripts", "deploy.mjs"),
    settlement: app("settlement", "tallystick-settlement"),
    gateway: app("merchant-gateway", "tallystick-gateway"),
    personalizer: app("card-personalizer", "tallystick-issuer"),
  };
}

/** Base units of the test token that the issuer gets: 1,000.00 at six decimals. */
const MINTED = "1000000000";

async function deploy(programs: Programs, folder: string, rpc: string, chainKeyFile: string): Promise<Deployment> {
  const args = ["--rpc", rpc, "--key-file", chainKeyFile, "--test-token", "--mint", MINTED, "--scale", "1"];
  const outcome = await runCommand({ program: programs.deploy, args, folder, name: "deploy" });
  const [answer] = outcome.lines.filter((line) => typeof line["vault"] === "string");
  if (outcome.code !== 0 || answer === undefined) throw new Error(`the vault was not deployed:\n${outcome.text}`);
  return {
    chainId: Number(answer["chainId"]),
    vault: String(answer["vault"]),
    token: String(answer["token"]),
    block: Number(answer["block"]),
  };
}

/** The databases, the chain and the readers. */
async function startParts(options: { direct: boolean; durable?: boolean }): Promise<Parts> {
  const [postgres, redis, anvil, pcscd] = await Promise.all([
    startPostgres({ durable: options.durable === true }),
    startRedis(),
    startAnvil(),
    options.direct ? undefined : startPcscd({ readers: 3 }),
  ]);
  return { postgres, redis, anvil, pcscd };
}

/**
 * Starts everything: databases, chain, readers, the vault, settlement and two merchants.
 * @param options.direct reach cards through cardhost's own socket instead of PC/SC
 * @param options.durable force PostgreSQL's commits to the disk
 * @param options.batteryBacked the merchants' clocks run on while their gateways are down
 * @param options.between puts something between the parts
 * @param options.beforeSettlement is done when settlement's configuration is written and nothing of it runs
 */
export async function createDemoStack(options: {
  direct: boolean;
  durable?: boolean;
  batteryBacked?: boolean;
  between?: (parts: Pick<Parts, "postgres" | "redis" | "anvil">) => Promise<Between>;
  beforeSettlement?: (prepared: { readonly configFile: string; readonly folder: string }) => Promise<void>;
  say: (text: string) => void;
}): Promise<DemoStack> {
  const folder = makeWorkFolder("stack");
  const programs = programsOf(projectRoot());
  const parts = await startParts(options);
  const { postgres, redis, anvil, pcscd } = parts;
  options.say("PostgreSQL, Redis, an EVM chain and a reader daemon of our own are up");
  const [issuerSlot, slotA, slotB] = await readerSlots(pcscd, 3);
  if (issuerSlot === undefined || slotA === undefined || slotB === undefined)
    throw new Error("three readers are needed");

  const chainKeyFile = join(folder.path, "chain-key.json");
  writeDevelopmentKey(chainKeyFile, { privateKey: anvil.accounts[0]?.privateKey ?? "" });
  const deployment = await deploy(programs, folder.path, anvil.rpc, chainKeyFile);
  options.say(`the vault stands at ${deployment.vault}`);
  const guarantee = await fundGuarantee({ anvil, folder: folder.path, token: deployment.token });
  options.say(`the issuer puts ${guarantee.funds} into an account of its own, out of which it bears copied cards`);
  const between = await options.between?.({ postgres, redis, anvil });
  const settlement = await prepareSettlement({
    program: programs.settlement,
    folder: folder.path,
    databaseUrl: between?.databaseUrl ?? postgres.url,
    redisUrl: between?.redisUrl ?? redis.url,
    rpc: between?.rpc ?? anvil.rpc,
    deployment,
    chainKeyFile,
    guaranteeKeyFile: guarantee.keyFile,
  });
  await options.beforeSettlement?.({ configFile: settlement.configFile, folder: folder.path });
  await settlement.start();
  options.say(`settlement serves at ${settlement.url}`);
  const domain = await settlement.issuer.get<DomainAnswer>("/v1/domain");
  const settlementUrl = (await between?.settlement(settlement.url)) ?? settlement.url;
  const open = async (name: MerchantName, slot: ReaderSlot, category: number): Promise<Merchant> => {
    // The first account is settlement's; each merchant is paid to one of its own, which has what transactions cost.
    const account = anvil.accounts[name === "A" ? 1 : 2];
    if (account === undefined) throw new Error("the chain gave too few accounts");
    const merchant = await openMerchant({
      ...{ name, slot, category, domain },
      account: { rpc: anvil.rpc, ...account },
      program: programs.gateway,
      folder: folder.path,
      settlementUrl,
      issuer: settlement.issuer,
      batteryBacked: options.batteryBacked === true,
    });
    await merchant.start();
    options.say(`merchant ${name} is certified and serves at ${merchant.http().url}`);
    return merchant;
  };
  const merchants = { A: await open("A", slotA, 3), B: await open("B", slotB, 7) };
  return {
    folder,
    ...parts,
    issuerSlot,
    settlement,
    deployment,
    guarantee,
    domain,
    merchants,
    programs,
    ...running(parts, { folder, settlement, merchants }),
  };
}

/** Where the memories of a stack's cards are, a folder each. */
export function cardFolderOf(folder: WorkFolder): string {
  return join(folder.path, "cards");
}

/** The cards of a stack, its processes, and its end. */
function running(
  parts: Parts,
  apps: Pick<DemoStack, "folder" | "settlement" | "merchants">,
): Pick<DemoStack, "card" | "processes" | "stop"> {
  const { postgres, redis, anvil, pcscd } = parts;
  const { folder, settlement, merchants } = apps;
  const cardFolder = cardFolderOf(folder);
  mkdirSync(cardFolder);
  const cards = new Map<string, Card>();
  return {
    card: (name) => {
      const card = cards.get(name) ?? createCard(cardFolder, name);
      cards.set(name, card);
      return card;
    },
    processes: () => ({
      ...{ postgresql: postgres.pid, redis: redis.pid, chain: anvil.pid },
      ...(pcscd === undefined ? {} : { pcscd: pcscd.pid }),
      ...{ settlement: settlement.process().pid },
      ...{ terminalA: merchants.A.process().pid, terminalB: merchants.B.process().pid },
    }),
    stop: async () => {
      for (const card of cards.values()) await card.remove();
      for (const merchant of [merchants.A, merchants.B]) await merchant.process().stop();
      await settlement.process().stop();
      await Promise.all([postgres.stop(), redis.stop(), anvil.stop(), pcscd?.stop()]);
      folder.remove();
    },
  };
}
