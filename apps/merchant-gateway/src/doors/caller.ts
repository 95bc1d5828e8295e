/** Who asks: a device, and how it is known. */
export interface Caller {
  /**
   * `here`: this machine, where nothing else is asked for. `proxy`: a named reverse proxy, which asks
   * people itself. `token`: a configured token. `page`: a paired browser, by its cookie. `program`: a
   * paired program, by its key.
   */
  readonly kind: "here" | "proxy" | "token" | "page" | "program";
  readonly device: { readonly id: string; readonly name: string };
}

/** This machine itself. */
export const HERE: Caller = { kind: "here", device: { id: "here", name: "This machine" } };

/** Whoever a named reverse proxy lets in. */
export const PROXY: Caller = { kind: "proxy", device: { id: "proxy", name: "Reverse proxy" } };

/** A caller with one of the configured tokens. */
export function tokenCaller(index: number): Caller {
  return { kind: "token", device: { id: `token-${index + 1}`, name: `Token ${index + 1}` } };
}
