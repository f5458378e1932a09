// Prints what a visitor downloads: `node sizes.mjs DIST ENGINE_WASM...`, a row per group of files.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const [dist, ...engines] = process.argv.slice(2);

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

const groups = new Map();
function add(group, path) {
  const bytes = readFileSync(path);
  const row = groups.get(group) ?? { raw: 0, gzip: 0, brotli: 0 };
  row.raw += bytes.length;
  row.gzip += gzipSync(bytes, { level: 9 }).length;
  row.brotli += brotliCompressSync(bytes).length;
  groups.set(group, row);
}

for (const path of walk(dist)) {
  if (path.endsWith('.wasm')) continue;
  const data = relative(dist, path).startsWith('data');
  add(data ? `data: ${basename(path)}` : 'page: html, css, js', path);
}
for (const path of engines) add(`engine: ${basename(dirname(path))}`, path);

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(12);
console.log(''.padEnd(32) + ['raw', 'gzip', 'brotli'].map((name) => name.padStart(12)).join(''));
for (const [name, { raw, gzip, brotli }] of [...groups].sort()) {
  console.log(name.padEnd(32) + [raw, gzip, brotli].map(kilobytes).join(''));
}
