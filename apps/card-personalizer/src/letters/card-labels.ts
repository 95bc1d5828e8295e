import { join } from "node:path";
import { encodeQR } from "qr";
import { QR_BORDER_MODULES } from "../limits.ts";
import { makeFolder, writeNewFile } from "../keys/new-file.ts";
import { csvLines } from "./csv-lines.ts";

/** A card as its label shows it. */
export interface LabelledCard {
  readonly reference: string;
  readonly label: string | null;
  /** 0x and 40 digits. */
  readonly card: string;
}

/**
 * The text that a label's QR code holds: reference, address and chain, and nothing that is secret. It is no payment link: tokens
 * that somebody sent to a card's address would be lost.
 */
export function labelText({ reference, card }: LabelledCard, chainId: bigint): string {
  return `tallystick:card?reference=${encodeURIComponent(reference)}&address=${card}&chain=${chainId}`;
}

/** The QR code of a text as SVG (ISO/IEC 18004, correction level M). */
export function qrSvg(text: string): string {
  const svg = encodeQR(text, "svg", { ecc: "medium", border: QR_BORDER_MODULES });
  // Codes are read on white, whatever they are shown on.
  return svg.replace(">", '><rect width="100%" height="100%" fill="#fff"/>');
}

/** Writes `labels.csv` and an SVG for each card into a folder. Throws Failure USAGE where one of them is there. */
export function writeLabels(folder: string, cards: readonly LabelledCard[], chainId: bigint): void {
  makeFolder(folder);
  const rows = cards.map((card) => {
    const text = labelText(card, chainId);
    const file = `${encodeURIComponent(card.reference)}.svg`;
    writeNewFile(join(folder, file), qrSvg(text));
    return [card.reference, card.label ?? "", card.card, text, file];
  });
  writeNewFile(join(folder, "labels.csv"), csvLines(["reference", "label", "card", "text", "file"], rows));
}
