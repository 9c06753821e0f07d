// Random numbers from a seed, and damage done with them.

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const nasty = [
	'null',
	'{}',
	'[]',
	'-1',
	'1e400',
	'9007199254740993',
	'""',
	'"\\ud800"',
	'[[[[[[[[',
	'}',
	']',
	',',
	'"',
	'\\',
	'0',
	'00',
	'__proto__',
	'\u0000',
];

/** A damaged copy of `bytes`: bits flipped, parts cut, doubled, moved or replaced, digits changed. */
export function mutate(bytes: Buffer, random: () => number): Buffer {
	const at = (limit: number) => Math.floor(random() * limit);
	let copy = Buffer.from(bytes);
	for (let times = 1 + at(3); times > 0; times -= 1) {
		const place = at(copy.length);
		const kind = at(7);
		if (kind === 0) copy[place] = copy[place]! ^ (1 << at(8));
		else if (kind === 1) copy = copy.subarray(0, place) as typeof copy;
		else if (kind === 2) copy = Buffer.concat([copy.subarray(0, place), copy.subarray(place + at(60))]);
		else if (kind === 3) copy = Buffer.concat([copy.subarray(0, place), copy.subarray(Math.max(0, place - at(60)))]);
		else if (kind === 4)
			copy = Buffer.concat([copy.subarray(0, place), Buffer.from(nasty[at(nasty.length)]!), copy.subarray(place)]);
		else {
			const digits = [...copy.keys()].filter((index) => copy[index]! >= 0x30 && copy[index]! <= 0x39);
			if (digits.length > 0) copy[digits[at(digits.length)]!] = 0x30 + at(10);
		}
		if (copy.length === 0) copy = Buffer.from('{');
	}
	return copy;
}
