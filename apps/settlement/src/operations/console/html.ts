/** Text that is HTML already; made by `html` alone, so that nothing unescaped reaches a page. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const replacements: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes for element content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => replacements[character] ?? character);
}

type Value = string | number | bigint | null | Html | readonly Html[];

/** A tagged template that escapes every value which is not HTML already. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const written = values.map((value) => {
    if (value === null) return "";
    if (value instanceof Html) return value.text;
    if (Array.isArray(value)) return value.map((part: Html) => part.text).join("");
    return escapeHtml(String(value));
  });
  return new Html(parts.map((part, index) => part + (written[index] ?? "")).join(""));
}
