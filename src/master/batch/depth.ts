// How deep a body is nested, before it is parsed: JSON.parse takes 40 bytes for each level, whatever comes of it.

const [quote, backslash, openList, closeList, openObject, closeObject] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Whether lists and objects lie in one another more than `levels` deep. Says nothing of what is no JSON otherwise. */
export function deeperThan(body: Uint8Array, levels: number): boolean {
	let depth = 0;
	let within = false;
	for (let at = 0; at < body.length; at += 1) {
		const byte = body[at];
		if (within) {
			if (byte === backslash) at += 1;
			else if (byte === quote) within = false;
		} else if (byte === quote) within = true;
		else if (byte === openList || byte === openObject) {
			depth += 1;
			if (depth > levels) return true;
		} else if (byte === closeList || byte === closeObject) depth -= 1;
	}
	return false;
}
