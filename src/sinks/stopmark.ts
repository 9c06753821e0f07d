// The checkpoint that an orderly stop leaves on flash, good for one start. It is bound to the copy it belongs to, to
// the boot it was written in and to its own file: one that was put back, or that outlived a life, is not used.
import { dirname } from 'node:path';
import { type Disk, syncFolder } from '../system/disk.ts';
import { crc32 } from './deflate.ts';
import { readWhole, removeFile } from './flashfile.ts';

export interface StopMark {
	readonly bootId: string | null;
	/** ms since the Unix epoch, now. */
	readonly wall: number;
	/** Id and length of the copy that goes with it; '' and 0: there was none. */
	readonly copy: { readonly id: string; readonly bytes: number };
	readonly checkpoint: Uint8Array;
}

/** The kernel's time of the file is that of its writing: one that was copied to its place is younger. */
const clockSlackMs = 60_000;
/** An agent that starts later was perhaps not the first one of this boot. */
const startOfBootMs = 600_000;

interface Written {
	readonly version: 1;
	readonly inode: string;
	readonly wall: number;
	readonly bootId: string | null;
	readonly copy: StopMark['copy'];
	readonly checkpoint: string;
	readonly crc: number;
}

/** Answers the bytes written. */
export function writeStopMark(disk: Disk, path: string, { bootId, wall, copy, checkpoint }: StopMark): number {
	removeFile(disk, path);
	const temporary = `${path}.new`;
	removeFile(disk, temporary);
	const file = disk.open(temporary, 'create-new');
	let bytes: Buffer;
	try {
		const written: Written = {
			version: 1,
			inode: String(disk.statFile(file).inode),
			wall,
			bootId,
			copy,
			checkpoint: Buffer.from(checkpoint).toString('base64'),
			crc: crc32(checkpoint),
		};
		bytes = Buffer.from(JSON.stringify(written));
		for (let at = 0; at < bytes.byteLength; ) at += disk.write(file, bytes.subarray(at), at);
		disk.sync(file);
	} finally {
		disk.close(file);
	}
	disk.rename(temporary, path);
	syncFolder(disk, dirname(path));
	return bytes.byteLength;
}

/**
 * `mono`: ms since boot. Takes the mark from flash, so that no later start can use it, and answers what it holds. null: there is none, or it
 * is not to be used; `why` says so for the log. Throws what the disk throws: then it must not be used either.
 */
export function takeStopMark(
	disk: Disk,
	path: string,
	{ bootId, copy, mono }: Pick<StopMark, 'bootId' | 'copy'> & { readonly mono: number },
): { readonly checkpoint: Uint8Array | null; readonly why: string | null } {
	const content = readWhole(disk, path);
	if (!content) return { checkpoint: null, why: 'there is no checkpoint of an orderly stop' };
	const { inode, changedMs } = disk.stat(path);
	removeFile(disk, path);
	const none = (why: string) => ({ checkpoint: null, why });
	const written = parse(content);
	if (!written) return none('the checkpoint on flash is damaged');
	const moved = changedMs !== undefined && Math.abs(changedMs - written.wall) > clockSlackMs;
	if (written.inode !== String(inode) || moved) return none('the checkpoint on flash was put back');
	if (written.copy.id !== copy.id || written.copy.bytes !== copy.bytes) {
		return none('the checkpoint on flash belongs to another copy');
	}
	// Within a boot the living file is there; where it is not, somebody took it away, and with it what was counted since.
	if (bootId === null || written.bootId === null || written.bootId === bootId) {
		return none('the living file is gone without a reboot');
	}
	if (mono > startOfBootMs) return none('the machine has been up for long, and another life may have counted since');
	return { checkpoint: Buffer.from(written.checkpoint, 'base64'), why: null };
}

function parse(content: Buffer): Written | null {
	try {
		const written = JSON.parse(content.toString('utf8')) as Partial<Written> | null;
		if (written?.version !== 1 || typeof written.checkpoint !== 'string' || typeof written.copy !== 'object')
			return null;
		return crc32(Buffer.from(written.checkpoint, 'base64')) === written.crc ? (written as Written) : null;
	} catch {
		return null;
	}
}
