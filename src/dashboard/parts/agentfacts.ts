// The agents behind the figures of a view: an old one tells of connections alone, which figures about it have to say.
import { ask } from '../client.ts';
import { say } from '../language/language.ts';
import type { Filter } from './filter.ts';

export interface MeantAgents {
	readonly count: number;
	/** Names of those that send no usage. */
	readonly old: readonly string[];
}

const mostNames = 3;

/** Those that the filters leave. */
export async function loadMeant(filters: readonly Filter[], signal: AbortSignal): Promise<MeantAgents> {
	const wanted = filters.find(({ name }) => name === 'agent_id')?.value;
	const all = await ask<{ agent_id: string; sends_usage: boolean }[]>('agents', {}, signal);
	const meant = all.filter(({ agent_id }) => wanted === undefined || agent_id === wanted);
	return { count: meant.length, old: meant.filter((one) => !one.sends_usage).map(({ agent_id }) => agent_id) };
}

/** Nobody counts what no connection showed, nor the line. */
export const onlyOld = ({ count, old }: MeantAgents): boolean => count > 0 && old.length === count;

/** "attic, cabin", or how many. */
export function namesOf(names: readonly string[]): string {
	return names.length <= mostNames ? names.join(', ') : say('so many agents', { count: names.length });
}
