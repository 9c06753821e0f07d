// GET /metrics in the text format of Prometheus. Labels are bounded: agents (the first 200 by name) and classes.

import type { Store } from '../store/store.ts';
import { type Answer, plain } from './answer.ts';
import type { Route } from './route.ts';

const maxAgents = 200;

interface ClassSums {
	readonly agent: string;
	readonly class: string;
	readonly u: number;
	readonly d: number;
}

export function metricsRoute(store: Pick<Store, 'ask' | 'hindrance'>): Route {
	return {
		method: 'GET',
		path: '/metrics',
		access: 'reader',
		about: 'Sums for Prometheus',
		parameters: [],
		types: ['text/plain'],
		handle: async (): Promise<Answer> => {
			const sums = await store.ask<ClassSums[]>({ ask: 'metrics' });
			const agents = new Set([...new Set(sums.map(({ agent }) => agent))].slice(0, maxAgents));
			const lines = sums
				.filter(({ agent }) => agents.has(agent))
				.flatMap(({ agent, class: name, u, d }) => [
					`netmon_bytes_total{agent="${agent}",class="${name}",direction="up"} ${u}`,
					`netmon_bytes_total{agent="${agent}",class="${name}",direction="down"} ${d}`,
				]);
			const head = [
				'# HELP netmon_bytes_total Bytes by agent and class; direct, proxy, reject and unattributed together are the core.',
				// An unattributed sum may be corrected downwards, which a counter may not.
				'# TYPE netmon_bytes_total gauge',
			];
			const waiting = [
				'# HELP netmon_waiting_batches Acknowledged batches that cannot be booked now, and are in no sum: the disk is full, or fails.',
				'# TYPE netmon_waiting_batches gauge',
				`netmon_waiting_batches ${store.hindrance?.batches ?? 0}`,
			];
			return plain(`${[...head, ...lines, ...waiting].join('\n')}\n`, 'text/plain; version=0.0.4; charset=utf-8');
		},
	};
}
