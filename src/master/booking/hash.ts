// Hashes of 52 bits, by which more is found than fits into a key; whoever finds something looks whether it is the one.

/** Of numbers of 32 bits. */
export function hashOf(words: ArrayLike<number>): number {
	let high = 0x9e3779b1;
	let low = 0x85ebca6b;
	for (let at = 0; at < words.length; at += 1) {
		high = Math.imul(high ^ words[at]!, 0x2c1b3c6d);
		high ^= high >>> 15;
		low = Math.imul(low ^ words[at]!, 0x297a2d39);
		low ^= low >>> 13;
	}
	return (high >>> 6) * 2 ** 26 + (low >>> 6);
}
