/**
 * Loaded first in every process that judges mutants. Node strips types but carries out no decorators, so the TypeScript of
 * the copied part is compiled as Jest compiles it; and whatever library asks for Jest's globals gets the substitute.
 */
import { readFileSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const { root, folder, globals } = JSON.parse(readFileSync(new URL("places.json", import.meta.url), "utf8"));
const { transformSync } = createRequire(pathToFileURL(`${root}/package.json`))("@swc/core");
const { jestBase } = await import(pathToFileURL(`${root}/jest.base.mjs`).href);
const [, settings] = jestBase.transform["^.+\\.ts$"];
const compiled = pathToFileURL(`${folder}/`).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "@jest/globals"
      ? { url: pathToFileURL(globals).href, format: "module", shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) => {
    if (!url.startsWith(compiled) || !url.endsWith(".ts") || url.includes("/node_modules/")) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, "utf8"), {
      ...settings,
      filename,
      sourceMaps: "inline",
      configFile: false,
      swcrc: false,
    });
    return { format: "module", source: code, shortCircuit: true };
  },
});
