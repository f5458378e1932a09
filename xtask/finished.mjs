// Makes the finished run that the page shows before its engine is there, with the built engine:
//   node finished.mjs train DATASET LAYOUT RUN    trains it to its end
//   node finished.mjs draw RUN FILE               adds its charts: the page's `finished.moge`
// `www/src/finished/record.ts` and `draw.ts` do the work, so that run and charts are what the page understands.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const www = fileURLToPath(new URL('../www/', import.meta.url));
const engine = `${www}engine-wasm/cpu/`;
const [task, ...files] = process.argv.slice(2);

/** A module of the page's packages, which are those of `www`. */
const fromPage = (name) => import(pathToFileURL(createRequire(`${www}package.json`).resolve(name)));

// The page's language is also written to its document.
globalThis.document ??= { documentElement: {} };
const { createServer } = await fromPage('vite');
const server = await createServer({
  root: www,
  configFile: `${www}vite.config.ts`,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
try {
  const module = await import(pathToFileURL(`${engine}moge.js`));
  const wasm = await WebAssembly.compile(await readFile(`${engine}moge_bg.wasm`));
  await module.default({ module_or_path: wasm });
  if (task === 'train') {
    const { train } = await server.ssrLoadModule('/src/finished/record.ts');
    const [dataset, layout, run] = files;
    const [rows, places] = await Promise.all([readFile(dataset), readFile(layout)]);
    const tell = (step) => console.log(`finished run: step ${step}`);
    await writeFile(run, await train(module, new Uint8Array(rows), new Uint8Array(places), tell));
  } else {
    const { draw } = await server.ssrLoadModule('/src/finished/draw.ts');
    const [run, file] = files;
    const bytes = await draw(module, new Uint8Array(await readFile(run)));
    await writeFile(file, bytes);
    console.log(`${file}: ${(bytes.length / 1000).toFixed(1)} kB`);
  }
} finally {
  await server.close();
}
// Node 20 now and then waits for ever for the compiler of WebAssembly when it leaves by itself.
process.exit();
