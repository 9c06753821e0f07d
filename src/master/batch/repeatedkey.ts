// A key that stands twice in one object: JSON.parse lets the last one hold, others the first, so nobody knows which was
// meant.

const [quote, backslash, colon, openObject, closeObject] = [0x22, 0x5c, 0x3a, 0x7b, 0x7d];

/** The first key that its object has already, decoded; null = there is none. `body` must be JSON in UTF-8. */
export function repeatedKey(body: Uint8Array): string | null {
	const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
	/** Of the objects that are open. */
	const keys: Set<string>[] = [];
	let depth = -1;
	for (let at = 0; at < text.length; at += 1) {
		const byte = text[at];
		if (byte === openObject) {
			depth += 1;
			if (depth === keys.length) keys.push(new Set());
			else keys[depth]!.clear();
		} else if (byte === closeObject) depth -= 1;
		if (byte !== quote) continue;
		const from = at + 1;
		let escaped = false;
		for (at = from; text[at] !== quote && at < text.length; at += 1) {
			if (text[at] !== backslash) continue;
			escaped = true;
			at += 1;
		}
		if (!isKey(text, at + 1)) continue;
		const raw = text.toString('utf8', from, at);
		const key = escaped ? (JSON.parse(`"${raw}"`) as string) : raw;
		if (keys[depth]!.has(key)) return key;
		keys[depth]!.add(key);
	}
	return null;
}

/** Whether a colon comes next. */
function isKey(text: Uint8Array, from: number): boolean {
	for (let at = from; at < text.length; at += 1) {
		const byte = text[at]!;
		if (byte > 0x20) return byte === colon;
	}
	return false;
}
