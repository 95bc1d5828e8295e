/** Builds the page into a folder, `dist/page` when left out; answers the folder and what is in it. */
export function buildPage(folder?: string): Promise<{ readonly folder: string; readonly files: readonly string[] }>;
