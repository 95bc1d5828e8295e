import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { decodeQR } from "qr/decode.js";
import { createPinFolder } from "../keys/pin-letters.ts";
import { labelText, qrSvg, writeLabels } from "./card-labels.ts";
import { removePrinted, writePrinterFiles } from "./printer-files.ts";

let folder: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-letters-"));
  out = join(folder, "printer");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const drawn = () => createPinFolder(join(folder, "letters"), (length) => new Uint8Array(length).fill(7));
const cards = [
  { reference: "C-1", label: 'Ada "A"' },
  { reference: "C/2", label: null },
];

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
  return "nothing thrown";
}

describe("letters for a printer", () => {
  it("have PINs in one file and PUKs in another, for their owner's eyes only", () => {
    const letters = drawn();
    for (const { reference } of cards) letters.secretsOf(reference);
    writePrinterFiles(out, cards, letters);
    expect(readFileSync(join(out, "pins.csv"), "utf8")).toBe(
      '"reference","label","pin"\r\n"C-1","Ada ""A""","7777"\r\n"C/2","","7777"\r\n',
    );
    expect(readFileSync(join(out, "puks.csv"), "utf8")).toBe(
      '"reference","label","puk"\r\n"C-1","Ada ""A""","77777777"\r\n"C/2","","77777777"\r\n',
    );
    expect([statSync(out).mode & 0o777, statSync(join(out, "pins.csv")).mode & 0o777]).toEqual([0o700, 0o600]);
    // What a printer has is never written over.
    expect(codeOf(() => writePrinterFiles(out, cards, letters))).toBe("USAGE");
  });

  it("name the cards whose letters are gone, and then write nothing", () => {
    const letters = drawn();
    letters.secretsOf("C-1");
    expect(codeOf(() => writePrinterFiles(out, cards, letters))).toBe("CONFIG");
    expect([existsSync(out), readdirSync(join(folder, "letters"))]).toEqual([false, ["C-1.json"]]);
  });

  it("are removed when they are printed, with the files, and no other card's", () => {
    const letters = drawn();
    for (const reference of ["C-1", "C/2", "C-3"]) letters.secretsOf(reference);
    expect(codeOf(() => removePrinted(out, letters))).toBe("USAGE");
    writePrinterFiles(out, cards, letters);
    expect(removePrinted(out, letters)).toEqual(["C-1", "C/2"]);
    expect([readdirSync(out), readdirSync(join(folder, "letters"))]).toEqual([[], ["C-3.json"]]);
  });
});

describe("an export of letters that was stopped", () => {
  const filesIn = () => [readTextOf("puks.csv"), readTextOf("pins.csv")] as const;

  function readTextOf(name: string): string | null {
    return existsSync(join(out, name)) ? readFileSync(join(out, name), "utf8") : null;
  }

  /** Letters, and what their whole export is; nothing is exported yet. */
  function exported() {
    const letters = drawn();
    for (const { reference } of cards) letters.secretsOf(reference);
    writePrinterFiles(out, cards, letters);
    const [puks, pins] = filesIn();
    rmSync(out, { recursive: true });
    mkdirSync(out);
    if (puks === null || pins === null) throw new Error("nothing was exported");
    return { letters, puks, pins };
  }

  const lettersLeft = () => readdirSync(join(folder, "letters")).sort();

  it("has the PUKs before the PINs, so that none is confirmed without the other", () => {
    const { letters, puks, pins } = exported();
    // A name that leads nowhere is no file, and none can be made of it.
    for (const [name, left] of [
      ["puks.csv", [null, null]],
      ["pins.csv", [puks, null]],
    ] as const) {
      symlinkSync(join(folder, "nowhere", "at all"), join(out, name));
      expect(codeOf(() => writePrinterFiles(out, cards, letters))).toBe("USAGE");
      unlinkSync(join(out, name));
      expect(filesIn()).toEqual(left);
      expect(codeOf(() => removePrinted(out, letters))).toBe("USAGE");
    }
    writePrinterFiles(out, cards, letters);
    expect([filesIn(), lettersLeft()]).toEqual([
      [puks, pins],
      ["C%2F2.json", "C-1.json"],
    ]);
    expect(removePrinted(out, letters)).toEqual(["C-1", "C/2"]);
  });

  it.each<[string, (whole: string) => string | null, (whole: string) => string | null]>([
    ["the PINs alone", () => null, (pins) => pins],
    ["PINs and nothing of the PUKs", () => "", (pins) => pins],
    ["PUKs and nothing of the PINs", (puks) => puks, () => ""],
    ["PUKs and the PINs of one card", (puks) => puks, (pins) => pins.slice(0, pins.lastIndexOf('"C/2"'))],
    ["PUKs and a part of a PIN", (puks) => puks, (pins) => pins.slice(0, -5)],
    ["a part of the PUKs", (puks) => puks.slice(0, -5), () => null],
    ["zeros for the PUKs", (puks) => "\0".repeat(puks.length), (pins) => pins],
  ])("leaves %s, which is confirmed by nobody and gone on with by the next", (_, ofPuks, ofPins) => {
    const { letters, puks, pins } = exported();
    for (const [name, left] of [["puks.csv", ofPuks(puks)] as const, ["pins.csv", ofPins(pins)] as const])
      if (left !== null) writeFileSync(join(out, name), left);
    expect([codeOf(() => removePrinted(out, letters)), lettersLeft().length]).toEqual(["USAGE", cards.length]);
    writePrinterFiles(out, cards, letters);
    expect(filesIn()).toEqual([puks, pins]);
    expect([removePrinted(out, letters), lettersLeft(), readdirSync(out)]).toEqual([["C-1", "C/2"], [], []]);
  });

  it("is not what holds other cards, nor what ended before the order had more of them", () => {
    const { letters, pins } = exported();
    letters.secretsOf("C-3");
    const more = [...cards, { reference: "C-3", label: null }];
    writePrinterFiles(out, cards, letters);
    expect(codeOf(() => writePrinterFiles(out, more, letters))).toBe("USAGE");
    rmSync(join(out, "puks.csv"));
    expect(codeOf(() => writePrinterFiles(out, more.slice(1), letters))).toBe("USAGE");
    expect(filesIn()).toEqual([null, pins]);
  });

  it("is told from a removal that was stopped, which ends when it is run again", () => {
    for (const left of ["whole", "zeros", "none"]) {
      const { letters, puks } = exported();
      writePrinterFiles(out, cards, letters);
      if (left === "whole") letters.forget("C-1");
      else for (const { reference } of cards) letters.forget(reference);
      if (left === "zeros") writeFileSync(join(out, "puks.csv"), "\0".repeat(puks.length));
      if (left === "none") rmSync(join(out, "puks.csv"));
      expect([removePrinted(out, letters), lettersLeft(), readdirSync(out)]).toEqual([["C-1", "C/2"], [], []]);
    }
  });
});

describe("a card's label", () => {
  const card = { reference: "C/2 ä", label: "Ada", card: `0x${"1a".repeat(20)}` };

  it("has a code that reads back as reference, address and chain", () => {
    const text = labelText(card, 31_337n);
    expect(text).toBe(`tallystick:card?reference=C%2F2%20%C3%A4&address=0x${"1a".repeat(20)}&chain=31337`);
    const svg = qrSvg(text);
    expect(decodeQR(imageOf(svg))).toBe(text);
  });

  it("stands in a list and in a file of its own", () => {
    writeLabels(out, [card], 1n);
    const [, line = ""] = readFileSync(join(out, "labels.csv"), "utf8").split("\r\n");
    expect(line.split(",").slice(0, 3)).toEqual(['"C/2 ä"', '"Ada"', `"${card.card}"`]);
    expect(readFileSync(join(out, "C%2F2%20%C3%A4.svg"), "utf8")).toBe(qrSvg(labelText(card, 1n)));
  });
});

/** The picture of a code, four pixels a module: each module is a closed square of the path. */
function imageOf(svg: string) {
  const side = Number(/viewBox="0 0 ([0-9]+)/.exec(svg)?.[1]);
  const [width, scale] = [side * 4, 4];
  const data = new Uint8Array(width * width * 4).fill(255);
  let [x, y] = [0, 0];
  const path = /<path d="([^"]+)"/.exec(svg)?.[1] ?? "";
  for (const [, move, right = "", down = ""] of path.matchAll(/([Mm])(-?[0-9]+)[ ,]?(-?[0-9]+)/g)) {
    [x, y] = move === "M" ? [Number(right), Number(down)] : [x + Number(right), y + Number(down)];
    for (let row = y * scale; row < (y + 1) * scale; row++)
      data.fill(0, (row * width + x * scale) * 4, (row * width + (x + 1) * scale) * 4);
  }
  return { width, height: width, data };
}
