/**
 * A URL as a log or a message may show it: user, password, query and fragment are left out, and so
 * is the path of a web address, where providers of nodes put their keys. What is no URL is not
 * shown at all.
 */
export function redactUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "(not a URL)";
  }
  const { protocol, host, pathname, username, password } = url;
  const user = username === "" && password === "" ? "" : "…@";
  const isWeb = protocol === "http:" || protocol === "https:" || protocol === "ws:" || protocol === "wss:";
  const path = pathname === "" || pathname === "/" ? "" : isWeb ? "/…" : pathname;
  return `${protocol}//${user}${host}${path}`;
}

/**
 * A text with user and password taken out of every URL in it, and nothing else: for whole lines of a
 * log, in which other parts of a URL may be what is looked for.
 */
export function redactCredentials(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>()[\]{},/\\]+@/gi, "$1…@");
}

/** A text of another library with every URL in it redacted. */
export function redactUrls(text: string): string {
  return text.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>()[\]{},]+/gi, (url) => redactUrl(url));
}
