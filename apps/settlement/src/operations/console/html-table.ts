import { html, type Html } from "./html.ts";

/** A cell: text in the page's fixed width, or HTML of its own. */
export type Cell = string | Html;

/** Bytes of an address or more, as they stand in the texts of this page. */
const LONG_HEX = /(0x[0-9a-f]{40,})/;

/** A table that scrolls by itself on a narrow screen; a sentence where there is nothing to show. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[], none: string): Html {
  if (rows.length === 0) return html`<p class="none">${none}</p>`;
  return html`<div class="scroll">
    <table>
      <tr>
        ${heads.map((head) => html`<th>${head}</th>`)}
      </tr>
      ${rows.map(
        (row) =>
          html`<tr>
            ${row.map((cell) => html`<td><code>${cellHtml(cell)}</code></td>`)}
          </tr>`,
      )}
    </table>
  </div>`;
}

/** Lines one below the other in one cell. */
export function lines(list: readonly string[]): Html {
  return html`${list.map((line, index) => html`${index === 0 ? null : html`<br />`}${cellHtml(line)}`)}`;
}

/**
 * Long hexadecimal values take the room of their first digits; their whole value is in the title,
 * and it is what a selection copies, because the browser shortens them and not the document.
 */
function cellHtml(cell: Cell): Html {
  if (typeof cell !== "string") return cell;
  const parts = cell.split(LONG_HEX);
  return html`${parts.map((part) =>
    LONG_HEX.test(part) ? html`<span class="hash" title="${part}">${part}</span>` : html`${part}`,
  )}`;
}
