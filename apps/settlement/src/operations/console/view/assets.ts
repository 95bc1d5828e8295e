import { createHash } from "node:crypto";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** A file that pages load, by a name that changes with its contents. */
export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

function asset(name: string, ending: string, type: string, text: string): Asset {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, "01234567".length);
  return { path: `/console/assets/${name}-${hash}.${ending}`, type, text };
}

export const styleAsset = asset("style", "css", "text/css; charset=utf-8", STYLE);
export const scriptAsset = asset("live", "js", "text/javascript; charset=utf-8", SCRIPT);
