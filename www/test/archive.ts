/** Zip archives written byte by byte after its specification (APPNOTE 6.3), for the tests. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface Member {
  name: string;
  text: string;
  stored?: boolean;
  encrypted?: boolean;
  /** Sizes in the zip64 extra field, as large archives have them. */
  zip64?: boolean;
  /** A checksum that does not fit. */
  damaged?: boolean;
}

export function zip(members: Member[]): Uint8Array<ArrayBuffer> {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text, stored, encrypted, zip64, damaged } of members) {
    const plain = Buffer.from(text);
    const data = stored ? plain : deflateRawSync(plain);
    const large = Buffer.alloc(20);
    large.writeUInt16LE(1, 0);
    large.writeUInt16LE(16, 2);
    large.writeBigUInt64LE(BigInt(plain.length), 4);
    large.writeBigUInt64LE(BigInt(data.length), 12);
    const extra = zip64 ? large : Buffer.alloc(0);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(45, 0);
    common.writeUInt16LE(encrypted ? 1 : 0, 2);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt32LE((crc32(plain) ^ (damaged ? 1 : 0)) >>> 0, 10);
    common.writeUInt32LE(zip64 ? 0xffffffff : data.length, 14);
    common.writeUInt32LE(zip64 ? 0xffffffff : plain.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    common.writeUInt16LE(extra.length, 24);
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04'),
      common,
      Buffer.from(name),
      extra,
      data,
    ]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    const version = Buffer.from([45, 3]);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), version, common, rest, Buffer.from(name), extra]),
    );
    files.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return new Uint8Array(Buffer.concat([...files, ...directory, Buffer.from('PK\x05\x06'), end]));
}
