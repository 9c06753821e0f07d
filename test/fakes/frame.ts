// The text of one `/connections` frame, made fast: constant parts are copied, only digits are written.
import type { Flow } from './flow.ts';

const downloadKey = Buffer.from(',"download":');
/** Digits of 2^53. */
const longestNumberBytes = 16;
const sparesAtMost = 2;
const roomToGrow = 1.1;
const billion = 1_000_000_000;
const restOfFrameBytes = 200;
const [comma, bracket] = [0x2c, 0x5b];
const spare: ArrayBuffer[] = [];

export interface FrameTotals {
	readonly up: number;
	readonly down: number;
	/** 0 until somebody has read `/memory`. */
	readonly memory: number;
}

/** The frame as mihomo writes it: key order, `null` for no connections, newline at the end. */
export function frameText(totals: FrameTotals, flows: readonly Flow[]): Buffer {
	let size = restOfFrameBytes;
	for (const flow of flows) {
		size += flow.head.length + flow.tail.length + downloadKey.length + 2 * longestNumberBytes;
	}
	const frame = room(size);
	let at = frame.write(`{"downloadTotal":${totals.down},"uploadTotal":${totals.up},"connections":`, 0, 'latin1');
	if (flows.length === 0) at += frame.write('null', at, 'latin1');
	else {
		const first = at;
		for (const flow of flows) {
			frame.set(flow.head, at);
			at = writeNumber(frame, at + flow.head.length, flow.up);
			frame.set(downloadKey, at);
			at = writeNumber(frame, at + downloadKey.length, flow.down);
			frame.set(flow.tail, at);
			at += flow.tail.length;
		}
		if (frame[first] === comma) frame[first] = bracket;
		at += frame.write(']', at, 'latin1');
	}
	at += frame.write(`,"memory":${totals.memory}}\n`, at, 'latin1');
	return frame.subarray(0, at);
}

/** Fresh pages of memory cost more than the writing: whoever has sent a frame and holds it no longer gives it back. */
export function reuseFrame(frame: Buffer): void {
	if (spare.length < sparesAtMost) spare.push(frame.buffer as ArrayBuffer);
}

function room(size: number): Buffer {
	const index = spare.findIndex((buffer) => buffer.byteLength >= size);
	const [buffer] = index < 0 ? [] : spare.splice(index, 1);
	if (!buffer) spare.length = 0;
	return buffer ? Buffer.from(buffer) : Buffer.allocUnsafeSlow(Math.ceil(size * roomToGrow));
}

/** Writes a whole number from 0 to 2^53 - 1 in decimal; answers the place behind it. */
function writeNumber(frame: Buffer, at: number, value: number): number {
	if (value < billion) {
		let digits = 1;
		for (let limit = 10; value >= limit; limit *= 10) digits += 1;
		return writeDigits(frame, at, value | 0, digits);
	}
	const high = Math.floor(value / billion);
	return writeDigits(frame, writeNumber(frame, at, high), value - high * billion, 9);
}

/** `value` below 2^31, so that the division stays one of integers: five times as fast. */
function writeDigits(frame: Buffer, at: number, value: number, digits: number): number {
	let rest = value | 0;
	for (let place = at + digits - 1; place >= at; place -= 1) {
		const shorter = (rest / 10) | 0;
		frame[place] = 48 + (rest - shorter * 10);
		rest = shorter;
	}
	return at + digits;
}
