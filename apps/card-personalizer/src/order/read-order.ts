import { readFileSync } from "node:fs";
import { ConfigError, decodeText, faultAt, MAX_ORDER_CARDS, readConfigFile } from "@tallystick/program";
import { z } from "zod";
import { parseCsvOrder } from "./csv-order.ts";
import type { OrderRow } from "./order-row.ts";

const text = z.string().min(1).optional();

const orderSchema = z.strictObject({
  cards: z
    .array(z.strictObject({ reference: text, label: text, limits: text, fund: text, pin: text, owner: text }))
    .min(1)
    .max(MAX_ORDER_CARDS),
});

/** Reads an order: JSON where the file's name ends so, CSV else. Throws ConfigError with every fault of its form. */
export function readOrder(path: string): readonly OrderRow[] {
  if (path.toLowerCase().endsWith(".json")) return readJsonOrder(path);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ConfigError([faultAt("", `It cannot be read (${String((error as { code?: unknown }).code)}).`)], path);
  }
  const [first, second, third] = bytes;
  // Spreadsheets write a byte-order mark before UTF-8; it says nothing else.
  const hasMark = first === 0xef && second === 0xbb && third === 0xbf;
  const decoded = decodeText(hasMark ? bytes.subarray(3) : bytes);
  if ("fault" in decoded) throw new ConfigError([faultAt("", decoded.fault)], path);
  return parseCsvOrder(decoded.text, path);
}

function readJsonOrder(path: string): readonly OrderRow[] {
  const { value, faults } = readConfigFile(path, orderSchema);
  /** Where a card of the list begins. */
  const lineOf = (index: number): number => {
    faults.add(`cards.${index}`, "");
    return faults.faults.at(-1)?.line ?? index + 1;
  };
  return value.cards.map((card, index) => {
    const { reference = "", label = null, limits = null, fund = null, pin = null, owner = null } = card;
    return { reference, label, limits, fund, pin, owner, line: lineOf(index) };
  });
}
