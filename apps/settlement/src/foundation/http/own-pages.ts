import { timingSafeEqual } from "node:crypto";
import { Problem } from "./problem.ts";

/** A request as far as it shows which page sent it. */
export interface PageRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
}

/** The header in which a script sends the form token; a form sends it as the field FORM_FIELD. */
export const FORM_HEADER = "tallystick-form";
export const FORM_FIELD = "formToken";

/** Whether a method changes nothing, so that any page may cause it. */
export function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/**
 * Whether a request comes from a page of this very service. Browsers say so in `Sec-Fetch-Site`, and
 * older ones in `Origin`, which the doors have compared with `Host`; who sends neither is none.
 */
export function isFromOwnPage({ headers }: PageRequest): boolean {
  const site = headers["sec-fetch-site"];
  return site === undefined ? headers["origin"] !== undefined : site === "same-origin";
}

/**
 * Refuses what a session's cookie would change without a page of that session: another origin, or
 * without its form token. Takes the token out of the body, which has its documented form then.
 * Throws Problem FORM_TOKEN.
 */
export function assertOwnForm(request: PageRequest, formToken: string): void {
  if (!isFromOwnPage(request)) throw new Problem("FORM_TOKEN", "Only this service's own pages may send this.");
  const given = request.headers[FORM_HEADER] ?? takeField(request.body);
  if (typeof given === "string" && sameText(given, formToken)) return;
  throw new Problem("FORM_TOKEN", "Load the page again: it belongs to another session, or to none.");
}

function takeField(body: unknown): unknown {
  if (typeof body !== "object" || body === null || !(FORM_FIELD in body)) return undefined;
  const fields = body as Record<string, unknown>;
  const { [FORM_FIELD]: given } = fields;
  delete fields[FORM_FIELD];
  return given;
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
