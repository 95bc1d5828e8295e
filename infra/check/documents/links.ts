import { posix } from "node:path";
import { readMarkdown } from "./markdown.ts";
import { lineAt, type Fault, type Rule } from "../rule.ts";
import type { SourceFile } from "../source-files.ts";

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;

/** What a heading is called in a link, as GitHub and most renderers name it. */
export function anchorOf(heading: string): string {
  return heading
    .replace(/^#+\s+/, "")
    .replace(/`|\*|\[([^\]]*)\]\([^)]*\)/g, "$1")
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

function anchorsIn(text: string): Set<string> {
  const headings = readMarkdown(text).filter(({ text: line }) => /^#{1,6}\s/.test(line));
  return new Set(headings.map(({ text: line }) => anchorOf(line)));
}

/** The text with blocks and pieces of code blanked out; lines and places stay. */
function withoutCode(text: string): string {
  return text.replace(/^(\s*)(`{3,}|~{3,})[^]*?^\s*\2[^\n]*$|`[^`\n]*`/gm, (code) => code.replace(/[^\n]/g, " "));
}

/** Links of one document to files and headings that are not there. */
export function judgeLinks(file: SourceFile, texts: ReadonlyMap<string, string>, paths: ReadonlySet<string>): Fault[] {
  return [...withoutCode(file.text).matchAll(LINK)].flatMap(({ 1: target = "", index }) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [place = "", anchor = ""] = target.split("#");
    const path = place === "" ? file.path : posix.join(posix.dirname(file.path), place).replace(/\/$/, "");
    const at = { path: file.path, line: lineAt(file.text, index) };
    if (!paths.has(path)) return [{ ...at, what: `links to ${target}, which is not there` }];
    if (anchor !== "" && !anchorsIn(texts.get(path) ?? "").has(anchor))
      return [{ ...at, what: `links to the heading ${target}, which is not there` }];
    return [];
  });
}

/** All folders in which the files lie, and the files themselves. */
export function placesOf(paths: readonly string[]): Set<string> {
  const places = new Set<string>();
  for (const path of paths) {
    for (let place = path; place !== "."; place = posix.dirname(place)) places.add(place);
  }
  return places;
}

/** Relative links of documents lead to what is there, headings included. */
export const linksRule: Rule = {
  name: "links",
  judge: (files, otherPaths) => {
    const texts = new Map(files.map(({ path, text }) => [path, text]));
    const paths = placesOf([...texts.keys(), ...otherPaths]);
    return {
      faults: files.filter(({ path }) => path.endsWith(".md")).flatMap((file) => judgeLinks(file, texts, paths)),
    };
  },
};
