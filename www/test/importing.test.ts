import { describe, expect, test, vi } from 'vitest';
import type { Data } from '../src/engine/client';
import { compile } from '../src/engine/compile';
import { Importing } from '../src/importing.svelte';
import { text } from '../src/text';
import { workers } from './scripted';

const HEADER = 'user_id,item_id,cat_id,seller_id,brand_id,time_stamp,action_type\n';
const LOG = new File([HEADER, '1,2,3,4,5,0829,0\n'.repeat(50_000)], 'log.csv');

function importing() {
  const { makeClient, sessions, ended, deaths } = workers();
  const opened: Data[] = [];
  // The first worker of the page is the desk's.
  makeClient({ waiting() {}, recovered() {}, reopened() {}, failed() {} }, null).load('flex');
  const store = new Importing(makeClient, async (data) => void opened.push(data));
  return { store, opened, sessions, ended, deaths };
}

describe('reading a log', () => {
  test('gives a preview, which is opened on request, and its worker back', async () => {
    const { store, opened, ended } = importing();
    store.users = 700;
    await store.read([LOG]);
    expect(store.problem).toBeNull();
    expect(store.result).toMatchObject({ rows: 50_000, card: { name: 'log.csv', users: 700 } });
    expect(store.reading).toBeNull();
    expect(ended).toHaveLength(1);
    expect(opened).toEqual([]);
    const { dataset, layout } = store.result!;
    await store.use();
    expect(opened).toEqual([{ dataset, layout }]);
    expect(store.result).toBeNull();
  });

  test('again, for another size, reads the same files', async () => {
    const { store } = importing();
    await store.read([LOG]);
    store.users = 500;
    await store.again();
    expect(store.result?.card).toMatchObject({ name: 'log.csv', users: 500 });
  });

  test('is stopped at once, and says nothing any more', async () => {
    const { store, ended } = importing();
    const reading = store.read([LOG]);
    await vi.waitFor(() => expect(store.reading).not.toBeNull());
    store.discard();
    expect(store.reading).toBeNull();
    expect(ended).toHaveLength(1);
    await reading;
    expect([store.reading, store.result, store.problem]).toEqual([null, null, null]);
  });

  test('says what is wrong with a file, and reads the next one', async () => {
    const { store } = importing();
    await store.read([new File([''], 'empty.csv')]);
    expect(store.problem).toMatch(/empty\.csv is empty/);
    await store.read([LOG]);
    expect(store.problem).toBeNull();
    expect(store.result).not.toBeNull();
  });

  test('says what to do when its worker breaks', async () => {
    const { store, deaths } = importing();
    const reading = store.read([LOG]);
    await vi.waitFor(() => expect(deaths).toHaveLength(1));
    deaths[0]!('out of memory');
    await reading;
    expect(store.problem).toBe(text.importing.broke);
    expect(store.reading).toBeNull();
  });
});

describe('a binary that cannot be compiled', () => {
  const of = (bytes: BodyInit) => compile(new Response(bytes), 'moge_bg.wasm');

  test('is compiled where it is good', async () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    await expect(of(empty)).resolves.toBeInstanceOf(WebAssembly.Module);
  });

  test('is damaged', async () => {
    await expect(of('<html>')).rejects.toThrow(
      /moge_bg\.wasm cannot be compiled: the file is damaged/,
    );
  });

  test('is cut off by the network', async () => {
    const broken = new ReadableStream({ pull: (c) => c.error(new TypeError('network error')) });
    await expect(of(broken)).rejects.toThrow(/moge_bg\.wasm could not be fetched to its end/);
  });

  test('is forbidden by a policy, or by the browser', async () => {
    const { CompileError } = WebAssembly;
    vi.spyOn(WebAssembly, 'compileStreaming').mockRejectedValueOnce(
      new CompileError("'unsafe-eval' is not an allowed source of script: Content Security Policy"),
    );
    await expect(of('')).rejects.toThrow(/Content-Security-Policy forbids WebAssembly/);
    vi.stubGlobal('WebAssembly', undefined);
    await expect(of('')).rejects.toThrow(/switched off in this browser/);
    vi.unstubAllGlobals();
  });
});
