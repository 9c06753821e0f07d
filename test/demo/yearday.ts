// One day of one agent, drawn from a seed: its connections, and what flowed in each bucket of 5 minutes. The same day
// is the same whatever the year around it.
import { offsetAt } from '../../src/master/answers/zone.ts';
import type { Bytes } from '../../src/record.ts';
import { randomFrom } from '../fakes/random.ts';
import { type DemoAgent, type DemoDevice, type HabitName, habits, nodes, type Site, sites } from './yearcast.ts';

export interface Visit {
	readonly id: string;
	readonly device: DemoDevice;
	readonly site: Site;
	readonly node: string;
	readonly port: number;
	/** ms since the Unix epoch. */
	readonly start: number;
	readonly end: number;
	/** By bucket in s since the Unix epoch, ascending. */
	readonly flow: readonly (Bytes & { readonly bucket: number })[];
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const bucketS = 300;
/** A visit's bytes lie in so many buckets at most. */
const mostBuckets = 12;

const hours: Readonly<Record<DemoDevice['awake'], readonly number[]>> = {
	evening: [2, 1, 0, 0, 0, 1, 4, 6, 4, 3, 3, 4, 5, 5, 5, 6, 8, 10, 13, 16, 18, 17, 12, 6],
	office: [0, 0, 0, 0, 0, 0, 1, 4, 10, 14, 14, 13, 8, 11, 14, 13, 12, 9, 4, 2, 1, 1, 0, 0],
	always: Array<number>(24).fill(1),
	night: [6, 14, 16, 10, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 4],
};
const sitesOf = new Map<HabitName, readonly Site[]>(
	(Object.keys(habits) as HabitName[]).map((name) => [name, sites.filter(({ habit }) => habit === name)]),
);

export interface DayOptions {
	readonly agent: DemoAgent;
	/** Days since the Unix epoch, of the agent's calendar. */
	readonly day: number;
	/** Visits on a usual day, and what each weighs: fewer visits are larger ones. */
	readonly visits: number;
	readonly weight: number;
	readonly seed: number;
}

export function dayOf({ agent, day, visits, weight, seed }: DayOptions): Visit[] {
	const random = randomFrom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(day, 0x85ebca6b) ^ (agent.number * 7919));
	const shares = agent.devices.reduce((sum, { share }) => sum + share, 0);
	const midnight = day * dayMs;
	const zero = midnight - offsetAt(midnight, agent.zone);
	let number = 0;
	return agent.devices.flatMap((device) => {
		const wanted = (visits * device.share * season(agent, device, day)) / shares;
		const count = Math.floor(wanted * (0.7 + 0.6 * random()) + random());
		return Array.from({ length: count }, (): Visit => {
			number += 1;
			const start = zero + drawn(hours[device.awake], random) * hourMs + Math.floor(random() * hourMs);
			const habit = drawnName(device.likes, random);
			const known = sitesOf.get(habit)!;
			const site = known[Math.floor(known.length * random() ** 2)]!;
			const { lasts, ...sizes } = habits[habit];
			const end = start + 1000 + Math.floor(lasts * (0.1 + 0.9 * random()) * 1000);
			const size = Math.exp(sizes.spread * normal(random)) * weight;
			const bytes = { up: Math.ceil(sizes.up * size), down: Math.ceil(sizes.down * size) };
			return {
				id: `${hex(day, 8)}-${hex(seed, 4)}-4000-8${hex(agent.number, 3)}-${hex(number, 12)}`,
				...{ device, site, start, end },
				node: nodes[Math.floor(nodes.length * random() ** 2)]!,
				port: 32_768 + Math.floor(random() * 28_000),
				flow: spread(start, end, bytes),
			};
		});
	});
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0').slice(-digits);

/** Weekends, summer away, a winter on the sofa; the office rests on Sundays and in the first days of October. */
function season({ name }: DemoAgent, { awake }: DemoDevice, day: number): number {
	const date = new Date(day * dayMs);
	const weekend = date.getUTCDay() % 6 === 0;
	const [month, inMonth] = [date.getUTCMonth(), date.getUTCDate()];
	const year = 1 + 0.25 * Math.cos(((month * 30 + inMonth) / 365) * 2 * Math.PI);
	if (awake === 'always' || awake === 'night') return 1;
	if (name === 'office') return (month === 9 && inMonth <= 7) || date.getUTCDay() === 0 ? 0.05 : weekend ? 0.3 : 1;
	if (name === 'cabin') return month === 6 || weekend ? 2.2 : 0.3;
	if (month === 6 && inMonth >= 12 && inMonth <= 25) return 0.12;
	return year * (awake === 'office' ? (weekend ? 0.15 : 1.2) : weekend ? 1.5 : 0.85);
}

/** Bytes over the buckets of a visit; most in its first. */
function spread(start: number, end: number, { up, down }: Bytes): (Bytes & { bucket: number })[] {
	const first = Math.floor(start / 1000 / bucketS);
	const count = Math.min(mostBuckets, Math.floor(end / 1000 / bucketS) - first + 1);
	const part = (total: number, at: number) => Math.floor((total * (at + 1)) / count) - Math.floor((total * at) / count);
	return Array.from({ length: count }, (_, at) => ({
		bucket: (first + at) * bucketS,
		...{ up: part(up, at), down: part(down, at) },
	}));
}

function drawn(weights: readonly number[], random: () => number): number {
	let rest = random() * weights.reduce((a, b) => a + b, 0);
	const at = weights.findIndex((weight) => {
		rest -= weight;
		return rest < 0;
	});
	return Math.max(0, at);
}

function drawnName(likes: Partial<Record<HabitName, number>>, random: () => number): HabitName {
	const names = Object.keys(likes) as HabitName[];
	return names[drawn(Object.values(likes), random)]!;
}

function normal(random: () => number): number {
	return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
