import { isTooLong, readMarkdown } from "./markdown.ts";
import type { Fault, Rule } from "../rule.ts";
import type { SourceFile } from "../source-files.ts";

function judge({ path, text }: SourceFile): Fault[] {
  return readMarkdown(text).flatMap((line, index) =>
    line.isProse && isTooLong(line.text)
      ? [
          {
            path,
            line: index + 1,
            what: `has ${line.text.length} columns; infra/check/documents/wrap-files.ts breaks it`,
          },
        ]
      : [],
  );
}

/** Lines of documents end at MAX_PROSE_COLUMNS. */
export const proseRule: Rule = {
  name: "prose",
  judge: (files) => ({ faults: files.filter(({ path }) => path.endsWith(".md")).flatMap(judge) }),
};
