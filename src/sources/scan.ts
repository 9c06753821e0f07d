// Where one JSON object of a frame ends, and where its two counters stand, without parsing it. It only finds
// places: whatever it passes over is read by JSON.parse before it is believed.

/** Offsets into the frame; a counter's digits are `[start, end)`. */
export interface Span {
	/** One past the object's closing brace. */
	readonly end: number;
	/** The two counters in the order they stand, or null when they do not stand there plainly, once each. */
	readonly counters: readonly [Place, Place] | null;
}

export interface Place {
	readonly name: 'upload' | 'download';
	readonly start: number;
	readonly end: number;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const open = 0x7b;
const close = 0x7d;
const openList = 0x5b;
const closeList = 0x5d;

/** Scans the object that begins at `start`; null when it never ends. */
export function scanObject(frame: Buffer, start: number): Span | null {
	const places: Place[] = [];
	let plain = true;
	let depth = 0;
	for (let at = start; at < frame.length; at += 1) {
		const byte = frame[at];
		if (byte === open || byte === openList) depth += 1;
		else if (byte === close || byte === closeList) {
			depth -= 1;
			if (depth === 0) return { end: at + 1, counters: pair(plain, places) };
		} else if (byte === quote) {
			const from = at + 1;
			let escaped = false;
			for (at = from; frame[at] !== quote; at += 1) {
				if (at >= frame.length) return null;
				if (frame[at] === backslash) {
					escaped = true;
					at += 1;
				}
			}
			if (depth !== 1 || frame[at + 1] !== colon) continue;
			// An escaped key may spell `upload` another way.
			if (escaped) plain = false;
			const name = counterName(frame, from, at);
			if (name) places.push({ name, start: at + 2, end: digitsEnd(frame, at + 2) });
		}
	}
	return null;
}

function pair(plain: boolean, places: readonly Place[]): Span['counters'] {
	const [first, second] = places;
	if (!plain || !first || !second || places.length > 2 || first.name === second.name) return null;
	return first.end > first.start && second.end > second.start ? [first, second] : null;
}

function counterName(frame: Buffer, from: number, to: number): Place['name'] | null {
	if (to - from === 6 && frame.toString('latin1', from, to) === 'upload') return 'upload';
	if (to - from === 8 && frame.toString('latin1', from, to) === 'download') return 'download';
	return null;
}

/** One past the digits of a plain JSON integer; `at` itself when there is none (`01`, `-1`, `1.5`, `1e3`, 16 digits and more). */
export function digitsEnd(frame: Buffer, at: number): number {
	let end = at;
	while (isDigit(frame[end])) end += 1;
	const length = end - at;
	const next = frame[end];
	if (length > 15 || (length > 1 && frame[at] === 0x30) || (next !== 0x2c && next !== close)) return at;
	return end;
}

function isDigit(byte: number | undefined): boolean {
	return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
