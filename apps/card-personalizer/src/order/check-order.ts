import { formatTotal, parseAmount } from "@tallystick/money";
import { ConfigError, type ConfigFault, FaultList } from "@tallystick/program";
import { type Address, equalBytes, parseAddress } from "@tallystick/protocol";
import { checkCaps } from "../config/check-caps.ts";
import { referenceSchema } from "../config/config-schema.ts";
import type { Visits } from "../config/config-schema.ts";
import type { Config } from "../config/load-config.ts";
import { travelFaults } from "../steps/funding/allowance.ts";
import type { OrderColumn, OrderRow } from "./order-row.ts";

/** A card as it will be made. */
export interface OrderedCard {
  readonly reference: string;
  readonly label: string | null;
  readonly owner: Address;
  /** Units. */
  readonly fund: bigint;
  readonly hasPin: boolean;
  readonly caps: Config["caps"];
  /** The card that another station made of it, where the order is shared; null where this one makes it. */
  readonly elsewhere: string | null;
  readonly line: number;
}

/** What an order is checked against beside itself. */
export interface OrderGrounds {
  /** The card that has this reference by the register, or null. */
  readonly registered: (reference: string) => string | null;
  /** The card that the journal made for this reference, or null. */
  readonly begun: (reference: string) => string | null;
  /** Units that the treasury can deposit; null where nobody knows. */
  readonly treasury: bigint | null;
}

/** What an order is checked with. */
export interface OrderCheck {
  readonly config: Config;
  readonly visits: Visits;
  readonly grounds: OrderGrounds;
  /** Other stations make cards of the order too: what they made is none of its faults. */
  readonly shared?: boolean;
  readonly source: string;
}

/** The whole order, before a card is touched. Throws ConfigError with every fault by its line. */
export function checkOrder(
  rows: readonly OrderRow[],
  { config, visits, grounds, shared = false, source }: OrderCheck,
): readonly OrderedCard[] {
  const faults: ConfigFault[] = [];
  const first = new Map<string, number>();
  const cards = rows.map((row) => {
    const before = first.get(row.reference);
    if (before !== undefined) faults.push(faultOf(row, "reference", `stands twice; first on line ${before}`));
    else first.set(row.reference, row.line);
    return checkRow(row, { config, visits, grounds, shared, source }, faults);
  });
  const wanted = cards.reduce((sum, card) => sum + (card === null || isPaidFor(card, grounds) ? 0n : card.fund), 0n);
  if (grounds.treasury !== null && wanted > grounds.treasury) {
    const text = (units: bigint): string => formatTotal(units, config.asset);
    const message = `The order deposits ${text(wanted)}, and the treasury has ${text(grounds.treasury)}.`;
    faults.push({ path: "fund", line: null, column: null, message });
  }
  if (faults.length > 0) throw new ConfigError(faults, source);
  return cards.filter((card) => card !== null);
}

/** Its deposit was asked for before, here or at another station. */
function isPaidFor({ reference, elsewhere }: OrderedCard, grounds: OrderGrounds): boolean {
  return elsewhere !== null || grounds.begun(reference) !== null;
}

function checkRow(
  row: OrderRow,
  { config, visits, grounds, shared = false }: OrderCheck,
  faults: ConfigFault[],
): OrderedCard | null {
  const before = faults.length;
  const fault = (path: OrderColumn, message: string): undefined => void faults.push(faultOf(row, path, message));
  const reference = referenceSchema.safeParse(row.reference);
  if (!reference.success) fault("reference", reference.error.issues.map(({ message }) => message).join("; "));
  const registered = grounds.registered(row.reference);
  const elsewhere = registered === null || registered === grounds.begun(row.reference) ? null : registered;
  if (elsewhere !== null && !shared) fault("reference", `is card ${registered}'s already; take another one`);
  const owner = readOwner(row, config, fault);
  const fund = readFund(row, config, fault);
  const hasPin = readPin(row, config, fault);
  const template = row.limits === null ? {} : config.templates[row.limits];
  if (template === undefined)
    fault("limits", `names no template; there are ${Object.keys(config.templates).join(", ") || "none"}`);
  const named = Object.entries(template ?? {}).filter(([, value]) => value !== undefined);
  const caps = { ...config.caps, ...Object.fromEntries(named) };
  if (visits === "one")
    for (const name of travelFaults(caps))
      fault("limits", `${name} does not travel to a card: say --visits two, or leave it out`);
  if (fund !== undefined) checkLimits(row, { caps, fund: row.fund ?? undefined, hasPin, config }, faults);
  if (owner === undefined || fund === undefined || faults.length > before) return null;
  return { reference: row.reference, label: row.label, owner, fund, hasPin, caps, elsewhere, line: row.line };
}

/** Limits of one card against its deposit and its PIN, as the configuration's are checked. */
function checkLimits(
  row: OrderRow,
  given: {
    readonly caps: Config["caps"];
    readonly fund: string | undefined;
    readonly hasPin: boolean;
    readonly config: Config;
  },
  faults: ConfigFault[],
): void {
  const { caps, hasPin, config } = given;
  const found = new FaultList({ value: null, locate: () => ({ line: row.line, column: null }) }, "");
  const fund = given.fund ?? (config.fund === null ? undefined : formatTotal(config.fund, config.asset));
  const part = { caps, domain: { asset: config.asset }, fund, pinFolder: hasPin ? config.pinFolder : undefined };
  checkCaps(part as never, found);
  for (const { path, message } of found.faults)
    faults.push(faultOf(row, "limits", `${path.replace("caps.", "")} ${message}`));
}

type AddFault = (path: OrderColumn, message: string) => undefined;

function readOwner(row: OrderRow, config: Config, fault: AddFault): Address | undefined {
  if (row.owner === null) return config.owner ?? fault("owner", "is missing, and the configuration names none");
  try {
    const owner = parseAddress(row.owner);
    if (equalBytes(owner, config.domain.vault))
      return fault("owner", "is the vault itself, which could never withdraw");
    return owner;
  } catch (error) {
    return fault("owner", error instanceof Error ? error.message : String(error));
  }
}

function readFund(row: OrderRow, config: Config, fault: AddFault): bigint | undefined {
  if (row.fund === null) return config.fund ?? fault("fund", "is missing, and the configuration names none");
  // What a comma means depends on the country; nobody guesses about money.
  if (row.fund.includes(","))
    return fault("fund", "has a comma; write amounts with a point and no other sign, as 1250.50");
  try {
    const units = parseAmount(row.fund, config.asset);
    return units === 0n ? fault("fund", "must be above zero") : units;
  } catch (error) {
    return fault("fund", error instanceof Error ? error.message : String(error));
  }
}

function readPin(row: OrderRow, { pinFolder }: Config, fault: AddFault): boolean {
  if (row.pin === null) return pinFolder !== undefined;
  if (row.pin !== "yes" && row.pin !== "no") fault("pin", "must be yes or no");
  if (row.pin === "yes" && pinFolder === undefined) fault("pin", "is yes, and the configuration names no pinFolder");
  return row.pin === "yes";
}

function faultOf({ line, columns = {} }: OrderRow, path: OrderColumn, message: string): ConfigFault {
  return { path, line, column: columns[path] ?? null, message };
}
