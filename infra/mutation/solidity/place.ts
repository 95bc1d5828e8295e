import type { Span } from "./ast.ts";

/** A place in lines and columns, both from 1. */
export type Place = { readonly line: number; readonly column: number };

/** Where a piece of source starts and ends. */
export function placeOf(source: string, { start, end }: Span): { readonly start: Place; readonly end: Place } {
  return { start: at(source, start), end: at(source, end) };
}

function at(source: string, offset: number): Place {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
