/**
 * Takes the README's first picture from a sandbox that runs (`pnpm demo --keep`): one terminal has just been paid, the
 * other one sells without its line. `node infra/bootstrap/source.mjs infra/demo/src/picture.ts [CHROMIUM]` writes
 * `docs/pictures/sandbox.webp`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@tallystick/stack";
import { type Browser, chromium, type Page } from "playwright-core";
import { MAX_PICTURE_BYTES, PICTURE_QUALITY, PICTURE_SIZE, SETTLE_MS } from "./limits.ts";

const [executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
const root = projectRoot();

async function arrange(page: Page, sandbox: string): Promise<void> {
  await page.goto(sandbox);
  const press = async (name: string): Promise<void> => {
    await page.getByRole("button", { name, exact: true }).click();
    await page.locator("body:not(.busy)").waitFor();
  };
  await page.locator("#terminal-B iframe").waitFor();
  for (const name of ["Dana", "Eli"])
    if (await page.getByRole("button", { name: `Take ${name}'s card away` }).isVisible())
      await press(`Take ${name}'s card away`);
  await press("Hold Dana's card to A");
  await press("Hold Eli's card to B");
  const terminal = page.frameLocator("#terminal-A iframe");
  for (const key of ["1", "2", ".", "5", "0", "Take payment"])
    await terminal.getByRole("button", { name: key, exact: true }).click();
  await terminal.getByText("Paid", { exact: false }).first().waitFor();
  await page.waitForTimeout(SETTLE_MS);
  await page.evaluate("scrollTo(0, 0)");
}

/** Chromium itself makes a WebP of what it has drawn. What it runs is a text: these sources know no browser. */
async function asWebp(browser: Browser, png: Buffer): Promise<Buffer> {
  const page = await browser.newPage();
  const source = JSON.stringify(`data:image/png;base64,${png.toString("base64")}`);
  const url = await page.evaluate<string>(`(async () => {
    const image = new Image();
    image.src = ${source};
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", ${PICTURE_QUALITY});
  })()`);
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

const { sandbox } = JSON.parse(readFileSync(join(root, ".tallystick", "run.json"), "utf8")) as { sandbox: string };
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: PICTURE_SIZE, colorScheme: "light", locale: "en" });
  await arrange(page, sandbox);
  const picture = await asWebp(browser, await page.screenshot());
  if (picture.length > MAX_PICTURE_BYTES)
    throw new Error(`the picture has ${picture.length} bytes; ${MAX_PICTURE_BYTES} at most`);
  mkdirSync(join(root, "docs/pictures"), { recursive: true });
  writeFileSync(join(root, "docs/pictures/sandbox.webp"), picture);
  process.stderr.write(`docs/pictures/sandbox.webp, ${picture.length} bytes\n`);
} finally {
  await browser.close();
}
