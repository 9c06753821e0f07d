// Two living agents under one name: an instance that comes back after another has spoken, within 10 minutes.

const windowMs = 10 * 60_000;
const rememberedInstances = 4;

interface Seen {
	readonly instance: string;
	/** Monotonic ms. */
	last: number;
}

export class Instances {
	/** Per agent, the one that spoke last at the end. */
	readonly #seen = new Map<string, Seen[]>();
	/** Monotonic ms up to which both are refused. */
	readonly #conflicts = new Map<string, number>();

	/** False: this is one of two that live under one name. `mono` in ms. */
	admit(agent: string, instance: string, mono: number): boolean {
		const seen = (this.#seen.get(agent) ?? []).filter(({ last }) => mono - last < windowMs);
		const at = seen.findIndex((one) => one.instance === instance);
		const returns = at >= 0 && at < seen.length - 1;
		if (at >= 0) seen.splice(at, 1);
		seen.push({ instance, last: mono });
		this.#seen.set(agent, seen.slice(-rememberedInstances));
		if (returns) this.#conflicts.set(agent, mono);
		// It ends when only one of them has spoken for as long.
		if (seen.length === 1) this.#conflicts.delete(agent);
		return !this.#conflicts.has(agent);
	}

	conflicting(agent: string): boolean {
		return this.#conflicts.has(agent);
	}
}
