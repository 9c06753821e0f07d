// /api/v1/quotas: what each agent has used of its billing cycle, and the settings of it.
import type { Clock } from '../../system/clock.ts';
import { formatTime } from '../answers/zone.ts';
import { parseQuota, shownWebhook } from '../quota/quota.ts';
import type { QuotaState } from '../quota/quotabook.ts';
import type { MeasuredCycle } from '../quota/quotameasure.ts';
import { askQuotas } from '../store/quotacall.ts';
import type { Store } from '../store/store.ts';
import { type Answer, csv, Refusal, success } from './answer.ts';
import type { ApiRequest, Route } from './route.ts';
import { sendWebhook, trialBody } from './webhook.ts';

export interface QuotaRoutesOptions {
	readonly store: Pick<Store, 'settled'>;
	/** Of agents that name none. */
	readonly timezone: string;
	readonly clock: Clock;
}

const columns = ['agent_id', 'from', 'to', 'used', 'limit', 'remaining', 'percent', 'counts', 'direction'];

export function quotaRoutes({ store, timezone: zone, clock }: QuotaRoutesOptions): Route[] {
	const present = () => ({ now: clock.wall(), zone });
	const path = '/api/v1/quotas/{id}';
	let testing = false;
	return [
		{
			method: 'GET',
			path: '/api/v1/quotas',
			access: 'reader',
			about: 'Billing cycles: what is used, what remains, where it will end',
			parameters: ['format'],
			types: ['text/csv'],
			handle: async ({ parameters }: ApiRequest): Promise<Answer> => {
				const csvWanted = parameters.csv;
				const shown = (await askQuotas(store, { ask: 'list', ...present() })).map(fields);
				return csvWanted ? csv(shown, columns) : success(shown);
			},
		},
		{
			method: 'PUT',
			path,
			access: 'reader',
			about: "Sets an agent's quota",
			parameters: [],
			handle: async ({ id: agent, body }: ApiRequest): Promise<Answer> => {
				const change = parseQuota(await body((bytes) => bytes.toString('utf8')));
				if ('error' in change) throw new Refusal(400, change.error);
				const state = await askQuotas(store, { ask: 'set', agent, change, ...present() });
				if (!state) throw new Refusal(404, 'there is no agent of that name');
				return success(fields(state));
			},
		},
		{
			method: 'DELETE',
			path,
			access: 'reader',
			about: "Takes an agent's quota away, with what was told of it",
			parameters: [],
			handle: async ({ id: agent }: ApiRequest): Promise<Answer> => {
				if (!(await askQuotas(store, { ask: 'remove', agent }))) throw new Refusal(404, 'this agent has no quota');
				return success({ agent_id: agent });
			},
		},
		{
			method: 'POST',
			path: `${path}/test`,
			access: 'reader',
			about: 'Sends a test to the webhook that is set, and tells what came of it',
			parameters: [],
			// Where to is never taken from whoever asks: only what a PUT has set.
			handle: async ({ id: agent, signal }: ApiRequest): Promise<Answer> => {
				if (testing) throw new Refusal(503, 'another test is under way', { 'Retry-After': '10' });
				testing = true;
				try {
					const trial = await askQuotas(store, { ask: 'trial', agent, ...present() });
					if (!trial) throw new Refusal(404, 'this agent has no quota');
					const { webhook, ...news } = trial;
					if (webhook === null) throw new Refusal(400, 'this quota has no webhook');
					const { state, outcome } = await sendWebhook(webhook, trialBody(news), { clock, signal });
					return success({ agent_id: agent, webhook: shownWebhook(webhook), state, outcome });
				} finally {
					testing = false;
				}
			},
		},
	];
}

function fields({ agent, settings, zone, webhook, cycle, forecast, alerts, past }: QuotaState) {
	const time = (ms: number) => formatTime(ms, zone);
	const cycleFields = ({ from, to, used, usedBefore, limit, percent, approximate }: MeasuredCycle) => ({
		...{ from: time(from), to: time(to), used, used_before: usedBefore, limit },
		...{ remaining: Math.max(0, limit - used), percent, approximate },
	});
	return {
		agent_id: agent,
		...{ start_day: settings.startDay, tz: settings.zone, zone, counts: settings.counts },
		...{ direction: settings.direction, levels: settings.levels, webhook },
		...cycleFields(cycle),
		forecast: forecast && { used: forecast.used, limit_at: forecast.limitAt === null ? null : time(forecast.limitAt) },
		alerts: alerts.map(({ id, level, raised, used, state, tries, outcome }) => ({
			...{ id, level, at: time(raised), used, delivery: { state, tries, outcome } },
		})),
		past: past.map(cycleFields),
	};
}
