// A file on flash that grows by whole frames: length, CRC-32, deflated JSON. What a power cut tears at its end is not
// read, so it is always a first part of what was written; nothing in it is ever changed.
import { dirname } from 'node:path';
import { type Disk, diskErrorCode, exists, readFile, syncFolder, writeFileAtomic } from '../system/disk.ts';
import { crc32, deflateRawSync, inflateRawSync } from './deflate.ts';

const magic = 'netmon-q';
const headBytes = magic.length + 8;
const frameHeadBytes = 8;
/** No frame is larger, packed or not: a length that says so is damage. */
const mostFrameBytes = 64 * 1024 * 1024;

export interface FlashFrames {
	/** Tells this file from one that was begun later. */
	readonly id: string;
	/** Bytes that are whole: what follows is torn. */
	readonly bytes: number;
	readonly frames: readonly unknown[];
}

export function packFrame(value: unknown): Uint8Array {
	const packed = deflateRawSync(Buffer.from(JSON.stringify(value)));
	const frame = Buffer.alloc(frameHeadBytes + packed.byteLength);
	frame.writeUInt32LE(packed.byteLength, 0);
	frame.writeUInt32LE(crc32(packed), 4);
	frame.set(packed, frameHeadBytes);
	return frame;
}

/** The bytes that a file of these frames has. */
export function flashFileBytes(frames: readonly Uint8Array[]): number {
	return frames.reduce((sum, { byteLength }) => sum + byteLength, headBytes);
}

/** Puts a file of these frames in place of what is there, whole or not at all. `id`: 8 bytes in hex. */
export function writeFlashFile(disk: Disk, path: string, id: string, frames: readonly Uint8Array[]): void {
	writeFileAtomic(disk, path, Buffer.concat([Buffer.from(magic), Buffer.from(id, 'hex'), ...frames]));
}

/** Adds a frame at `at`, the end of what is whole; synced when this returns. */
export function appendFrame(disk: Disk, path: string, at: number, frame: Uint8Array): void {
	const file = disk.open(path, 'write');
	try {
		disk.truncate(file, at);
		for (let done = 0; done < frame.byteLength; ) {
			const wrote = disk.write(file, frame.subarray(done), at + done);
			if (wrote <= 0) throw Object.assign(new Error('the disk took no more bytes'), { code: 'ENOSPC' });
			done += wrote;
		}
		disk.sync(file);
	} finally {
		disk.close(file);
	}
}

/** Everything whole in it; null where there is no such file. Throws what the disk throws. */
export function readFlashFile(disk: Disk, path: string): FlashFrames | null {
	const content = readWhole(disk, path);
	if (!content || content.subarray(0, magic.length).toString() !== magic || content.byteLength < headBytes) return null;
	const frames: unknown[] = [];
	let at = headBytes;
	while (at + frameHeadBytes <= content.byteLength) {
		const length = content.readUInt32LE(at);
		const packed = content.subarray(at + frameHeadBytes, at + frameHeadBytes + length);
		if (length === 0 || packed.byteLength !== length || crc32(packed) !== content.readUInt32LE(at + 4)) break;
		try {
			frames.push(JSON.parse(inflateRawSync(packed, { maxOutputLength: mostFrameBytes }).toString('utf8')));
		} catch {
			break;
		}
		at += frameHeadBytes + length;
	}
	return { id: content.subarray(magic.length, headBytes).toString('hex'), bytes: at, frames };
}

/** null where there is no file. */
export function readWhole(disk: Disk, path: string): Buffer | null {
	try {
		if (!exists(disk, path)) return null;
		return Buffer.from(readFile(disk, path, mostFrameBytes));
	} catch (error) {
		if (diskErrorCode(error) === 'ENOENT') return null;
		throw error;
	}
}

/** Removes a file so that it stays away after a power cut; not there is fine. */
export function removeFile(disk: Disk, path: string): void {
	if (!exists(disk, path)) return;
	disk.unlink(path);
	syncFolder(disk, dirname(path));
}
