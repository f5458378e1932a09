import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import type { OfflineFiles } from './src/offline.svelte';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Everything comes from the page's own origin; wasm may be compiled, text may not be evaluated. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The content security policy goes into the built page only: the development server injects styles. */
function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** Sizes of the wasm files: a compressed response does not tell how much is to come. */
function wasmBytes(binary: 'cpu' | 'full'): number {
  const file = here(`engine-wasm/${binary}/moge_bg.wasm`);
  return existsSync(file) ? statSync(file).size : 0;
}

/** `--mode fake` puts a stand-in with random numbers in the engine's place, to look at the page. */
const FAKE = [
  { find: /^.*\/engine-wasm\/(cpu|full)\/moge\.js$/, replacement: here('test/fake-session.ts') },
  {
    find: /^.*\/engine-wasm\/(cpu|full)\/moge_bg\.wasm\?url$/,
    replacement: here('test/fake-wasm.ts'),
  },
];

/** The stand-in opens any bytes as its dataset. */
function fakeData(): Plugin {
  return {
    name: 'fake-data',
    apply: 'build',
    generateBundle() {
      for (const name of ['dataset.moge', 'layout.moge']) {
        this.emitFile({ type: 'asset', fileName: `data/${name}`, source: 'fake' });
      }
      const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
      this.emitFile({ type: 'asset', fileName: 'data/empty.wasm', source: header });
    },
  };
}

/** Every file of a folder, by its path within it. */
function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

/** The service worker gets to know the files of the page, and a name for what is in them. */
function offlineFiles(): Plugin {
  return {
    name: 'offline-files',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const hash = createHash('sha256');
      const always = ['./'];
      const onDemand: string[] = [];
      for (const [name, file] of Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (name === SERVICE_WORKER) continue;
        hash.update(name).update(file.type === 'chunk' ? file.code : file.source);
        if (name !== 'index.html') (isFullEngine(name) ? onDemand : always).push(name);
      }
      for (const name of filesOf(here('public')).sort()) {
        hash.update(name).update(readFileSync(here(`public/${name}`)));
        always.push(name);
      }
      const files: OfflineFiles = { version: hash.digest('hex').slice(0, 16), always, onDemand };
      const worker = bundle[SERVICE_WORKER];
      if (worker?.type !== 'chunk') throw new Error('The service worker was not built.');
      const source = worker.code.replace('__OFFLINE__', JSON.stringify(files));
      delete bundle[SERVICE_WORKER];
      this.emitFile({ type: 'asset', fileName: SERVICE_WORKER, source });
    },
  };
}

/** The engine's files are named after their binary. */
const engineOf = (path: string | null | undefined) => path?.match(/engine-wasm\/(cpu|full)\//)?.[1];
const isFullEngine = (name: string) => name.startsWith('assets/engine-full-');

const SERVICE_WORKER = 'service-worker.js';

export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [svelte(), contentSecurityPolicy(), offlineFiles(), ...(mode === 'fake' ? [fakeData()] : [])],
  resolve: {
    alias: mode === 'fake' ? FAKE : [],
    // Tests run in Node, but on the client's half of Svelte.
    ...(process.env.VITEST && { conditions: ['browser'] }),
  },
  define: {
    __WASM_BYTES__: JSON.stringify({ cpu: wasmBytes('cpu'), full: wasmBytes('full') }),
    __FINISHED__: JSON.stringify(existsSync(here('public/data/finished.moge'))),
  },
  worker: {
    format: 'es' as const,
    rolldownOptions: {
      output: {
        assetFileNames: ({ originalFileNames: [path] }) =>
          `assets/${engineOf(path) ? `engine-${engineOf(path)}` : '[name]'}-[hash][extname]`,
        chunkFileNames: ({ facadeModuleId: path }) =>
          `assets/${engineOf(path) ? `engine-${engineOf(path)}` : '[name]'}-[hash].js`,
      },
    },
  },
  build: {
    rolldownOptions: {
      input: { index: here('index.html'), 'service-worker': here('src/service-worker.ts') },
      output: {
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? SERVICE_WORKER : 'assets/[name]-[hash].js',
      },
    },
    outDir: mode === 'fake' ? '../target/page-fake' : '../dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // How long a test takes says how busy the machine is, and nothing else.
  test: { include: ['test/**/*.test.ts'], reporters: ['default'], testTimeout: 60_000 },
}));
