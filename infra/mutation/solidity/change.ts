import type { Span } from "./ast.ts";

/** A small fault: these bytes of a file are replaced by that text. */
export type Change = Span & { readonly operator: string; readonly replacement: string };
