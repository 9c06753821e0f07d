// What the core's own traffic costs on the wire beyond its payload, learned from the lower envelope of what was
// seen: never from one stretch, and never from what only bypass explains. Pure.

/** One stretch of one direction, in bytes. */
export interface Stretch {
	/** What the WAN carried beyond the core's payload and the headers of its packets. */
	readonly excess: number;
	/** The core's payload in this direction that may cost more (through proxies), and all of it in the other. */
	readonly core: number;
	readonly other: number;
	/** Connections that the core opened. */
	readonly connections: number;
}

/** Bytes of excess per byte of `core`, per byte of `other`, and per new connection. */
export interface Shares {
	readonly core: number;
	readonly other: number;
	readonly connection: number;
}

/** An hour of half minutes. */
const stretchesMax = 120;
/** With fewer of a kind nothing is learned. */
const stretchesToLearn = 10;
const stretchesToBegin = 20;
/** A stretch with less core traffic than this tells of noise. */
const coreBytesToLearn = 4_000_000;
const connectionsToLearn = 10;
/** Where connections are larger, what buffers hold back blurs what each costs. */
const smallBytes = 100_000;
/** The envelope is the lowest tenth, so that one misread stretch is not the rule. */
const envelope = 0.1;
/** What is there in three quarters of all stretches is constant bypass and no share of anything. */
const floor = 0.25;

export class Envelope {
	readonly #most: Shares;
	#shares: Shares;
	#stretches: Stretch[] = [];

	/** @param most above this an excess is no share but bypass, and teaches nothing */
	constructor(start: Shares, most: Shares) {
		this.#shares = start;
		this.#most = most;
	}

	get shares(): Shares {
		return this.#shares;
	}

	add(stretch: Stretch): void {
		this.#stretches.push(stretch);
		if (this.#stretches.length > stretchesMax) this.#stretches.shift();
		if (this.#stretches.length < stretchesToBegin) return;
		const excesses = this.#stretches.map(({ excess }) => excess);
		const base = Math.max(0, quantile(excesses, floor));
		const { core, other } = this.#shares;
		this.#shares = {
			core: this.#learn('core', ({ excess, core, other }) =>
				core >= coreBytesToLearn && core >= other ? (excess - base) / core : null,
			),
			other: this.#learn('other', ({ excess, core, other }) =>
				other >= coreBytesToLearn && core < other / 4 ? (excess - base) / other : null,
			),
			connection: this.#learn('connection', (one) =>
				one.connections >= connectionsToLearn && Math.max(one.core, one.other) <= one.connections * smallBytes
					? (one.excess - base - core * one.core - other * one.other) / one.connections
					: null,
			),
		};
	}

	#learn(name: keyof Shares, ratioOf: (stretch: Stretch) => number | null): number {
		const ratios = this.#stretches.map(ratioOf).filter((ratio) => ratio !== null);
		if (ratios.length < stretchesToLearn) return this.#shares[name];
		const lowest = quantile(ratios, envelope);
		return lowest > this.#most[name] ? this.#shares[name] : Math.max(0, lowest);
	}
}

/** The value that a share `part` of the values lie below. */
export function quantile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}
