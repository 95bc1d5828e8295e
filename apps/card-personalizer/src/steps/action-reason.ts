import { basename } from "node:path";
import { MAX_ORDER_NAME_LENGTH } from "../limits.ts";

/** What a call that moves money is made for. */
export interface ActionOf {
  /** The card's. */
  readonly reference: string;
  /** The order that the card belongs to; left out where one card is made by itself. */
  readonly order?: string | undefined;
}

/**
 * Why the station asks for something by itself, for settlement's audit log (spec §6.11): which order
 * and which card it is for.
 */
export function actionReason({ order, reference }: ActionOf, what: string): string {
  return `${order === undefined ? "" : `Order ${order}, `}card ${reference}: ${what}`;
}

/** How an order is called in reasons: its file's name, as far as that is one line of plain letters. */
export function orderName(file: string): string {
  const name = basename(file)
    .replaceAll(/[^!-~]/gu, "_")
    .slice(0, MAX_ORDER_NAME_LENGTH);
  return name === "" ? "-" : name;
}
