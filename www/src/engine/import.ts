/** Reads the contest's files into a dataset: finds out which is which, unpacks them, and feeds them on. */
import type { ImportOptions, ImportProgress, Imported, SessionModule } from './protocol';
import { tablesIn, unpacked } from './unpack';
import type { Packed } from './unpack';

/** Milliseconds between two reports to the page. */
const REPORT_EVERY = 100;
/** Bytes of a table that are looked at for its header. */
const HEADER_BYTES = 4096;

export async function readLog(
  Importer: SessionModule['Importer'],
  files: File[],
  options: ImportOptions,
  progress: ImportProgress,
): Promise<Imported> {
  const { log, info } = await assigned(files);
  const total = log.size + (info?.size ?? 0);
  const importer = new Importer(log.name, info?.name ?? '', options);
  let done = 0;
  let told = -Infinity;
  const read = (bytes: number) => (done += bytes);
  const tell = async () => {
    if (performance.now() - told < REPORT_EVERY) return;
    told = performance.now();
    await progress('reading', Math.min(1, done / total), importer.rows());
  };
  try {
    if (info) for await (const chunk of unpacked(info, read)) importer.pushInfo(chunk);
    for await (const chunk of unpacked(log, read)) {
      importer.pushLog(chunk);
      await tell();
    }
    const rows = importer.rows();
    await progress('building', 0, rows);
    return importer.finish((share) => void progress('building', share, rows));
  } finally {
    importer.free();
  }
}

/** Which of the tables is the log, and which the users', by their headers. */
async function assigned(files: File[]): Promise<{ log: Packed; info: Packed | null }> {
  const tables = (await Promise.all(files.map(tablesIn))).flat();
  const headers = await Promise.all(tables.map(header));
  const having = (column: string) => tables.filter((_, at) => headers[at]!.includes(column));
  const logs = having('action_type');
  const [info = null] = having('age_range');
  // A single table is taken for the log: the reader says what is wrong with it.
  const log = logs[0] ?? (tables.length === 1 && !info ? tables[0] : undefined);
  if (!log) {
    const names = tables.map(({ name }) => name).join(', ');
    throw new Error(
      `None of these tables is the log (found: ${names}): its header has a column action_type. Choose user_log_format1.csv as well.`,
    );
  }
  if (logs.length > 1) {
    const names = logs.map(({ name }) => name).join(', ');
    throw new Error(`There are ${logs.length} logs: ${names}. Choose one of them.`);
  }
  return { log, info };
}

/** The columns that a table begins with. */
async function header(table: Packed): Promise<string[]> {
  let start = '';
  const decoder = new TextDecoder();
  for await (const chunk of unpacked(table)) {
    start += decoder.decode(chunk.subarray(0, HEADER_BYTES), { stream: true });
    if (start.length >= HEADER_BYTES || start.includes('\n')) break;
  }
  return start
    .split(/[\r\n]/, 1)[0]!
    .split(',')
    .map((name) => name.replace(/["\ufeff]/g, '').trim());
}
