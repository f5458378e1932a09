/** The tables of a zip archive. Loaded only when there is one. */
import {
  BlobReader,
  ERR_ENCRYPTED,
  ERR_UNSUPPORTED_COMPRESSION,
  ZipReader,
} from '@zip.js/zip.js/lib/zip-core-native.js';
import type { FileEntry } from '@zip.js/zip.js/lib/zip-core-native.js';
import type { Packed } from './unpack';

/** This runs in a worker already; a wrong checksum is an error. */
const OPTIONS = { useWebWorkers: false, checkCrc32: true };

export async function tablesInZip(file: File): Promise<Packed[]> {
  const entries = await new ZipReader(new BlobReader(file), OPTIONS).getEntries().catch((error) => {
    throw new Error(problem(file.name, error), { cause: error });
  });
  const files = entries.filter((entry): entry is FileEntry => !entry.directory);
  const tables = files.filter(({ filename }) => /(^|\/)[^./][^/]*\.(csv|txt)$/i.test(filename));
  if (tables.length === 0) {
    const found = files.slice(0, 5).map(({ filename }) => filename);
    const names = found.join(', ') || '-';
    throw new Error(
      `There is no CSV file in ${file.name} (found: ${names}). Choose an archive with user_log_format1.csv.`,
    );
  }
  return tables.map((entry) => ({
    name: entry.filename.split('/').pop()!,
    size: entry.compressedSize,
    open: (read) => opened(entry, read),
    problem: (error) => problem(file.name, error),
  }));
}

/** An entry's plain bytes, unpacked no faster than they are read. */
function opened(entry: FileEntry, read: (bytes: number) => void): ReadableStream<Uint8Array> {
  const stopped = new AbortController();
  let wanted = () => {};
  let reported = 0;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const sink = new WritableStream<Uint8Array>({
        async write(chunk) {
          controller.enqueue(chunk);
          if (controller.desiredSize! <= 0) await new Promise<void>((go) => (wanted = go));
        },
      });
      const onprogress = (done: number) => {
        read(done - reported);
        reported = done;
      };
      entry.getData(sink, { ...OPTIONS, onprogress, signal: stopped.signal }).then(
        () => controller.close(),
        (error) => controller.error(error),
      );
    },
    pull: () => wanted(),
    cancel() {
      stopped.abort();
      wanted();
    },
  });
}

function problem(name: string, error: unknown): string {
  switch ((error as Error)?.message) {
    case ERR_ENCRYPTED:
      return `${name} is protected by a password. Unpack it, and choose the CSV file in it.`;
    case ERR_UNSUPPORTED_COMPRESSION:
      return `${name} is compressed in a way that cannot be read here. Unpack it, and choose the CSV file in it.`;
    default:
      return `${name} is a zip archive that was cut or damaged. Download or pack it again.`;
  }
}
