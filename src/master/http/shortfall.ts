// Figures without all that was acknowledged, because the disk is full: they are answered, and say what they lack.
import { type Hindrance, told } from '../store/hindrance.ts';
import type { Store } from '../store/store.ts';
import { type Answer, Refusal } from './answer.ts';
import type { Route } from './route.ts';

/** The route, with an answer that says so where it is short: `X-Waiting`; in JSON `waiting` and a sentence, too. */
export function frank(route: Route, store: Pick<Store, 'lastShort'>): Route {
	return {
		...route,
		handle: async (request) => {
			const before = store.lastShort;
			const short = () => (store.lastShort === before ? null : store.lastShort);
			try {
				const answer = await route.handle(request);
				return 'open' in answer ? answer : saying(answer, short());
			} catch (error) {
				// "There is no such agent": there may be one in what waits.
				const lacks = short();
				if (!lacks || !(error instanceof Refusal)) throw error;
				throw new Refusal(error.status, `${error.message} (${told(lacks)})`, error.headers);
			}
		},
	};
}

function saying(answer: Answer, short: Hindrance | null): Answer {
	if (!short) return answer;
	const { headers, body } = answer;
	const isJson = headers['Content-Type']!.startsWith('application/json');
	return {
		...answer,
		headers: { ...headers, 'X-Waiting': String(short.batches) },
		// Made anew, which is nothing beside the days on which this happens.
		body: isJson ? JSON.stringify({ ...JSON.parse(String(body)), message: told(short), waiting: short.batches }) : body,
	};
}
