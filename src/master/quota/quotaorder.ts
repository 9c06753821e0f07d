// What the server's side asks of the quotas in the vault, as values that travel to its thread, and what comes back.

import type { QuotaChange } from './quota.ts';
import type { AlertNews, DueAlert, Outcome } from './quotaalerts.ts';
import type { QuotaState } from './quotabook.ts';

/** A moment, in ms since the Unix epoch, and the zone of agents that named none. */
export interface Present {
	readonly now: number;
	readonly zone: string;
}

export type QuotaOrder =
	| ({ readonly ask: 'list' } & Present)
	| ({ readonly ask: 'set'; readonly agent: string; readonly change: QuotaChange } & Present)
	| { readonly ask: 'remove'; readonly agent: string }
	/** As if a level were reached now; nothing is raised by it. */
	| ({ readonly ask: 'trial'; readonly agent: string } & Present)
	/** Raises what is reached; answers what no log line has told yet. */
	| ({ readonly ask: 'check' } & Present)
	| { readonly ask: 'logged'; readonly ids: readonly string[] }
	| { readonly ask: 'due'; readonly now: number }
	| { readonly ask: 'settle'; readonly id: string; readonly outcome: Outcome; readonly now: number };

export interface QuotaAnswers {
	readonly list: readonly QuotaState[];
	/** null: there is no agent of that name. */
	readonly set: QuotaState | null;
	/** False: there was none. */
	readonly remove: boolean;
	/** null: this agent has no quota. `webhook`: null = none. */
	readonly trial: (AlertNews & { readonly webhook: string | null }) | null;
	readonly check: readonly AlertNews[];
	readonly logged: null;
	readonly due: DueAlert | null;
	/** True: it was given up. */
	readonly settle: boolean;
}
