// Cycles measured from the sums that are ready. Those that are over are added up again only when bytes came late.
import { agentFlow } from '../answers/agentflow.ts';
import type { AgentClasses } from '../answers/agenthours.ts';
import { agentClassSums } from '../answers/agentlist.ts';
import { rows, type Store } from '../answers/sums.ts';
import { classNames } from '../booking/dimension.ts';
import { agentHourKey } from '../booking/schema.ts';
import { type Forecast, forecast, lookBackMs } from './forecast.ts';
import { classesOf, counted, percentOf } from './quota.ts';
import type { CycleRow } from './quotacycles.ts';

/** A cycle and what it came to. */
export interface MeasuredCycle {
	/** ms since the Unix epoch. */
	readonly from: number;
	readonly to: number;
	/** Bytes, with those from before netmon. */
	readonly used: number;
	readonly usedBefore: number;
	readonly limit: number;
	readonly percent: number;
	/** Begins within an hour whose 5-minute rows are gone. */
	readonly approximate: boolean;
}

export interface Measured {
	readonly row: CycleRow;
	readonly cycle: MeasuredCycle;
}

const hourMs = 3_600_000;

export class QuotaMeasure {
	/** By agent: the ended cycles, and what they were measured at. */
	readonly #ended = new Map<string, { readonly at: string; readonly cycles: readonly Measured[] }>();

	measure(store: Store, agent: string, row: CycleRow): Measured {
		const { settings, from, to, before } = row;
		const flow = agentFlow(store, ownOf(store, agent, classesOf[settings.counts]), row);
		const used = before + counted(settings, flow);
		const { limit } = settings;
		const percent = percentOf(settings, used);
		return { row, cycle: { from, to, used, usedBefore: before, limit, percent, approximate: flow.approximate } };
	}

	/** `cycles`: the newest first, and the first one is on. */
	measureEnded(store: Store, agent: string, [current, ...ended]: readonly CycleRow[]): readonly Measured[] {
		const outside = this.#outside(store, agent, [current!, ...ended]);
		const at = `${current!.id} ${current!.from} ${outside}`;
		const known = this.#ended.get(agent);
		if (known?.at === at) return known.cycles;
		const cycles = ended.map((row) => this.measure(store, agent, row));
		this.#ended.set(agent, { at, cycles });
		return cycles;
	}

	/** After other settings, or a transaction that was taken back. */
	forget(): void {
		this.#ended.clear();
	}

	forecast(store: Store, agent: string, { row, cycle }: Measured, now: number): Forecast | null {
		const own = ownOf(store, agent, classesOf[row.settings.counts]);
		const first = firstHour(store, own);
		if (first === null) return null;
		const since = Math.max(first, Math.floor((now - lookBackMs) / hourMs)) * hourMs;
		if (since >= now) return null;
		const recent = counted(row.settings, agentFlow(store, own, { from: since, to: now }));
		return forecast({ now, until: cycle.to, used: cycle.used, limit: cycle.limit, recent, since });
	}

	/** All that flowed, but for the cycle that is on: what changes when bytes come late. */
	#outside(store: Store, agent: string, cycles: readonly CycleRow[]): number {
		const classes = new Set(cycles.flatMap(({ settings }) => classesOf[settings.counts]));
		const ever = agentClassSums(store, agent)
			.filter(({ value }) => classes.has(value))
			.reduce((sum, { u, d }) => sum + u + d, 0);
		const { up, down } = agentFlow(store, ownOf(store, agent, [...classes]), cycles[0]!);
		return ever - up - down;
	}
}

export function ownOf({ texts }: Store, agent: string, classes: readonly string[]): AgentClasses {
	return { agent: texts.find(agent) ?? -1, classes };
}

/** Of which anything is known, in hours since the Unix epoch. */
function firstHour(store: Store, { agent, classes }: AgentClasses): number | null {
	const firsts = classes.flatMap((name) => {
		const at = classNames.indexOf(name);
		const range = [agentHourKey(agent, at, 0), agentHourKey(agent, at + 1, 0)];
		const [first] = rows<{ hour: number | null }>(
			store,
			'SELECT min(k) & 1048575 AS hour FROM agenthour WHERE k >= ? AND k < ?',
			range,
		);
		return first?.hour ?? [];
	});
	return firsts.length > 0 ? Math.min(...firsts) : null;
}
