/**
 * The tables inside the files that a person brings: plain, gzip, or packed in a zip; told apart by
 * their first bytes. Nothing is unpacked before it is read, and a file is never held whole.
 */

/** A table as it lies in its file. */
export interface Packed {
  name: string;
  /** Bytes of the file that hold it. */
  size: number;
  /** Its plain bytes; `read` is told how many bytes of the file have been read for the next ones. */
  open(read: (bytes: number) => void): ReadableStream<Uint8Array>;
  /** Why `open` failed, for people. */
  problem(error: unknown): string;
}

/** First bytes of what can be recognised but not read. */
const FOREIGN: [name: string, start: number[]][] = [
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf]],
  ['a rar archive', [0x52, 0x61, 0x72, 0x21]],
  ['an xz file', [0xfd, 0x37, 0x7a, 0x58]],
  ['a bzip2 file', [0x42, 0x5a, 0x68]],
  ['a zstd file', [0x28, 0xb5, 0x2f, 0xfd]],
  ['an Excel workbook', [0xd0, 0xcf, 0x11, 0xe0]],
];
/** Bytes of a file that are read at once. */
const CHUNK_BYTES = 1 << 20;
const GZIP = [0x1f, 0x8b];
const ZIP = [0x50, 0x4b];
/** Names of the errors of a file that is not there any more. */
const UNREADABLE = ['NotReadableError', 'NotFoundError'];

/** The tables in a file: one, or those of a zip whose names say that they are. */
export async function tablesIn(file: File): Promise<Packed[]> {
  if (file.size === 0) throw new Error(`${file.name} is empty. Choose the file again.`);
  const start = new Uint8Array(await file.slice(0, 512).arrayBuffer());
  const begins = (bytes: number[]) => bytes.every((byte, at) => start[at] === byte);
  const foreign = FOREIGN.find(([, bytes]) => begins(bytes));
  if (foreign) {
    throw new Error(
      `${file.name} is ${foreign[0]}, which cannot be read here. Unpack it, and choose the CSV file in it.`,
    );
  }
  if (begins(ZIP)) {
    const { tablesInZip } = await import('./zip').catch(() => {
      throw new Error(
        'The reader of zip archives could not be fetched. Check the connection and try again.',
      );
    });
    return tablesInZip(file);
  }
  if (begins(GZIP)) return [gzip(file)];
  if (start.includes(0)) {
    throw new Error(`${file.name} is no table of text. Choose a CSV file, plain, gzip or zip.`);
  }
  return [plain(file)];
}

/**
 * Reads a table chunk by chunk; a failure says what is wrong with the file. A chunk is there until the next
 * is asked for.
 */
export async function* unpacked(
  table: Packed,
  read: (bytes: number) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const reader = table.open(read).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw new Error(table.problem(error), { cause: error });
      });
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

function plain(file: File): Packed {
  return {
    name: file.name,
    size: file.size,
    open: (read) => throughOneBuffer(file, read),
    problem: () =>
      `${file.name} cannot be read any more. Was it moved or changed? Choose it again.`,
  };
}

function gzip(file: File): Packed {
  const inner = plain(file);
  return {
    ...inner,
    name: file.name.replace(/\.gz$/i, ''),
    open: (read) =>
      file
        .stream()
        .pipeThrough(metered(read))
        .pipeThrough<Uint8Array>(new DecompressionStream('gzip') as never),
    problem: (error) =>
      UNREADABLE.includes((error as Error)?.name)
        ? inner.problem(error)
        : `${file.name} is a gzip file that was cut or damaged. Download or compress it again.`,
  };
}

function metered(read: (bytes: number) => void) {
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      read(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
}

/**
 * The bytes of a file, which all pass through one buffer: chunks of their own come faster than garbage is
 * collected, by hundreds of megabytes.
 */
function throughOneBuffer(file: File, read: (bytes: number) => void): ReadableStream<Uint8Array> {
  const stream = file.stream();
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: 'byob' });
  } catch {
    // Not every browser reads a file into a buffer that it is given.
    return stream.pipeThrough(metered(read));
  }
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read(new Uint8Array(buffer));
        if (done) return controller.close();
        buffer = value.buffer;
        read(value.byteLength);
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
