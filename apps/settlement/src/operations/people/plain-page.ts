import { html, type Html } from "../console/html.ts";
import { COLOURS } from "../console/view/style.ts";

/** What stands on a page besides its content. */
export interface PlainPage {
  readonly title: string;
  readonly style: string;
  readonly content: Html;
  /** Paths of this service, in their order. */
  readonly scripts?: readonly string[];
}

/** A page without any frame, for the ways in. */
export function plainPage({ title, style, content, scripts = [] }: PlainPage): string {
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Tallystick settlement</title>
        <style>
          ${COLOURS}${style}
        </style>
      </head>
      <body>
        <main>${content}</main>
        ${scripts.map((path) => html`<script src="${path}"></script>`)}
      </body>
    </html>`;
  return text;
}
