// The table of all routes.
import type { Clock } from '../../system/clock.ts';
import { told } from '../store/hindrance.ts';
import type { Store } from '../store/store.ts';
import { agentRoutes } from './agentroutes.ts';
import { plain } from './answer.ts';
import type { Intake } from './intake.ts';
import { listRoutes } from './listroutes.ts';
import type { LiveBoard } from './live.ts';
import { liveRoutes } from './liveroutes.ts';
import { metricsRoute } from './metrics.ts';
import { openApi } from './openapi.ts';
import { quotaRoutes } from './quotaroutes.ts';
import type { Route } from './route.ts';
import { frank } from './shortfall.ts';
import { statsRoute } from './statsroute.ts';

export interface RoutesOptions {
	readonly store: Pick<Store, 'ask' | 'settled' | 'hindrance' | 'lastShort'>;
	/** Of agents that name none. */
	readonly timezone: string;
	readonly intake: Intake;
	readonly live: LiveBoard;
	readonly clock: Clock;
	readonly version: string;
}

export function allRoutes({ store, timezone, intake, live, clock, version }: RoutesOptions): Route[] {
	const routes: Route[] = [
		{
			method: 'GET',
			path: '/api/v1/health',
			access: 'anybody',
			about: 'The text OK; a second line tells of batches that cannot be booked now',
			parameters: [],
			types: ['text/plain'],
			handle: async () => plain(store.hindrance ? `OK\n${told(store.hindrance)}` : 'OK'),
		},
		{
			method: 'POST',
			path: '/api/v1/sync',
			access: 'agent',
			about: 'What agents send (docs/sync.md)',
			parameters: [],
			handle: ({ body, caller }) => intake.sync(body, caller),
		},
		...[statsRoute(store), ...listRoutes(store), ...agentRoutes({ store, live, now: () => clock.wall() })].map(
			(route) => frank(route, store),
		),
		...liveRoutes(live, clock),
		...quotaRoutes({ store, timezone, clock }),
		metricsRoute(store),
		{
			method: 'GET',
			path: '/api/v1/openapi.json',
			access: 'anybody',
			about: 'This description',
			parameters: [],
			handle: async () => plain(JSON.stringify(description), 'application/json; charset=utf-8'),
		},
	];
	const description = openApi(routes, version);
	return routes;
}
