// What `/api/v1/quotas` answers.
export interface CycleState {
	/** ISO 8601, with the offset of the quota's zone. */
	readonly from: string;
	readonly to: string;
	readonly used: number;
	readonly used_before: number;
	readonly limit: number;
	readonly remaining: number;
	readonly percent: number;
	readonly approximate: boolean;
}

export interface QuotaAlert {
	readonly level: number;
	readonly at: string;
	readonly delivery: {
		readonly state: 'none' | 'waiting' | 'delivered' | 'failed';
		readonly tries: number;
		readonly outcome: string | null;
	};
}

export type Counts = 'wan' | 'proxy' | 'all';

export interface QuotaState extends CycleState {
	readonly agent_id: string;
	readonly start_day: number;
	/** As it was set; null: the agent's own. */
	readonly tz: string | null;
	/** The one that counts. */
	readonly zone: string;
	readonly counts: Counts;
	readonly direction: 'both' | 'up' | 'down';
	readonly levels: readonly number[];
	/** Its origin. */
	readonly webhook: string | null;
	readonly forecast: { readonly used: number; readonly limit_at: string | null } | null;
	readonly alerts: readonly QuotaAlert[];
	/** The newest first. */
	readonly past: readonly CycleState[];
}
