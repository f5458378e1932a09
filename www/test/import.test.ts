import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readLog } from '../src/engine/import';
import type {
  ImportOptions,
  ImportProgress,
  Imported,
  Importer,
  Progress,
} from '../src/engine/protocol';
import { tablesIn, unpacked } from '../src/engine/unpack';
import { zip } from './archive';
import type { Member } from './archive';

const HEADER = 'user_id,item_id,cat_id,seller_id,brand_id,time_stamp,action_type\n';
const LOG =
  HEADER + Array.from({ length: 20_000 }, (_, i) => `${i % 97},${i},1,2,3,0829,0\n`).join('');
const INFO = 'user_id,age_range,gender\n1,3,0\n';
const LOG_FILE: Member = { name: 'data_format1/user_log_format1.csv', text: LOG };
const INFO_FILE: Member = { name: 'data_format1/user_info_format1.csv', text: INFO };

const file = (content: BlobPart, name = 'log.csv') => new File([content], name);
const packed = (text: string) => new Uint8Array(gzipSync(text));

/** The tables of a file as text, by name, and how many of its bytes were read. */
async function contents(from: File) {
  const texts: Record<string, string> = {};
  let read = 0;
  for (const table of await tablesIn(from)) {
    const parts: Uint8Array[] = [];
    for await (const chunk of unpacked(table, (bytes) => (read += bytes)))
      parts.push(chunk.slice());
    texts[table.name] = Buffer.concat(parts).toString();
  }
  return { texts, read };
}

describe('unpacking', () => {
  test('plain text comes as it is', async () => {
    expect(await contents(file(LOG))).toEqual({ texts: { 'log.csv': LOG }, read: LOG.length });
  });

  test('a plain file passes through one buffer, where it can be read so', async () => {
    const large = LOG.repeat(8);
    const read = await contents(file(large));
    expect(read).toEqual({ texts: { 'log.csv': large }, read: large.length });

    const [table] = await tablesIn(file(large));
    const chunks: Uint8Array[] = [];
    for await (const chunk of unpacked(table!)) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      expect(chunks.every(({ byteLength }) => byteLength === 0)).toBe(true);
      chunks.push(chunk);
    }
    expect(chunks.length).toBeGreaterThan(1);

    const unable = file(large);
    unable.stream = () => new Blob([large]).stream().pipeThrough(new TransformStream());
    expect(await contents(unable)).toEqual(read);
  });

  test('gzip is known by its first bytes, whatever its name', async () => {
    const bytes = packed(LOG);
    const { texts, read } = await contents(file(bytes, 'log.csv'));
    expect(texts).toEqual({ 'log.csv': LOG });
    expect(read).toBe(bytes.length);
    expect(Object.keys((await contents(file(bytes, 'log.csv.gz'))).texts)).toEqual(['log.csv']);
  });

  test.each<[string, Partial<Member>]>([
    ['deflated', {}],
    ['stored', { stored: true }],
    ['with zip64 sizes', { zip64: true }],
  ])('the tables of a zip, %s, and nothing else of it', async (_, how) => {
    const members = [
      { ...LOG_FILE, ...how },
      { ...INFO_FILE, ...how },
      { name: 'data_format1/readme.md', text: 'read me' },
      { name: '__MACOSX/data_format1/._user_log_format1.csv', text: '\0' },
    ];
    const { texts } = await contents(file(zip(members), 'contest.zip'));
    expect(texts).toEqual({ 'user_log_format1.csv': LOG, 'user_info_format1.csv': INFO });
  });

  test('an entry of a zip is unpacked no further than it is read', async () => {
    const from = file(zip([{ ...LOG_FILE, text: LOG.repeat(20) }]));
    const [table] = await tablesIn(from);
    let read = 0;
    for await (const chunk of unpacked(table!, (bytes) => (read += bytes))) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(read).toBeLessThan(from.size);
  });

  const cut = (bytes: Uint8Array<ArrayBuffer>) => bytes.slice(0, bytes.length / 2);
  const spoilt = (bytes: Uint8Array<ArrayBuffer>) => bytes.fill(7, bytes.length / 2);
  test.each<[string, File, RegExp]>([
    ['an empty file', file(''), /log\.csv is empty/],
    ['a cut gzip', file(cut(packed(LOG))), /log\.csv is a gzip file that was cut or damaged/],
    ['a damaged gzip', file(spoilt(packed(LOG))), /gzip file that was cut or damaged/],
    [
      'a cut zip',
      file(cut(zip([LOG_FILE])), 'a.zip'),
      /a\.zip is a zip archive that was cut or damaged/,
    ],
    ['a wrong checksum', file(zip([{ ...LOG_FILE, damaged: true }]), 'a.zip'), /cut or damaged/],
    [
      'a password',
      file(zip([{ ...LOG_FILE, encrypted: true }]), 'a.zip'),
      /protected by a password/,
    ],
    [
      'a zip of pictures',
      file(zip([{ name: 'a.png', text: 'x' }]), 'a.zip'),
      /no CSV file in a\.zip \(found: a\.png\)/,
    ],
    ['a 7z archive', file(Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c)), /is a 7z archive/],
    [
      'an image',
      file(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13)),
      /is no table of text/,
    ],
  ])('%s is named', async (_, from, message) => {
    await expect(contents(from)).rejects.toThrow(message);
  });
});

/** An importer that keeps what it is given. */
class Recorder implements Importer {
  static last: Recorder;
  log = '';
  info = '';
  freed = false;
  constructor(
    readonly logName: string,
    readonly infoName: string,
    readonly options: ImportOptions,
  ) {
    Recorder.last = this;
  }
  pushLog(chunk: Uint8Array) {
    this.log += Buffer.from(chunk).toString('latin1');
    if (this.log.includes('wrong')) throw new Error('line 2: wrong');
  }
  pushInfo(chunk: Uint8Array) {
    this.info += Buffer.from(chunk).toString('latin1');
  }
  rows() {
    return this.log.split('\n').length - 2;
  }
  finish(progress: Progress) {
    progress(0.5);
    progress(1);
    return { rows: this.rows() } as Imported;
  }
  free() {
    this.freed = true;
  }
}

const OPTIONS = { users: 10, items: 50 };
const read = (files: File[], told: Parameters<ImportProgress>[] = []) =>
  readLog(Recorder, files, OPTIONS, (...progress) => void told.push(progress));

describe('reading a log', () => {
  const both = [
    ['in this order', [file(LOG, 'a.csv'), file(packed(INFO), 'b.csv')]],
    ['in the other order', [file(packed(INFO), 'b.csv'), file(LOG, 'a.csv')]],
    ['in one zip', [file(zip([INFO_FILE, LOG_FILE]))]],
  ] as const;
  test.each(both)('tells log and users apart by their headers, %s', async (_, files) => {
    const told: Parameters<ImportProgress>[] = [];
    expect(await read([...files], told)).toEqual({ rows: 20_000 });
    const { last } = Recorder;
    expect(last.log).toBe(LOG);
    expect(last.info).toBe(INFO);
    expect(last.options).toEqual(OPTIONS);
    expect(last.logName).toMatch(/^(a|user_log_format1)\.csv$/);
    expect(last.freed).toBe(true);
    const shares = told.flatMap(([part, share]) => (part === 'reading' ? [share] : []));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(told.slice(shares.length)).toEqual([
      ['building', 0, 20_000],
      ['building', 0.5, 20_000],
      ['building', 1, 20_000],
    ]);
  });

  test('reads a log alone', async () => {
    await read([file(LOG)]);
    expect(Recorder.last.info).toBe('');
  });

  test('leaves what is wrong with a single table to the reader', async () => {
    await read([file('a,b\n1,2\n', 'mine.csv')]);
    expect(Recorder.last.logName).toBe('mine.csv');
  });

  test('asks for the log where there is none, and for one where there are two', async () => {
    await expect(read([file(INFO, 'b.csv')])).rejects.toThrow(
      /None of these tables is the log.*b\.csv/,
    );
    await expect(read([file(LOG, 'a.csv'), file(LOG, 'c.csv')])).rejects.toThrow(
      /2 logs: a\.csv, c\.csv/,
    );
  });

  test('frees the importer when it refuses a row', async () => {
    await expect(read([file(`${HEADER}wrong\n`)])).rejects.toThrow('line 2: wrong');
    expect(Recorder.last.freed).toBe(true);
  });
});
