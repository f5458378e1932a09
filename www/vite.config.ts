import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

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

export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [svelte(), contentSecurityPolicy(), ...(mode === 'fake' ? [fakeData()] : [])],
  resolve: {
    alias: mode === 'fake' ? FAKE : [],
    // Tests run in Node, but on the client's half of Svelte.
    ...(process.env.VITEST && { conditions: ['browser'] }),
  },
  define: {
    __WASM_BYTES__: JSON.stringify({ cpu: wasmBytes('cpu'), full: wasmBytes('full') }),
    __FINISHED__: JSON.stringify(existsSync(here('public/data/finished.moge'))),
  },
  worker: { format: 'es' as const },
  build: {
    outDir: mode === 'fake' ? '../target/page-fake' : '../dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { include: ['test/**/*.test.ts'], reporters: ['default'] },
}));
