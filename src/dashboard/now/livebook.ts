// What agents said of now, and of the minutes before: per agent and in sum. Pure: `now` is an argument. What is old is
// not shown as if it were now, and what is unknown is null.
import type { Bytes, Speeds } from '../../record.ts';
import type { AgentHealth, LivePart } from '../../wire.ts';

/** An event of `/api/v1/live`. */
export interface LiveState {
	readonly agent_id: string;
	/** ms since the Unix epoch, by the master's clock. */
	readonly received: number;
	readonly live: LivePart | null;
	readonly health: AgentHealth | Readonly<Record<string, never>> | null;
}

export type SpeedName = keyof Speeds;

interface Sample {
	/** By this browser's clock, in whole seconds. */
	readonly at: number;
	readonly speeds: Speeds;
}

export interface Moment {
	/** s since the Unix epoch. */
	readonly at: number;
	/** null: nobody said anything for this second. */
	readonly speeds: Speeds | null;
}

/** An agent that is asked each second and has been silent for longer is stale. */
export const staleMs = 6_000;
/** Seconds that a chart of now looks back. */
export const windowS = 300;

export const speedNames = [
	...(['direct', 'proxy', 'reject', 'unattributed', 'core', 'wan', 'overhead', 'bypass'] as const),
];
export const nothingKnown = Object.fromEntries(speedNames.map((name) => [name, null])) as unknown as Speeds;

export class LiveBook {
	readonly #agents = new Map<string, { state: LiveState; heard: number; samples: Sample[] }>();

	/** `heard`: when the master heard it, in ms since the Unix epoch by this browser's clock. */
	take(state: LiveState, heard: number): void {
		const kept = this.#agents.get(state.agent_id) ?? { state, heard, samples: [] };
		this.#agents.set(state.agent_id, kept);
		kept.state = state;
		kept.heard = heard;
		if (!state.live) return;
		const at = Math.floor(heard / 1000);
		if (kept.samples.at(-1)?.at === at) kept.samples.pop();
		kept.samples.push({ at, speeds: state.live.speeds });
		while (kept.samples[0]!.at < at - windowS - staleMs / 1000) kept.samples.shift();
	}

	agents(): string[] {
		return [...this.#agents.keys()].sort();
	}

	state(agent: string): LiveState | null {
		return this.#agents.get(agent)?.state ?? null;
	}

	/** ms since the Unix epoch by this browser's clock; null = never. */
	heard(agent: string): number | null {
		return this.#agents.get(agent)?.heard ?? null;
	}

	/** Said within `staleMs`. */
	fresh(agent: string, now: number): boolean {
		return now - (this.heard(agent) ?? 0) <= staleMs;
	}

	/** Of one agent, or the sum (null) of all whose figures are fresh; null where none is. */
	speeds(agent: string | null, now: number): Speeds | null {
		const names = agent === null ? this.agents() : [agent];
		const known = names.flatMap((name) => {
			const live = this.state(name)?.live;
			return live && this.fresh(name, now) ? [live.speeds] : [];
		});
		return sum(known);
	}

	/** Each second of the window; a sample holds until the next, at most `staleMs`. */
	moments(agent: string | null, now: number): Moment[] {
		const end = Math.floor(now / 1000);
		const names = agent === null ? this.agents() : [agent];
		const cursors = names.map((name) => ({ samples: this.#agents.get(name)?.samples ?? [], next: 0 }));
		return Array.from({ length: windowS + 1 }, (_, index) => {
			const at = end - windowS + index;
			const known = cursors.flatMap((cursor) => {
				while (cursor.next < cursor.samples.length && cursor.samples[cursor.next]!.at <= at) cursor.next += 1;
				const last = cursor.samples[cursor.next - 1];
				return last && at - last.at <= staleMs / 1000 ? [last.speeds] : [];
			});
			return { at, speeds: sum(known) };
		});
	}
}

/** What the WAN or, where it is not counted, the core is made of. */
const pathNames = [...(['direct', 'proxy', 'reject', 'unattributed', 'overhead', 'bypass'] as const)];
/** Seconds that a share is of: within them it matters little that core and WAN are not read at one moment. */
export const shareS = 10;

/** Each name's part of all paths in the last `shareS` seconds, 0 to 1: they add up to 1, which a WAN read at another moment would not give. */
export function sharesOf(moments: readonly Moment[]): Readonly<Record<SpeedName, number | null>> {
	const recent = moments.slice(-shareS);
	const added = (name: SpeedName): number | null => {
		const known = recent.flatMap(({ speeds }) => speeds?.[name] ?? []);
		return known.length > 0 ? known.reduce((all, { down, up }) => all + down + up, 0) : null;
	};
	const whole = pathNames.reduce((all, name) => all + (added(name) ?? 0), 0);
	const shares = speedNames.map((name) => [name, whole > 0 ? share(added(name), whole) : null]);
	return Object.fromEntries(shares) as Record<SpeedName, number | null>;
}

const share = (part: number | null, whole: number) => part && part / whole;

/** Adds what is known; a name that nobody knows is unknown. */
export function sum(all: readonly Speeds[]): Speeds | null {
	if (all.length === 0) return null;
	const added = (name: SpeedName): Bytes | null => {
		const known = all.flatMap((speeds) => speeds[name] ?? []);
		if (known.length === 0) return null;
		return known.reduce((a, b) => ({ up: a.up + b.up, down: a.down + b.down }), { up: 0, down: 0 });
	};
	return Object.fromEntries(speedNames.map((name) => [name, added(name)])) as unknown as Speeds;
}
