import { applyDecorators, Header } from "@nestjs/common";

/**
 * What a console page may load and do: the service's own style and script, and forms to itself;
 * nothing inline, nothing of anybody else's, and no frame around it.
 */
export const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The headers of a page of the console. */
export const ConsolePage = () =>
  applyDecorators(
    Header("content-type", "text/html; charset=utf-8"),
    Header("content-security-policy", POLICY),
    Header("cache-control", "no-store"),
  );
