// What is now: a stream of server-sent events for whoever looks, and the long request by which agents are woken.
import { type Clock, every } from '../../system/clock.ts';
import { Refusal, success } from './answer.ts';
import type { LiveBoard, LiveState } from './live.ts';
import type { ApiRequest, Route, Stream } from './route.ts';

/** A comment, so that proxies keep the connection open. */
const beatMs = 15_000;

export function liveRoutes(live: LiveBoard, clock: Clock): Route[] {
	return [
		{
			method: 'GET',
			path: '/api/v1/live',
			access: 'reader',
			about: 'Server-sent events: what each agent says of now, while somebody looks once a second',
			parameters: [],
			types: ['text/event-stream'],
			handle: async (): Promise<Stream> => ({
				headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
				open(send) {
					send(': netmon\n\n');
					const leave = live.listen((state: LiveState) => send(`event: live\ndata: ${JSON.stringify(state)}\n\n`));
					if (!leave) send('event: full\ndata: too many listen\n\n');
					const stop = every(clock, beatMs, () => send(': beat\n\n'));
					return () => {
						stop();
						leave?.();
					};
				},
			}),
		},
		{
			method: 'GET',
			path: '/api/v1/wake',
			access: 'agent',
			about: 'Answers when somebody looks, or after 55 s',
			parameters: ['agent_id'],
			handle: async ({ parameters, caller, signal }: ApiRequest) => {
				const agent = parameters.text('agent_id');
				if (caller.agent !== null && agent !== caller.agent)
					throw new Refusal(401, 'this token is not that of this agent');
				return success({ wake: await live.wake(signal) });
			},
		},
	];
}
