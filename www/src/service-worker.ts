/**
 * Keeps the page for visits without a connection.
 *
 * Everything that the page needs to train on the processor is stored at the first visit; what only
 * some visitors want (the engine with WebGPU) is stored when it is fetched. Each version of the page
 * has a store of its own, named by its content. A new version waits until the person takes it; the
 * store of the version before stays one round longer, for pages that are still open.
 */

import type { OfflineFiles } from './offline.svelte';

/** Put in by the build (`vite.config.ts`). */
declare const __OFFLINE__: OfflineFiles;

/** What a service worker is, as far as it is used here: TypeScript knows pages or workers only. */
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Lasting {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Scope {
  registration: ServiceWorkerRegistration;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: Asked) => void): void;
}

const worker = self as unknown as Scope;
const { version, always, onDemand } = __OFFLINE__;

/** The stores of other pages of the same origin are not ours. */
const PREFIX = `moge ${worker.registration.scope} `;
const STORE = PREFIX + version;
const address = (path: string) => new URL(path, worker.registration.scope).href;
const onDemandAddresses = new Set(onDemand.map(address));

worker.addEventListener('install', (event) => {
  event.waitUntil(store());
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(tidy().then(() => worker.clients.claim()));
});

worker.addEventListener('message', ({ data }) => {
  if (data === 'take over') void worker.skipWaiting();
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(worker.registration.scope)) return;
  event.respondWith(answer(request));
});

/** Files whose names do not change with their content are asked for anew. */
async function store(): Promise<void> {
  const cache = await caches.open(STORE);
  const request = (path: string) =>
    new Request(address(path), { cache: path.startsWith('assets/') ? 'default' : 'no-cache' });
  await cache.addAll(always.map(request));
}

/** Removes the stores of old versions but the last. */
async function tidy(): Promise<void> {
  const mine = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== STORE);
  await Promise.all(mine.slice(0, -1).map((name) => caches.delete(name)));
}

async function answer(request: Request): Promise<Response> {
  const { origin, pathname } = new URL(request.url);
  const wanted = (origin + pathname).replace(/\/index\.html$/, '/');
  const cache = await caches.open(STORE);
  const stored = (await cache.match(wanted)) ?? (await elsewhere(wanted));
  if (stored) return stored;
  const response = await fetch(request);
  if (response.ok && onDemandAddresses.has(wanted)) await cache.put(wanted, response.clone());
  return response;
}

/** What a page of the version before asks for. */
async function elsewhere(wanted: string): Promise<Response | undefined> {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX) || name === STORE) continue;
    const stored = await (await caches.open(name)).match(wanted);
    if (stored) return stored;
  }
  return undefined;
}
