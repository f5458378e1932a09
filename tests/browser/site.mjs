// A server for the built page that can be switched off, and that knows what it has sent.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
/** Not at the top: the page must work from any path. */
const BASE = '/a/sub/path/';
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

/** Serves `dist/`; `changed` gives other contents for some files, by name. */
export async function serve(changed = {}, port = 0) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const name = normalize(pathname.slice(BASE.length) || 'index.html');
    const file = join(DIST, name);
    if (!pathname.startsWith(BASE) || name.startsWith('..') || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' });
    response.end(changed[name]?.(readFileSync(file, 'utf8')) ?? readFileSync(file));
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    address: `http://127.0.0.1:${server.address().port}${BASE}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** The run in `finished.moge`, without its arrays (docs/formats.md). */
export function finishedRun() {
  const file = gunzipSync(readFileSync(join(DIST, 'data/finished.moge')));
  return JSON.parse(file.subarray(4, 4 + file.readUInt32LE(0))).run;
}
