// After the bundler: compresses every file, writes the licences of the bundled packages, and a report
// of sizes (see src/sizes.rs). Called with the folder of the build.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = process.argv[2];
const read = (path) => readFileSync(join(dist, path));
const json = (path) => JSON.parse(read(path).toString());

const page = read("index.html").toString();
const place = '<meta name="csp-nonce" content="">';
if (page.split(place).length !== 2) throw new Error(`index.html needs exactly one ${place}`);
if (/ style=| on[a-z]+=|<script(?![^>]* src=)|<style/i.test(page))
  throw new Error("index.html has a script or a style of its own, which the policy forbids");

const manifest = json(".vite/manifest.json");
const licences = json(".vite/license.json").sort((a, b) => a.name.localeCompare(b.name));
const of = ({ name, version, identifier, text }) =>
  `${name} ${version}\n${identifier ?? "no licence"}\n\n${(text ?? "").trim()}\n`;
writeFileSync(join(dist, "assets", "licences.txt"), licences.map(of).join("\n----\n\n"));
rmSync(join(dist, ".vite"), { recursive: true });

// Sizes by name; the compressed files replace nothing, since the local host reads all three.
const brotli = new Map();
let packed = statSync(join(dist, "index.html")).size;
for (const name of readdirSync(join(dist, "assets"))) {
  const bytes = read(join("assets", name));
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const [br, gz] = [brotliCompressSync(bytes, { params }), gzipSync(bytes, { level: 9 })];
  writeFileSync(join(dist, "assets", `${name}.br`), br);
  writeFileSync(join(dist, "assets", `${name}.gz`), gz);
  brotli.set(`assets/${name}`, br.length);
  packed += br.length + gz.length;
}

// The files that a module loads with its static imports.
function closure(keys, files = new Set(), seen = new Set()) {
  for (const key of keys) {
    if (seen.has(key)) continue;
    seen.add(key);
    const { file, css = [], imports = [] } = manifest[key];
    for (const one of [file, ...css]) files.add(one);
    closure(imports, files, seen);
  }
  return files;
}
const sum = (files) => [...files].reduce((total, file) => total + (brotli.get(file) ?? 0), 0);
const keys = Object.keys(manifest);
// The page names the first script and the styles, which the manifest does not know.
const linked = [...page.matchAll(/(?:src|href)="\/console\/(assets\/[^"]+)"/g)].map(([, file]) => file);
const entry = closure(keys.filter((key) => manifest[key].isEntry), new Set(linked));
// One language, and the screen of the history.
const first = keys.filter((key) => /^src\/(words\/pt\/|screens\/history\/)/.test(key));
const history = closure(first, new Set(entry));
const styles = [...brotli.keys()].filter((name) => name.endsWith(".css"));
const lines = [
  ["entry", sum(entry)],
  ["history", sum(history)],
  // The page, the session and the token come before the API's answers.
  ["requests", history.size + 3],
  ["all", sum([...brotli.keys()].filter((name) => !name.endsWith(".txt")))],
  ["binary", packed],
  ["styles", sum(styles)],
  ["packages", licences.length],
  ...licences.map(({ name, identifier }) => ["package", name, identifier ?? ""]),
];
writeFileSync(join(dist, "report.txt"), lines.map((line) => `${line.join(" ")}\n`).join(""));
