/**
 * Plain values with typed arrays in them as one compressed file: the length of a JSON header, the
 * header, and the bytes of the arrays, which the header names by type, place and length.
 */

const TYPES = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array } as const;
type TypeName = keyof typeof TYPES;
type Numbers = InstanceType<(typeof TYPES)[TypeName]>;

/** An array in the header; `at` counts bytes behind it. */
interface Place {
  array: TypeName;
  at: number;
  length: number;
}

/** Arrays begin at multiples of this, as their types want it. */
const UNIT = 4;
const padded = (length: number) => Math.ceil(length / UNIT) * UNIT;

export async function pack(value: unknown): Promise<Uint8Array> {
  const arrays: { at: number; bytes: Uint8Array }[] = [];
  let end = 0;
  const header = JSON.stringify(value, (_, each: unknown) => {
    const name = (Object.keys(TYPES) as TypeName[]).find((type) => each instanceof TYPES[type]);
    if (!name) return each;
    const { buffer, byteOffset, byteLength, length } = each as Numbers;
    arrays.push({ at: end, bytes: new Uint8Array(buffer, byteOffset, byteLength) });
    const place: Place = { array: name, at: end, length };
    end += padded(byteLength);
    return place;
  });
  const text = new TextEncoder().encode(header);
  const start = UNIT + padded(text.length);
  const file = new Uint8Array(start + end).fill(0x20, UNIT, start);
  new DataView(file.buffer).setUint32(0, padded(text.length), true);
  file.set(text, UNIT);
  for (const { at, bytes } of arrays) file.set(bytes, start + at);
  return through(file, new CompressionStream('gzip'));
}

export async function unpack(file: Uint8Array): Promise<unknown> {
  const bytes = await through(file, new DecompressionStream('gzip'));
  const start = UNIT + new DataView(bytes.buffer).getUint32(0, true);
  const header = new TextDecoder().decode(bytes.subarray(UNIT, start));
  return JSON.parse(header, (_, each: unknown) => {
    if (typeof each !== 'object' || each === null || !('array' in each)) return each;
    const { array, at, length } = each as Place;
    return new TYPES[array](bytes.buffer as ArrayBuffer, start + at, length);
  });
}

async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream) {
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  const result = blob.stream().pipeThrough(stream);
  return new Uint8Array(await new Response(result).arrayBuffer());
}
