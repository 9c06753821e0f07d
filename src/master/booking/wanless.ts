// Times in which an agent's WAN counters were not known, from what it says of its part `wan`.
import type { AgentHealth } from '../../wire.ts';
import { parseTime } from '../batch/syncbody.ts';
import type { bookingStatements } from './bookingsql.ts';

type Statements = Pick<ReturnType<typeof bookingStatements>, 'lastWanless' | 'setWanless'>;

/** `timestamp` (ms since the Unix epoch) is the body's. The same body again, or an older one, changes nothing. */
export function noteWan(sql: Statements, agent: number, { parts }: AgentHealth, timestamp: number): void {
	const wan = parts.find(({ part }) => part === 'wan');
	const began = parseTime(wan?.since);
	if (!wan || began === null) return;
	const at = Math.floor(timestamp / 1000);
	const since = Math.min(at, Math.floor(began / 1000));
	const last = sql.lastWanless.get(agent);
	if (wan.state === 'up') {
		if (last && !last.over && since >= last.since) {
			sql.setWanless.run(agent, last.since, Math.max(last.until, since), last.why, 1);
		}
		return;
	}
	const why = wan.last_error ?? wan.state;
	if (!last || since > last.until) sql.setWanless.run(agent, since, at, why, 0);
	else if (at > last.until) sql.setWanless.run(agent, last.since, at, why, 0);
}
