import { dirname, join, resolve } from "node:path";
import { parseAmount, type Asset } from "@tallystick/money";
import { type FaultList, type PartialConfig, plainNodeFault, readConfigFile } from "@tallystick/program";
import { NO_COUNT_LIMIT } from "@tallystick/protocol";
import { ETHER_DECIMALS } from "../../limits.ts";
import { answersSchema, type AnswersFile } from "./answers-schema.ts";

/** Every role that a key of a programme has. */
export const KEY_ROLES = [
  ...["treasury", "gas", "guarantee", "issuer", "master", "issuerTerminal", "testPayee", "terminal"],
] as readonly KeyRole[];
export type KeyRole = keyof NonNullable<AnswersFile["keys"]>;

/** The answers as they are worked with: the limits complete, paths absolute. */
export interface Answers extends Omit<AnswersFile, "limits"> {
  /** Where everything of the programme stands: the folder of the answers' file. */
  readonly folder: string;
  readonly limits: {
    readonly perTap: string;
    readonly pinAbove: string;
    readonly noPinSum: string;
    readonly noPinCount: number;
    readonly validDays: number;
  };
}

/** Reads what was decided. Throws ConfigError with every fault at once. */
export function loadAnswers(path: string): Answers {
  const { value, faults, resolvePath } = readConfigFile(path, answersSchema, { check: checkAnswers });
  faults.throwIfAny();
  const { limits, pins, vaultArtifact, pcscSocket } = value;
  const withPins = { noPinSum: "150.00", noPinCount: 5 };
  const withoutPins = { noPinSum: limits.noPinSum ?? "", noPinCount: NO_COUNT_LIMIT };
  const defaults = pins ? withPins : withoutPins;
  const keys = Object.entries(value.keys).map(([role, file]) => [role, resolvePath(file ?? "")] as const);
  return {
    ...value,
    folder: dirname(resolve(path)),
    limits: {
      perTap: limits.perTap,
      pinAbove: limits.pinAbove ?? limits.perTap,
      noPinSum: limits.noPinSum ?? defaults.noPinSum,
      noPinCount: limits.noPinCount ?? defaults.noPinCount,
      validDays: limits.validDays,
    },
    keys: Object.fromEntries(keys),
    ...(vaultArtifact === undefined ? {} : { vaultArtifact: resolvePath(vaultArtifact) }),
    ...(pcscSocket === undefined ? {} : { pcscSocket: resolvePath(pcscSocket) }),
  };
}

/** Where a key stands: as it was named, or by its role in the programme's folder. */
export function keyFileOf({ keys, folder }: Pick<Answers, "keys" | "folder">, role: KeyRole): string {
  return keys[role] ?? join(folder, "keys", `${role}.json`);
}

/** A key is for nothing where the issuer bears nothing, or the treasury pays for gas. */
export function isRoleUsed(
  role: KeyRole,
  { gas, bears }: { readonly gas: unknown; readonly bears: boolean | undefined },
): boolean {
  return role === "gas" ? gas !== undefined : role !== "guarantee" || bears !== false;
}

/** Wei of an amount of ether as it is written. */
export function weiOf(ether: string): bigint {
  const [whole = "0", part = ""] = ether.split(".");
  return BigInt(`${whole}${part.padEnd(ETHER_DECIMALS, "0")}`);
}

/** What no schema sees: what excludes or needs each other, and amounts that are none. */
function checkAnswers(given: PartialConfig<AnswersFile>, faults: FaultList): void {
  const { token, testToken, vault, mode, keys, gas, guarantee, pins, limits } = given ?? {};
  if ((token === undefined) === (testToken === undefined)) faults.add("token", "give either token or testToken");
  if (testToken !== undefined && mode === "production")
    faults.add("testToken", "is minted by anybody who likes; production needs a token of worth");
  if (testToken !== undefined && vault !== undefined)
    faults.add("vault", "stands for one token already; name that token instead of testToken");
  if (mode === "production")
    for (const role of KEY_ROLES)
      if (keys?.[role] === undefined && isRoleUsed(role, { gas, bears: guarantee?.bears }))
        faults.add(`keys.${role}`, "is needed: production draws no keys");
  if (guarantee?.bears === true && guarantee.tokens === undefined)
    faults.add("guarantee.tokens", "is needed where the issuer bears something: its account is paid from the treasury");
  if (guarantee?.bears === true && guarantee.ether === undefined)
    faults.add("guarantee.ether", "is needed where the issuer bears something: its account pays its own gas");
  if (pins === false && limits?.noPinSum === undefined)
    faults.add("limits.noPinSum", "has no default without PINs: it is what a card may pay in all");
  checkNode(given, faults);
  const unit = given?.asset as Asset | undefined;
  if (unit !== undefined) checkAmounts(given, unit, faults);
}

/** The way to the chain's node, which settlement and the terminal are given too. */
function checkNode(given: PartialConfig<AnswersFile>, faults: FaultList): void {
  const { rpcUrl, chainId, mode, privateNode } = given ?? {};
  if (rpcUrl === undefined || chainId === undefined) return;
  const use = { chainIds: [chainId], production: mode === "production" };
  const fault = plainNodeFault(rpcUrl, { ...use, isPrivate: privateNode === true, setting: "privateNode: true" });
  if (fault !== null) faults.add("rpcUrl", fault);
}

function checkAmounts(given: PartialConfig<AnswersFile>, asset: Asset, faults: FaultList): void {
  const { treasury, guarantee, limits, fund, terminal, testToken, pins } = given ?? {};
  const read = (path: string, text: string | undefined): bigint | undefined => {
    if (text === undefined) return undefined;
    return faults.read(path, () => parseAmount(text, asset));
  };
  const above = (path: string, text: string | undefined): bigint | undefined => {
    const units = read(path, text);
    if (units === 0n) faults.add(path, "must be above zero");
    return units;
  };
  const tokens = read("treasury.tokens", treasury?.tokens);
  const given_ = read("guarantee.tokens", guarantee?.tokens) ?? 0n;
  const deposit = above("fund", fund);
  if (tokens !== undefined && deposit !== undefined && tokens < deposit + given_ + 1n)
    faults.add("treasury.tokens", "is below the guarantee's tokens, one card's deposit and one unit together");
  read("guarantee.perCard", guarantee?.perCard);
  read("guarantee.perPayeePerDay", guarantee?.perPayeePerDay);
  const minted = above("testToken.mint", testToken?.mint);
  if (minted !== undefined && tokens !== undefined && minted < tokens)
    faults.add("testToken.mint", "is below treasury.tokens, which would be awaited in vain");
  const perTap = above("limits.perTap", limits?.perTap);
  const pinAbove = read("limits.pinAbove", limits?.pinAbove);
  above("limits.noPinSum", limits?.noPinSum);
  if (pins === false && pinAbove !== undefined && perTap !== undefined && pinAbove < perTap)
    faults.add("limits.pinAbove", "needs a PIN, and cards get none; say pins, or leave it out");
  for (const name of ["perTap", "unsentSum", "perCardSum", "softwareSum"] as const)
    read(`terminal.limits.${name}`, terminal?.limits?.[name]);
}
