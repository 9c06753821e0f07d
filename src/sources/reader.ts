// Frame after frame -> Snapshot, at the cost of what changed. Between two frames nearly everything of a known
// connection is the same bytes: a constant beginning, two numbers, a constant end. So each connection is compared
// with its own bytes in the frame before (native memcmp) and only its numbers are read; JSON.parse sees what is new.
// Any surprise in the frame's own shape hands the whole frame to `parseSnapshot`, so both ways answer the same.
import type { Connection, Snapshot } from '../record.ts';
import { digitsEnd, scanObject } from './scan.ts';
import { isRefusal, parseConnection, parseJson, parseSnapshot, type Refusal, totalsOf } from './snapshot.ts';

/** Where a connection stands in the frame before, and what it counted there. */
interface Slot {
	readonly connection: Connection;
	/** Which of the two counters stands first. */
	readonly uploadFirst: boolean;
	start: number;
	/** The digits of the first and the second counter: `[firstStart, firstEnd)`, `[secondStart, secondEnd)`. */
	firstStart: number;
	firstEnd: number;
	secondStart: number;
	secondEnd: number;
	end: number;
	upload: number;
	download: number;
	/** Did the last frame bring the same numbers again? Then it probably will again: one comparison instead of two. */
	idle: boolean;
	/** Number of the frame that listed it last, and its place in it. */
	frame: number;
	index: number;
}

const listKey = '"connections":[';
/** The totals stand in the frame's first bytes and a few small fields behind the list; more is not this format. */
const maxHeadBytes = 256;
const maxTailBytes = 4096;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBracket = 0x5d;
const idStart = '{"id":"';

export class SnapshotReader {
	#before: Buffer = Buffer.alloc(0);
	#slots: Slot[] = [];
	#known = new Map<string, Slot>();
	#frame = 0;
	#connections: Connection[] = [];
	#upload = new Float64Array(256);
	#download = new Float64Array(256);

	/**
	 * Reads the next frame of one `/connections` stream. The Snapshot is valid until the next call: its lists are
	 * used again. `frame` is kept until then and must not be changed.
	 */
	read(frame: Buffer): Snapshot | Refusal {
		const snapshot = this.#readIncrementally(frame);
		if (snapshot) return snapshot;
		this.forget();
		return parseSnapshot(frame);
	}

	/** Drops what is kept of the frame before. */
	forget(): void {
		this.#before = Buffer.alloc(0);
		this.#slots = [];
		this.#known.clear();
	}

	/** null: not the shape that this way reads. */
	#readIncrementally(frame: Buffer): Snapshot | null {
		const list = frame.subarray(0, maxHeadBytes).indexOf(listKey, 0, 'latin1');
		if (list < 0 || frame.indexOf(openBrace, 1) < list || frame.subarray(0, list).includes('\\')) return null;
		this.#frame += 1;
		const slots: Slot[] = [];
		let at = list + listKey.length;
		let expected = 0;
		if (frame[at] !== closeBracket) {
			for (;;) {
				const slot = this.#readConnection(frame, at, expected);
				if (!slot || !this.#isFirst(slot)) return null;
				slot.frame = this.#frame;
				expected = slot.index + 1;
				slots.push(slot);
				at = slot.end;
				if (frame[at] !== comma) break;
				at += 1;
			}
			if (frame[at] !== closeBracket) return null;
		}
		const tail = frame.subarray(at + 1);
		if (tail.length > maxTailBytes || tail.includes('\\') || tail.includes('"connections"')) return null;
		const totals = totalsOf(parseJson(`${frame.toString('utf8', 0, list + listKey.length)}]${tail.toString('utf8')}`));
		if (isRefusal(totals)) return null;
		this.#remember(frame, slots);
		return this.#snapshot(totals);
	}

	/** The connection that begins at `at`: known and looked up in the order of the frame before, by id, or new. */
	#readConnection(frame: Buffer, at: number, expected: number): Slot | null {
		const next = this.#slots[expected];
		if (next && this.#reread(frame, at, next)) return next;
		const id = idAt(frame, at);
		const known = id === null ? undefined : this.#known.get(id);
		if (known && known !== next && this.#reread(frame, at, known)) return known;
		return parseNew(frame, at, known?.index ?? expected - 1);
	}

	/** Whether this frame has not listed `slot`'s id before; a new slot takes the place of the one it replaces. */
	#isFirst(slot: Slot): boolean {
		if (slot.frame !== 0) return true;
		if (this.#known.get(slot.connection.id)?.frame === this.#frame) return false;
		this.#known.set(slot.connection.id, slot);
		return true;
	}

	/** Reads `slot`'s counters at `at`; false, and nothing changed, when other bytes than its own stand there. */
	#reread(frame: Buffer, at: number, slot: Slot): boolean {
		const before = this.#before;
		if (slot.frame === this.#frame) return false;
		if (slot.idle) {
			const end = at + slot.end - slot.start;
			if (end <= frame.length && frame.compare(before, slot.start, slot.end, at, end) === 0) {
				move(slot, at - slot.start);
				return true;
			}
		}
		const firstStart = at + slot.firstStart - slot.start;
		if (firstStart > frame.length || frame.compare(before, slot.start, slot.firstStart, at, firstStart) !== 0)
			return false;
		const firstEnd = digitsEnd(frame, firstStart);
		const secondStart = firstEnd + slot.secondStart - slot.firstEnd;
		if (firstEnd === firstStart || !sameBytes(frame, firstEnd, before, slot.firstEnd, slot.secondStart)) return false;
		const secondEnd = digitsEnd(frame, secondStart);
		const end = secondEnd + slot.end - slot.secondEnd;
		if (secondEnd === secondStart || end > frame.length) return false;
		if (frame.compare(before, slot.secondEnd, slot.end, secondEnd, end) !== 0) return false;
		const first = integer(frame, firstStart, firstEnd);
		const second = integer(frame, secondStart, secondEnd);
		const upload = slot.uploadFirst ? first : second;
		const download = slot.uploadFirst ? second : first;
		slot.idle = upload === slot.upload && download === slot.download;
		slot.upload = upload;
		slot.download = download;
		slot.start = at;
		slot.firstStart = firstStart;
		slot.firstEnd = firstEnd;
		slot.secondStart = secondStart;
		slot.secondEnd = secondEnd;
		slot.end = end;
		return true;
	}

	#remember(frame: Buffer, slots: Slot[]) {
		for (let index = 0; index < slots.length; index += 1) slots[index]!.index = index;
		if (this.#known.size > slots.length) {
			for (const [id, slot] of this.#known) if (slot.frame !== this.#frame) this.#known.delete(id);
		}
		this.#before = frame;
		this.#slots = slots;
	}

	#snapshot(totals: { readonly uploadTotal: number; readonly downloadTotal: number }): Snapshot {
		const count = this.#slots.length;
		if (count > this.#upload.length) {
			this.#upload = new Float64Array(count * 2);
			this.#download = new Float64Array(count * 2);
		}
		this.#connections.length = count;
		for (let index = 0; index < count; index += 1) {
			const slot = this.#slots[index]!;
			this.#connections[index] = slot.connection;
			this.#upload[index] = slot.upload;
			this.#download[index] = slot.download;
		}
		return {
			...totals,
			connections: this.#connections,
			upload: this.#upload.subarray(0, count),
			download: this.#download.subarray(0, count),
		};
	}
}

/** A connection not seen before (or seen otherwise); `index` is where its neighbour stood in the frame before. */
function parseNew(frame: Buffer, at: number, index: number): Slot | null {
	if (frame[at] !== openBrace) return null;
	const span = scanObject(frame, at);
	if (!span) return null;
	const listed = parseConnection(parseJson(frame.toString('utf8', at, span.end)));
	if (isRefusal(listed)) return null;
	// Without plain places for its counters a connection is read as if it were new in each frame: all of it, and
	// nothing behind, is "the constant beginning", which no digits follow.
	const [first, second] = span.counters ?? [
		{ name: 'upload', start: span.end, end: span.end },
		{ name: 'download', start: span.end, end: span.end },
	];
	return {
		connection: listed.connection,
		uploadFirst: first.name === 'upload',
		start: at,
		firstStart: first.start,
		firstEnd: first.end,
		secondStart: second.start,
		secondEnd: second.end,
		end: span.end,
		upload: listed.upload,
		download: listed.download,
		idle: false,
		frame: 0,
		index,
	};
}

/** The id of the object at `at` when it stands first and holds no escape, as every core writes it. */
function idAt(frame: Buffer, at: number): string | null {
	const from = at + idStart.length;
	if (frame.toString('latin1', at, from) !== idStart) return null;
	const to = frame.indexOf('"', from, 'latin1');
	return to < 0 || to - from > 64 ? null : frame.toString('latin1', from, to);
}

function move(slot: Slot, by: number) {
	slot.start += by;
	slot.firstStart += by;
	slot.firstEnd += by;
	slot.secondStart += by;
	slot.secondEnd += by;
	slot.end += by;
}

function sameBytes(frame: Buffer, at: number, before: Buffer, from: number, to: number): boolean {
	for (let index = from; index < to; index += 1) {
		if (frame[at + index - from] !== before[index]) return false;
	}
	return true;
}

/** The value of the digits `[from, to)`, 15 of them at most: exact. */
function integer(frame: Buffer, from: number, to: number): number {
	let value = 0;
	for (let at = from; at < to; at += 1) value = value * 10 + frame[at]! - 0x30;
	return value;
}
