import { mkdir, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../target/browser/pictures", import.meta.url));
const VARIANTS = ["light-1366", "light-390", "dark-1366", "dark-390"];
const NAME = new RegExp(`-(?:${VARIANTS.join("|")})\\.png$`);

const STYLE = `
  body { margin: 24px; font: 14px system-ui; color-scheme: light dark; }
  h2 { margin: 32px 0 8px; font-size: 15px; }
  div { display: flex; gap: 12px; align-items: flex-start; }
  img { height: 260px; border: 1px solid #8888; }
`;

/** Writes the page that shows the pictures of every journey, once all have run. */
export default async function writeAlbum(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const files = new Set(await readdir(FOLDER));
  const names = [...files].filter((file) => NAME.test(file)).map((file) => file.replace(NAME, ""));
  const screens = [...new Set(names)].sort().map((name) => {
    const pictures = VARIANTS.map((variant) => `${name}-${variant}.png`)
      .filter((file) => files.has(file))
      .map((file) => `<a href="${file}"><img src="${file}" alt="${file}" loading="lazy"></a>`);
    return `<h2>${name}</h2><div>${pictures.join("")}</div>`;
  });
  const page = `<!doctype html><meta charset="utf-8"><title>Gancho</title><style>${STYLE}</style>
<h1>${screens.length} screens</h1>${screens.join("\n")}\n`;
  await writeFile(`${FOLDER}/index.html`, page);
}
