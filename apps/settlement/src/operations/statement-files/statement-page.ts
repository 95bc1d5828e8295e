import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import PDFDocument from "pdfkit";
import { PAGE, TEXT } from "./limits.ts";
import { shownName, textRuns } from "./shown-text.ts";

const require = createRequire(import.meta.url);

/** The fonts are packages: nothing comes from a network or from the machine. */
const FONTS = { plain: "DejaVuSans.ttf", bold: "DejaVuSans-Bold.ttf", fixed: "DejaVuSansMono.ttf" } as const;

export type FontName = keyof typeof FONTS;

/** A place on the present line. */
export interface Placed {
  readonly x: number;
  readonly font?: FontName;
  readonly size?: number;
  /** The text ends there. */
  readonly right?: boolean;
}

/** A document that is written line by line; a page that is full is done, and can be read. */
export class StatementPage {
  readonly #document: PDFKit.PDFDocument;
  #y: number = PAGE.margin;
  #page = 1;
  readonly #above: (page: StatementPage) => void;

  /** `above` is written at the top of each further page. */
  constructor(options: { readonly title: string; readonly at: Date; above(page: StatementPage): void }) {
    const { title, at, above } = options;
    this.#above = above;
    this.#document = new PDFDocument({
      ...{ size: [PAGE.width, PAGE.height], margin: PAGE.margin, autoFirstPage: true },
      info: { Title: title, Producer: "tallystick-settlement", CreationDate: at, ModDate: at },
    });
    for (const [name, file] of Object.entries(FONTS))
      this.#document.registerFont(name, readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${file}`)));
    this.#document.on("error", () => undefined);
  }

  get page(): number {
    return this.#page;
  }

  /** Goes down by so many lines, to another page where this one is full. */
  down(lines = 1): void {
    this.#y += lines * TEXT.lineGap;
    if (this.#y <= PAGE.height - PAGE.margin - TEXT.lineGap) return;
    this.#document.addPage();
    this.#page += 1;
    this.#y = PAGE.margin;
    this.#above(this);
  }

  /** Writes text of settlement's own: digits, letters and signs of ASCII. */
  write(text: string, { x, font = "plain", size = TEXT.plain, right = false }: Placed): void {
    const document = this.#document.font(font).fontSize(size);
    const left = right ? x - document.widthOfString(text) : x;
    document.text(text, left, this.#y, { lineBreak: false });
  }

  /** Writes what people call somebody, in whatever direction it is read. */
  writeName(name: string, { x, font = "plain", size = TEXT.plain }: Placed): void {
    const document = this.#document.font(font).fontSize(size);
    const runs = textRuns(shownName(name, (codePoint) => this.#hasGlyph(codePoint)));
    // With features a run is laid out as a whole, and the font itself turns what is read from the right.
    const whole = { features: ["kern", "liga"] as PDFKit.Mixins.OpenTypeFeatures[], lineBreak: false };
    const widths = runs.map(({ text }) => document.widthOfString(text, whole));
    const wide = widths.reduce((sum, width) => sum + width, 0);
    // A line of the page is all that there is.
    const shrink = Math.min(1, (PAGE.width - PAGE.margin - x) / Math.max(wide, 1));
    document.fontSize(size * shrink);
    let left = x;
    for (const [place, { text }] of runs.entries()) {
      document.text(text, left, this.#y, whole);
      left += (widths[place] ?? 0) * shrink;
    }
  }

  /** What is written so far and was not read yet. */
  *written(): Generator<Uint8Array> {
    for (let chunk: unknown; (chunk = this.#document.read()) !== null;) yield chunk as Uint8Array;
  }

  /** Ends the document; what is left of it. */
  async *end(): AsyncGenerator<Uint8Array> {
    this.#document.end();
    for await (const chunk of this.#document) yield chunk as unknown as Uint8Array;
  }

  #hasGlyph(codePoint: number): boolean {
    // What pdfkit's types leave out: the font that is open now.
    const { _font: font } = this.#document as unknown as {
      readonly _font: { readonly font: { hasGlyphForCodePoint(point: number): boolean } };
    };
    return font.font.hasGlyphForCodePoint(codePoint);
  }
}
